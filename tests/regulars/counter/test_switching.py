"""One till, several people: it locks when nobody touches it, and a code opens it for one or for another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars import clock
from tests.conftest import PASSWORD

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff

pytestmark = [pytest.mark.clause("5.6"), pytest.mark.capability(146)]


@pytest.fixture
def with_codes(cashier: Staff, branch: Branch) -> Staff:
    """The cashier has a code, and so has a colleague, who is given back."""
    from regulars.organisation.team.pins import set_pin
    from regulars.organisation.team.services import appoint

    set_pin(staff=cashier, pin="4711")
    colleague = appoint(name="Ling", email="ling@tea.example", password=PASSWORD, role="cashier", branch=branch)
    set_pin(staff=colleague, pin="9080")
    return colleague


def locked(till: Any, path: str = "/counter/") -> bool:
    """Whether a page of the till asks for a code first."""
    answer = till.browser.get(path)
    return bool(answer.status_code == 302 and answer["Location"].startswith("/counter/switch/"))


def test_a_till_that_nobody_touches_locks_itself(till: Any, with_codes: Staff, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        assert not locked(till)
    with clock.turned_to(noon + dt.timedelta(minutes=9)):
        assert not locked(till)
    with clock.turned_to(noon + dt.timedelta(minutes=20)):
        assert locked(till)
        assert locked(till, "/counter/sales/")


def test_without_a_code_nothing_locks(till: Any, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        assert not locked(till)
    with clock.turned_to(noon + dt.timedelta(hours=5)):
        assert not locked(till)
    assert till.browser.post("/counter/lock/").status_code == 302
    assert not locked(till)


def test_whoever_locked_it_opens_it_as_it_was(till: Any, with_codes: Staff, cashier: Staff) -> None:
    address = till.enter("12.5")["HX-Replace-Url"]
    shown = till.browser.post("/counter/lock/", {"next": address})
    page = till.browser.get(shown["Location"]).content.decode()
    assert "This till is locked" in page
    assert "¥12.50" not in page
    wrong = till.browser.post("/counter/switch/", {"who": cashier.public_id, "pin": "0000", "next": address})
    assert wrong.status_code == 422
    assert locked(till)
    opened = till.browser.post("/counter/switch/", {"who": cashier.public_id, "pin": "4711", "next": address})
    assert opened["Location"] == address
    assert "¥12.50" in till.browser.get(address).content.decode()


def test_a_colleague_takes_over_and_the_open_sale_is_put_aside_for_them(
    till: Any, with_codes: Staff, carried: Any, basket: Any
) -> None:
    from regulars.sales.models import Sale

    address = till.post(**basket("12.5"))["HX-Replace-Url"]
    taken = till.browser.post("/counter/switch/", {"who": with_codes.public_id, "pin": "9080", "next": address})
    assert taken["Location"].startswith("/counter/?aside=quo_")
    page = till.browser.get(taken["Location"]).content.decode()
    assert "The sale was put aside." in page
    assert "Bring it back" in page
    again = till.browser.get(address)
    till.post("pay/", **basket("12.5"), **carried(again))
    assert Sale.objects.get().cashier == with_codes


def test_a_locked_till_opens_no_back_office(
    business: Any, branch: Branch, owner: Staff, client_for: Callable[..., Any]
) -> None:
    from regulars.organisation.team.pins import set_pin

    set_pin(staff=owner, pin="4711")
    browser = client_for(business, owner.user)
    browser.post("/counter/place/", {"place": branch.public_id})
    assert browser.post("/counter/lock/").status_code == 302
    assert browser.get("/office/sales/")["Location"] == "/counter/switch/"


def test_htmx_is_sent_to_the_lock_as_a_whole_page(till: Any, with_codes: Staff) -> None:
    till.browser.post("/counter/lock/")
    answer = till.enter("12.5")
    assert answer["HX-Redirect"].startswith("/counter/switch/")
