"""At the till a sale waits for its payment: shown large, asked again by itself, received once, or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from regulars import clock
from regulars.sales.models import Refund, Sale, SaleOnHold

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from regulars.organisation.models import Branch, Staff
    from tenants.models import Business

pytestmark = [pytest.mark.clause("5.3"), pytest.mark.clause("5.6"), pytest.mark.capability(151)]
CODE = "https://qr.example/teahouse"


@pytest.fixture
def by_code(business: Business) -> None:
    """The business has a payment code of its own."""
    from regulars.organisation.services import change

    change(by="", payment_code=CODE, payment_code_name="WeChat Pay")


@pytest.fixture
def waiting(till: Any, by_code: None, carried: Any, basket: Any) -> SaleOnHold:
    """A sale of 36.00 that waits for its payment at the till."""
    page = till.post(**basket("36"))
    assert b"WeChat Pay" in page.content
    answer = till.post("pay/", **basket("36"), **carried(page), payment_source="own_code")
    one = SaleOnHold.objects.get()
    assert answer["HX-Redirect"] == f"/counter/hold/{one.public_id}/"
    return one


def at(one: SaleOnHold, more: str = "") -> str:
    return f"hold/{one.public_id}/{more}"


def test_the_code_is_shown_large_until_the_money_is_there(till: Any, waiting: SaleOnHold) -> None:
    page = till.get(at(waiting)).content.decode()
    assert "¥36.00" in page
    assert 'aria-label="QR code to pay"' in page
    assert f'data-countdown-until-value="{waiting.ends_at:%Y}' in page
    assert 'hx-trigger="every 2s"' in page
    assert till.get(at(waiting, "state/")).status_code == 204
    assert not Sale.objects.exists()
    done = till.post(at(waiting, "received/"))
    sale = Sale.objects.get()
    assert (done["Location"], sale.total, sale.payment_source) == (
        f"/counter/receipt/{sale.public_id}/",
        3_600,
        "own_code",
    )
    assert "WeChat Pay" in till.get(f"receipt/{sale.public_id}/").content.decode()
    assert till.get(at(waiting, "state/"))["HX-Redirect"] == done["Location"]
    assert till.get(at(waiting))["Location"] == till.post(at(waiting, "received/"))["Location"] == done["Location"]
    assert Sale.objects.count() == 1


def test_the_empty_till_finds_it_again_and_paying_twice_waits_once(till: Any, waiting: SaleOnHold, basket: Any) -> None:
    assert f"/counter/hold/{waiting.public_id}/" in till.get().content.decode()
    sent = {"quote": waiting.quote.public_id, "key": waiting.sale_key, "payment_source": "own_code"}
    assert till.post("pay/", **sent)["HX-Redirect"] == f"/counter/hold/{waiting.public_id}/"
    assert SaleOnHold.objects.count() == 1


def test_given_up_it_is_paid_in_cash_under_the_same_key(till: Any, waiting: SaleOnHold, carried: Any) -> None:
    back = till.post(at(waiting, "give-up/"))["Location"]
    page = till.browser.get(back)
    assert b'value="36.00"' in page.content
    till.post("pay/", **{k: v for k, v in carried(page).items() if k != "mark"})
    assert (Sale.objects.get().payment_source, Sale.objects.get().key) == ("cash", waiting.sale_key)
    late = till.post(at(waiting, "received/"))
    assert "Pay this money back" in till.browser.get(late["Location"]).content.decode()
    assert Sale.objects.count() == 1


def test_when_its_time_is_over_the_page_says_so_and_asks_no_more(till: Any, waiting: SaleOnHold) -> None:
    with clock.turned_to(waiting.ends_at):
        assert "HX-Redirect" in till.get(at(waiting, "state/"))
        page = till.get(at(waiting)).content.decode()
    assert "The time to pay is over" in page
    assert "every 2s" not in page


def test_parts_by_code_and_in_cash(till: Any, by_code: None, carried: Any, basket: Any) -> None:
    page = till.post(**basket("36"))
    till.post("pay/", **basket("36"), **carried(page), payment_source="split", part_own_code="20")
    one = SaleOnHold.objects.get()
    assert one.amount == 2_000
    till.post(at(one, "received/"))
    assert {row.source: row.amount for row in Sale.objects.get().payments.all()} == {"cash": 1_600, "own_code": 2_000}


def test_a_hold_of_another_branch_is_none(till: Any, waiting: SaleOnHold, second_branch: Branch) -> None:
    SaleOnHold.objects.update(branch=second_branch)
    for page in (till.get(at(waiting)), till.get(at(waiting, "state/")), till.post(at(waiting, "received/"))):
        assert page.status_code == 404
    assert not Sale.objects.exists()


def test_the_office_lists_money_to_give_back_until_it_is_noted(
    till: Any, waiting: SaleOnHold, business: Business, owner: Staff, client_for: Callable[..., Client]
) -> None:
    from regulars.backoffice.selectors import needs_you

    till.post(at(waiting, "give-up/"))
    till.post(at(waiting, "received/"))
    assert "Payments to give back" in [str(each.label) for each in needs_you(owner)]
    office = client_for(business, owner.user)
    assert "WeChat Pay" in office.get("/office/payments/").content.decode()
    assert office.post("/office/payments/", {"hold": waiting.public_id}).status_code == 302
    assert SaleOnHold.objects.get().state == "paid_back"
    assert office.post("/office/payments/", {"hold": "soh_none"}).status_code in (404, 422)
    assert "Payments to give back" not in [str(each.label) for each in needs_you(owner)]


def test_money_of_another_amount_is_told_at_the_till_and_in_the_office(
    till: Any, waiting: SaleOnHold, business: Business, owner: Staff, client_for: Callable[..., Client]
) -> None:
    from regulars.backoffice.selectors import needs_you
    from regulars.sales.holding import note_paid_back, settle

    odd = settle(hold=waiting, amount=3_000, reference="wx-1")
    page = till.get(at(waiting)).content.decode()
    assert "收到 ¥30.00，应付 ¥36.00。" in page
    assert "Give it back the way it came" in page
    assert 'hx-trigger="every 2s"' in page
    assert [each.count for each in needs_you(owner) if "give back" in str(each.label)] == [1]
    office = client_for(business, owner.user).get("/office/payments/").content.decode()
    assert "wx-1" in office
    assert "¥30.00" in office
    note_paid_back(hold=odd)
    assert "It was paid back." in till.get(at(waiting)).content.decode()
    till.post(at(waiting, "received/"))
    assert Sale.objects.get().total == 3_600


def test_the_code_is_set_with_the_counter(business: Business, owner: Staff, client_for: Callable[..., Client]) -> None:
    from regulars.organisation.selectors import organisation_anew

    office = client_for(business, owner.user)
    sent = {"lock_after": 10, "void_within": 15, "payment_code": CODE, "payment_code_name": "Alipay"}
    assert office.post("/office/settings/counter/", sent).status_code == 302
    assert (organisation_anew().payment_code, organisation_anew().payment_code_name) == (CODE, "Alipay")


def test_it_speaks_chinese(till: Any, waiting: SaleOnHold) -> None:
    till.browser.cookies["language"] = "zh-hans"
    with translation.override("zh-hans"):
        page = till.browser.get(f"/counter/hold/{waiting.public_id}/", headers={"accept-language": "zh-hans"})
    assert "等待付款" in page.content.decode()


def test_a_sale_that_cost_nothing_is_voided_and_its_coupon_comes_back(
    till: Any, branch: Branch, member: Any, cashier: Staff, owner: Staff
) -> None:
    from regulars.loyalty.coupons.models import Coupon, CouponState
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    template = save_template(terms=TemplateTerms(kind="percent", value=10_000, words={"en": "All of it"}))
    coupon = give(member=member, template=template, key="all-of-it-given", by=owner)
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 500)], coupons=[coupon.public_id])
    sale = confirm(quote=made, key="for-nothing-1", cashier=cashier)
    assert sale.total == 0
    assert "Give ¥0.00 back" in till.get(f"sales/{sale.public_id}/void/").content.decode()
    assert till.post(f"sales/{sale.public_id}/void/", key="void-it-now").status_code == 302
    assert (Coupon.objects.get().state, Refund.objects.get().amount) == (CouponState.ISSUED, 0)
    page = till.get(f"sales/{sale.public_id}/").content.decode()
    assert "All of this sale was given back" in page
    assert till.post(f"sales/{sale.public_id}/void/", key="void-it-again").status_code == 409
