"""Who comes in at the counter's door, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale
    from tenants.models import Business

pytestmark = pytest.mark.clause("2.5")


@pytest.mark.parametrize("path", ["", "sales/", "place/", "sales/sal_none/"])
def test_who_is_not_signed_in_signs_in_first_and_comes_back(
    business: Business, client_for: Callable[..., Client], path: str
) -> None:
    answer = client_for(business).get(f"/counter/{path}")
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next=/counter/{path}")


def test_a_part_of_the_page_sends_the_whole_page_to_sign_in(
    business: Business, client_for: Callable[..., Client]
) -> None:
    answer = client_for(business).post("/counter/", {"text": "5"}, headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == "/account/login/?next=/counter/"


@pytest.mark.capability(145)
@pytest.mark.parametrize("path", ["", "sales/", "place/", "change-due/"])
def test_a_member_is_told_that_the_till_is_for_staff(
    business: Business, member: Member, client_for: Callable[..., Client], path: str
) -> None:
    from regulars.people.services import user_for

    answer = client_for(business, user_for(member=member)).get(f"/counter/{path}")
    assert answer.status_code == 403
    assert b"The till is for staff" in answer.content


def test_staff_who_left_are_staff_no_longer(
    business: Business, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    cashier.is_active = False
    cashier.save()
    assert client_for(business, cashier.user).get("/counter/").status_code == 403


def test_in_chinese_the_till_speaks_chinese(
    business: Business, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    page = client_for(business, cashier.user, "zh-hans").get("/counter/").content.decode()
    assert "卡号、手机号、姓名、商品或金额" in page
    assert "可以开始下一单" in page


def test_the_owner_of_several_branches_says_once_where_they_stand(
    business: Business, owner: Staff, branch: Branch, second_branch: Branch, client_for: Callable[..., Client]
) -> None:
    browser = client_for(business, owner.user)
    asked = browser.get("/counter/sales/")
    assert asked["Location"] == "/counter/place/?next=%2Fcounter%2Fsales%2F"
    assert branch.name in browser.get("/counter/place/").content.decode()
    chosen = browser.post("/counter/place/", {"place": second_branch.public_id, "next": "/counter/sales/"})
    assert chosen["Location"] == "/counter/sales/"
    assert second_branch.name in browser.get("/counter/sales/").content.decode()


def test_a_terminal_is_kept_on_the_receipt(
    business: Business, cashier: Staff, branch: Branch, till: Any, basket: Any, carried: Any
) -> None:
    from regulars.organisation.places.services import add_terminal
    from regulars.sales.models import Sale

    terminal = add_terminal(branch=branch, name="Till 1")
    till.browser.post("/counter/place/", {"place": f"{branch.public_id}:{terminal.public_id}"})
    lines = basket("5")
    till.post("pay/", **lines, **carried(till.post(**lines)))
    assert Sale.objects.get().terminal == terminal


@pytest.mark.parametrize("place", ["", "brn_nobody", "' or 1=1 --", "x" * 500, "\x00"])
def test_a_place_that_is_none_is_refused_in_words(
    business: Business,
    owner: Staff,
    branch: Branch,
    second_branch: Branch,
    client_for: Callable[..., Client],
    place: str,
) -> None:
    answer = client_for(business, owner.user).post("/counter/place/", {"place": place})
    assert answer.status_code == 422
    assert b"Choose one of the branches below." in answer.content


def test_a_cashier_cannot_choose_another_branch(till: Any, second_branch: Branch) -> None:
    assert till.browser.post("/counter/place/", {"place": second_branch.public_id}).status_code == 422


def test_choosing_a_place_leads_nowhere_else(till: Any, branch: Branch) -> None:
    chosen = till.browser.post("/counter/place/", {"place": branch.public_id, "next": "https://evil.example/"})
    assert chosen["Location"] == "/counter/"


@pytest.mark.capability(145)
def test_a_cashier_sees_only_the_sales_of_the_own_branch(
    till: Any, branch: Branch, second_branch: Branch, sell: Callable[..., Sale]
) -> None:
    here, there = sell(branch, None, 1_000, "key-of-here"), sell(second_branch, None, 2_000, "key-of-there")
    page = till.get("sales/").content.decode()
    assert here.public_id in page
    assert there.public_id not in page
    assert till.get(f"sales/{here.public_id}/").status_code == 200
    for path in (f"sales/{there.public_id}/", f"receipt/{there.public_id}/"):
        assert till.get(path).status_code == 404
    assert (
        till.post(f"sales/{there.public_id}/refund/", amount="5", reason="x", confirm="1", key="k" * 12).status_code
        == 404
    )
    there.refresh_from_db()
    assert there.refunded_total == 0


def test_another_branchs_quote_is_not_taken_up(till: Any, second_branch: Branch, basket: Any) -> None:
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import quote

    foreign = quote(branch=second_branch, lines=[LineRequest("Secret tea", 777)])
    page = till.get(quote=foreign.public_id)
    assert b"Secret tea" not in page.content
    assert b"not at this till any more" in page.content
    assert till.post("pay/", **basket("7.77"), quote=foreign.public_id, key="k" * 12, mark="x").status_code in (
        409,
        422,
    )


def test_what_modules_add_to_the_menu_is_there(till: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars import hooks, plugins

    asked: list[dict[str, Any]] = []

    def answering(spec: Any, **named: Any) -> list[hooks.MenuItem]:
        asked.append(named)
        return [hooks.MenuItem(label="Lockers", url="/modules/lockers/")] if spec is hooks.menu_items else []

    monkeypatch.setattr(plugins, "ask", answering)
    page = till.get().content.decode()
    assert '<a class="bar-action" href="/modules/lockers/">' in page
    assert (asked[-1]["door"], asked[-1]["staff"].name, asked[-1]["member"]) == ("counter", "Xiao Cashier", None)
