"""The void of the last sale, and the exchange that sets what came back against a new sale."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars import clock

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = [pytest.mark.clause("5.4"), pytest.mark.clause("5.6"), pytest.mark.capability(146)]
KEY = {"key": "a-key-of-voiding"}


def void(till: Any, sale: Sale, **sent: Any) -> Any:
    """Press Void and confirm."""
    return till.browser.post(f"/counter/sales/{sale.public_id}/void/", {**KEY, **sent})


def test_the_last_sale_is_voided_in_one_act_and_leaves_nothing(
    till: Any, programme: None, branch: Branch, member: Member, sell: Callable[..., Sale]
) -> None:
    from regulars.ledger.selectors import balance
    from regulars.sales.models import Refund

    sale = sell(branch, member, 400)
    assert f"/counter/sales/{sale.public_id}/void/" in till.get().content.decode()
    asked = till.get(f"sales/{sale.public_id}/void/").content.decode()
    assert "Void this sale" in asked
    assert "Give ¥4.00 back" in asked
    assert void(till, sale).status_code == 302
    assert void(till, sale).status_code == 302
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, balance(member.wallet)) == (400, "Void sale", 0)


def test_only_the_last_sale_of_a_till_is_voided(till: Any, branch: Branch, sell: Callable[..., Sale]) -> None:
    from regulars.sales.models import Refund

    earlier = sell(branch, None, 300, key="an-earlier-sale")
    sell(branch, None, 400)
    answer = void(till, earlier)
    assert answer.status_code == 409
    assert "Only the last sale of this till" in answer.content.decode()
    assert not Refund.objects.exists()


def test_a_sale_is_voided_only_soon_after_it(
    till: Any, owner: Staff, branch: Branch, sell: Callable[..., Sale]
) -> None:
    from regulars.counter.rules import change_counter_settings
    from regulars.sales.models import Refund

    change_counter_settings(lock_after=0, void_within=5, needs_shift=False, by=owner.public_id)
    with clock.turned_to(clock.now() - dt.timedelta(minutes=6)):
        sale = sell(branch, None, 400)
    assert void(till, sale).status_code == 409
    assert "void/" not in till.get().content.decode()
    assert not Refund.objects.exists()


def test_what_was_given_back_in_part_is_not_voided(
    till: Any, cashier: Staff, branch: Branch, sell: Callable[..., Sale]
) -> None:
    from regulars.sales.services import refund

    sale = sell(branch, None, 400)
    refund(sale=sale, key="a-part-of-it", amount=100, reason="Cold", cashier=cashier)
    answer = void(till, sale)
    assert (answer.status_code, b"given back already" in answer.content) == (409, True)


def test_a_void_beyond_the_limit_asks_for_approval(till: Any, branch: Branch, sell: Callable[..., Sale]) -> None:
    from regulars.organisation.models import Approval
    from regulars.sales.models import Refund

    sale = sell(branch, None, 900_000)
    assert "asked=" in void(till, sale)["Location"]
    assert (Approval.objects.count(), Refund.objects.count()) == (1, 0)


def test_whoever_may_not_void_has_no_button_and_no_door(
    business: Any, branch: Branch, owner: Staff, sell: Callable[..., Sale], client_for: Callable[..., Any]
) -> None:
    from regulars.organisation.team.services import appoint, save_custom_role

    role = save_custom_role(by=owner, name="Seller", codes=["counter.sell", "counter.refund"])
    person = appoint(
        name="Seller", email="seller@tea.example", role="custom", custom_role=role, branch=branch, appointed_by=owner
    )
    sale = sell(branch, None, 400)
    browser = client_for(business, person.user)
    assert "void/" not in browser.get("/counter/").content.decode()
    assert browser.post(f"/counter/sales/{sale.public_id}/void/", KEY).status_code == 403


def test_an_exchange_gives_back_and_sets_it_against_a_new_sale(
    till: Any, branch: Branch, member: Member, sell: Callable[..., Sale], basket: Any
) -> None:
    from regulars.sales.models import Refund

    sale = sell(branch, member, 400)
    sent = {"confirm": "1", "amount": "4", "reason": "Wrong size", "key": "a-key-of-exchange", "exchange": "1"}
    answer = till.browser.post(f"/counter/sales/{sale.public_id}/refund/", sent)
    credit = Refund.objects.get().public_id
    assert answer["Location"] == f"/counter/?credit={credit}&member={member.public_id}"
    assert f"¥4.00 of receipt {sale.number} was given back" in till.browser.get(answer["Location"]).content.decode()
    dearer = till.post(**basket("10", credit=credit)).content.decode()
    assert "After the exchange: ¥6.00 to pay" in dearer
    cheaper = till.post(**basket("1", credit=credit))
    assert "After the exchange: ¥3.00 to the customer" in cheaper.content.decode()
    assert f"credit={credit}" in cheaper["HX-Replace-Url"]


def exchanged(till: Any, sale: Sale, amount: str) -> str:
    """Give something of a sale back for an exchange; gives what is set against the next."""
    from regulars.sales.models import Refund

    sent = {"confirm": "1", "amount": amount, "reason": "Wrong size", "key": f"exchange-of-{amount}", "exchange": "1"}
    assert till.browser.post(f"/counter/sales/{sale.public_id}/refund/", sent).status_code == 302
    return str(Refund.objects.get().public_id)


@pytest.mark.parametrize(
    ("price", "english", "chinese"),
    [
        ("60", "Take ¥45.00", "收款 ¥45.00"),
        ("15", "Exchange evenly", "等价换货"),
        ("10", "Give ¥5.00 back", "退款 ¥5.00"),
    ],
)
def test_the_key_of_an_exchange_says_what_is_really_to_pay(
    till: Any, branch: Branch, sell: Callable[..., Sale], basket: Any, price: str, english: str, chinese: str
) -> None:
    credit = exchanged(till, sell(branch, None, 1_500), "15")
    for language, words in (("en", english), ("zh-hans", chinese)):
        till.browser.cookies["language"] = language
        page = till.post(**basket(price, credit=credit)).content.decode()
        key = re.search(r'<button[^>]*value="cash"[^>]*>(.*?)</button>', page, re.S)
        assert key
        assert words in key[1]
        assert ('id="received"' in page, 'value="card"' in page) == (price == "60", price == "60")


def test_the_cash_of_an_exchange_is_counted_against_the_difference(
    till: Any, branch: Branch, sell: Callable[..., Sale], basket: Any, carried: Any
) -> None:
    from regulars.counter.receipts import change_of
    from regulars.sales.models import Sale

    credit = exchanged(till, sell(branch, None, 1_500), "15")
    sent = basket("60", credit=credit)
    priced = carried(till.post(**sent))
    asked = {"quote": priced["quote"], "credit": credit}
    assert "Change ¥5.00" in till.get("change-due/", received="50", **asked).content.decode()
    assert "¥5.00 short" in till.get("change-due/", received="40", **asked).content.decode()
    refused = till.post("pay/", received="40", **sent, **priced)
    assert "Enter at least ¥45.00." in refused.content.decode()
    assert till.post("pay/", received="50", **sent, **priced).status_code == 302
    sale = Sale.objects.get(total=6_000)
    assert (sale.payment_source, change_of(sale)) == ("cash", 500)


@pytest.mark.parametrize(
    ("before", "now", "cash", "card"),
    [
        ("cash", "cash", 6_000, 0),
        ("cash", "card", 1_500, 4_500),
        ("card", "cash", 4_500, 1_500),
        ("card", "card", 0, 6_000),
    ],
)
def test_an_exchange_takes_only_the_difference_whatever_it_was_and_is_paid_with(
    till: Any, branch: Branch, cashier: Staff, basket: Any, carried: Any, before: str, now: str, cash: int, card: int
) -> None:
    from regulars.counter.shifts.selectors import figures_of
    from regulars.counter.shifts.services import open_shift
    from regulars.sales.models import Refund
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    shift = open_shift(branch=branch, terminal=None, opening_float=0, by=cashier, key="a-shift-of-exchange")
    priced = quote(branch=branch, lines=[LineRequest("Tea", 1_500)])
    sale = confirm(quote=priced, key="what-was-wrong", cashier=cashier, payment_source=before)
    sent = basket("60", credit=exchanged(till, sale, "15"))
    assert till.post("pay/", payment_source=now, **sent, **carried(till.post(**sent))).status_code == 302
    figures, went_back = figures_of(shift), Refund.objects.get().paid_back if before == "card" else 0
    assert (figures.expected, figures.sources.get("card", 0) - went_back) == (cash, card)


def test_an_exchange_is_put_aside_with_its_sale_and_handed_over_with_it(
    till: Any, branch: Branch, sell: Callable[..., Sale], basket: Any
) -> None:
    from regulars.counter.views.switch import _open_sale

    credit = exchanged(till, sell(branch, None, 1_500), "15")
    address = till.post(**basket("60", credit=credit))["HX-Replace-Url"]
    left = _open_sale(address)
    assert left["credit"] == credit
    aside = till.get(**left).content.decode()
    assert "Exchange:" not in aside
    back = re.search(r'href="(/counter/\?quote=[^"]*)"', aside)
    assert back
    assert "Take ¥45.00" in till.browser.get(back[1].replace("&amp;", "&")).content.decode()
    assert _open_sale(f"/counter/?credit={credit}") == {"credit": credit}


def test_an_exchange_that_is_paid_is_over(
    till: Any, branch: Branch, sell: Callable[..., Sale], basket: Any, carried: Any
) -> None:
    credit = exchanged(till, sell(branch, None, 1_500), "15")
    sent = basket("60", credit=credit)
    shown = till.post(**sent)
    assert till.post("pay/", **sent, **carried(shown)).status_code == 302
    again = till.browser.get(shown["HX-Replace-Url"]).content.decode()
    assert "This sale was paid at" in again
    assert "Exchange:" not in again


def test_a_credit_of_another_branch_or_day_is_none(
    till: Any, second_branch: Branch, sell: Callable[..., Sale], owner: Staff, basket: Any
) -> None:
    from regulars.sales.services import refund

    other = sell(second_branch, None, 400, key="a-sale-over-there")
    given = refund(sale=other, key="given-back-there", amount=400, reason="Cold", cashier=owner)
    assert "After the exchange" not in till.post(**basket("10", credit=given.public_id)).content.decode()


@pytest.fixture
def rich_sale(programme: None, cashier: Staff, owner: Staff, branch: Branch, member: Member) -> Sale:
    """Paid with 1,000 points, a coupon and cash: 100.00, less 5.00, less 10.00."""
    from regulars.ledger.services import adjust
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template
    from regulars.loyalty.points.gifts import change_points_settings
    from regulars.people.selectors import member_by_public_id
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    change_points_settings(by="", hundred_worth=100)
    adjust(wallet=member.wallet, asset="points", amount=1_000, key="points-to-pay", reason="Gift", actor="")
    template = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Five off"}), by="")
    coupon = give(member=member, template=template, key="a-coupon", by=owner)
    buyer = member_by_public_id(member.public_id)
    lines = [LineRequest("Tea", 10_000)]
    priced = quote(branch=branch, member=buyer, lines=lines, coupons=[coupon.public_id], points=1_000)
    return confirm(quote=priced, key="a-rich-sale", cashier=cashier)


def facts(answer: Any) -> dict[str, str]:
    """What the preview says, by its words."""
    found = re.findall(r"<dt[^>]*>(.*?)</dt><dd>(.*?)</dd>", answer.content.decode(), re.S)
    return {said: re.sub(r"<[^>]+>", "", told) for said, told in found}


@pytest.mark.capability(85)
def test_a_whole_refund_says_first_what_comes_back_of_points_and_coupons_and_does_exactly_that(
    till: Any, rich_sale: Sale, member: Member
) -> None:
    from regulars.ledger.selectors import balance
    from regulars.loyalty.models import Coupon

    told = facts(till.get(f"sales/{rich_sale.public_id}/void/"))
    assert told["Money to the customer"] == "¥85.00"
    assert told["Points given back"] == "1,000"
    assert told["Coupons given back"] == "Five off"
    assert told["Points taken back"] == "8"
    assert void(till, rich_sale).status_code == 302
    assert balance(member.wallet) == 1_000
    assert Coupon.objects.get().state == "issued"


def test_a_part_says_which_points_come_back_and_no_coupon(till: Any, rich_sale: Sale) -> None:
    asked = {"by": "amount", "amount": "47.5", "reason": "Cold"}
    told = facts(till.browser.post(f"/counter/sales/{rich_sale.public_id}/refund/", asked))
    assert told["Money to the customer"] == "¥42.50"
    assert told["Points given back"] == "500"
    assert "Coupons given back" not in told
