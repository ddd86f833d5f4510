"""One basket is sold once: after a reload, in two tabs, and when the answer to a confirmation was lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from regulars.organisation.models import Branch
    from regulars.sales.models import Sale

pytestmark = [pytest.mark.clause("5.6"), pytest.mark.capability(167)]


def test_a_basket_that_was_paid_is_not_payable_after_a_reload(till: Any, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale as Sales

    lines = basket("12")
    priced = till.post(**lines)
    address = priced["HX-Replace-Url"].removeprefix("/counter/")
    assert till.post("pay/", **lines, **carried(priced)).status_code == 302
    again = till.get(address).content.decode()
    assert f"receipt {Sales.objects.get().number}" in again
    assert 'name="payment_source"' not in again


def test_a_second_tab_with_the_same_basket_comes_to_the_receipt(till: Any, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale as Sales

    lines = basket("12")
    priced = till.post(**lines)
    other_tab = till.get(priced["HX-Replace-Url"].removeprefix("/counter/"))
    assert carried(other_tab)["key"] == carried(priced)["key"]
    till.post("pay/", **lines, **carried(priced))
    answer = till.post("pay/", **lines, **carried(other_tab))
    assert answer["Location"] == f"/counter/receipt/{Sales.objects.get().public_id}/?again=before"
    assert "This sale was paid already" in till.browser.get(answer["Location"]).content.decode()


def test_the_key_of_a_sale_stays_through_its_changes_and_the_next_sale_has_another(
    till: Any, basket: Any, carried: Any
) -> None:
    lines = basket("12")
    first = carried(till.post(**lines))["key"]
    changed = till.post("change/", **basket("12", "30"), sale=first)
    assert carried(changed)["key"] == first
    assert carried(till.get())["key"] != first


def test_what_became_of_a_confirmation_whose_answer_was_lost(till: Any, basket: Any, carried: Any) -> None:
    from regulars.sales.models import Sale as Sales

    lines = basket("12")
    sent = {**lines, **carried(till.post(**lines))}
    assert "Nothing was posted, press Enter again." in till.get("went/", key=sent["key"]).content.decode()
    till.post("pay/", **sent)
    words = till.get("went/", key=sent["key"]).content.decode()
    assert re.search(r"The sale went through at .+, receipt " + Sales.objects.get().number, words)
    receipt = till.browser.get(till.post("pay/", **sent)["Location"]).content.decode()
    assert "It counts once." in receipt


def test_the_key_of_another_branch_tells_nothing(till: Any, second_branch: Branch, sell: Callable[..., Sale]) -> None:
    sell(second_branch, None, 500, key="a-key-of-another-branch")
    assert "Nothing was posted" in till.get("went/", key="a-key-of-another-branch").content.decode()
