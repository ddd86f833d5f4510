"""S3 and S4: one sale refunded by two at once, and one request sent ten times at once under one key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.db.models import Sum

from regulars import sql_functions
from regulars.errors import KeyUsedBefore
from regulars.ledger import services as ledger
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import balance
from regulars.ledger.services import Leg, post
from regulars.operations.models import OutboxEvent
from regulars.people.models import Member
from regulars.sales import services
from regulars.sales.models import Quote, Refund, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off, waiting_for_each_other

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = pytest.mark.storm
SALES = sized(8, 500)
TOGETHER = 10

BEFORE_IS_FREE = ("AND refunded_total = (document->>'refunded_before')::bigint", "")
MORE_THAN_LEFT = ("AND refunded_total + (refund->>'amount')::bigint <= total", "")
PART_BEFORE = ("AND taken_back = part.before AND part.after BETWEEN part.before AND points", "")
KEY_FIRST = "RETURNING id INTO this;\n    IF this IS NULL THEN\n        SELECT id, request_hash"
ONE_SALE_PER_KEY = (f"ON CONFLICT (key) DO NOTHING {KEY_FIRST}", KEY_FIRST)
ONE_PLAIN_SALE_PER_KEY = ("ON CONFLICT (key) DO NOTHING;", ";")


@dataclass(frozen=True)
class Shop:
    """An open business with somebody who buys."""

    business: Business
    buyer: Member

    def quoted(self, price: int = 12000) -> Quote:
        """A basket with its price."""
        from regulars.organisation.models import Branch

        with business_context(self.business):
            branch = Branch.objects.order_by("id")[0]
            return quote(branch=branch, member=self.buyer, lines=[LineRequest("Kettle", price)])

    def sold(self) -> Sale:
        """A sale to this buyer."""
        made = self.quoted()
        with business_context(self.business):
            return confirm(quote=made, key=secrets.token_hex(8), cashier=None)

    def points(self) -> int:
        """What the buyer has now."""
        with business_context(self.business):
            return balance(self.buyer.wallet)


@pytest.fixture
def shop(open_business: Callable[..., Business]) -> Shop:
    """A shop of its own, committed for real."""
    business = open_business()
    with business_context(business):
        buyer = new_member()
    return Shop(business, buyer)


def refund_twice(crowd: Crowd, sale: Sale, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Two give the same sale back; both have looked at what is left before either acts."""
    with monkeypatch.context() as patch:
        patch.setattr("regulars.sales.services.call", waiting_for_each_other(sql_functions.call, 2))
        return crowd.at_once(
            [lambda: refund(sale=sale, key=secrets.token_hex(8), reason="returned", cashier=None) for _ in range(2)]
        )


@pytest.mark.clause("2.5")
@pytest.mark.clause("4.1")
def test_of_two_refunds_at_once_one_wins(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with Crowd(shop.business, 2) as crowd:
        for _ in range(SALES):
            sale = shop.sold()
            answers = refund_twice(crowd, sale, monkeypatch)
            assert len(successes(answers)) == 1
            assert refusals(answers) == ["StaleQuote"]
    with business_context(shop.business):
        assert Refund.objects.count() == SALES
        assert Refund.objects.aggregate(all=Sum("amount"))["all"] == Sale.objects.aggregate(all=Sum("total"))["all"]
    assert shop.points() == 0


def test_without_its_conditions_a_sale_is_refunded_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = shop.sold()
    limits = ["sales_sale.sales_sale_refunded", "sales_sale.sales_sale_points"]
    with (
        switched_off(shop.business, "sales/sql/sale.sql", BEFORE_IS_FREE, MORE_THAN_LEFT, constraints=limits),
        switched_off(shop.business, "loyalty/sql/awards.sql", PART_BEFORE),
        Crowd(shop.business, 2) as crowd,
    ):
        answers = refund_twice(crowd, sale, monkeypatch)
    assert len(successes(answers)) == 2


@pytest.mark.clause("2.5")
@pytest.mark.parametrize("before", [0, 1], ids=["the first of a member", "a plain one"])
def test_a_sale_confirmed_ten_times_at_once_under_one_key_is_one_sale(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    for _ in range(before):
        shop.sold()
    earlier = shop.points()
    made, key = shop.quoted(), secrets.token_hex(8)
    monkeypatch.setattr(services, "_posted_plainly", waiting_for_each_other(services._posted_plainly, TOGETHER))
    with Crowd(shop.business, TOGETHER) as crowd:
        answers = crowd.at_once([lambda: confirm(quote=made, key=key, cashier=None) for _ in range(TOGETHER)])
    assert refusals(answers) == []
    assert len({sale.public_id for sale in answers}) == 1
    with business_context(shop.business):
        assert Sale.objects.count() == before + 1
        assert Transaction.objects.filter(kind="sale").count() == before + 1
        assert OutboxEvent.objects.filter(name="sale_posted").count() == before + 1
    assert shop.points() - earlier == answers[0].points_earned > 0


@pytest.mark.clause("2.5")
def test_a_key_used_for_another_sale_is_refused(shop: Shop) -> None:
    first, other, key = shop.quoted(), shop.quoted(500), secrets.token_hex(8)
    with Crowd(shop.business, 2) as crowd:
        answers = crowd.at_once([lambda q=q: confirm(quote=q, key=key, cashier=None) for q in (first, other)])  # type: ignore[misc]
    assert len(successes(answers)) == 1
    assert refusals(answers) == ["KeyUsedBefore"]
    with business_context(shop.business):
        assert Sale.objects.count() == 1


@pytest.mark.parametrize("before", [0, 1], ids=["the first of a member", "a plain one"])
def test_without_its_key_one_sale_is_confirmed_more_than_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    for _ in range(before):
        shop.sold()
    made, key = shop.quoted(), secrets.token_hex(8)
    unkeyed = ["sales_sale.sales_sale_key"]
    monkeypatch.setattr(services, "_posted_plainly", waiting_for_each_other(services._posted_plainly, TOGETHER))
    with (
        switched_off(shop.business, "sales/sql/sale.sql", ONE_SALE_PER_KEY, constraints=unkeyed),
        switched_off(shop.business, "sales/sql/kept.sql", ONE_PLAIN_SALE_PER_KEY),
        Crowd(shop.business, TOGETHER) as crowd,
    ):
        crowd.at_once([lambda: confirm(quote=made, key=key, cashier=None) for _ in range(TOGETHER)])
    with business_context(shop.business):
        assert Sale.objects.count() > before + 1


@pytest.mark.clause("2.5")
@pytest.mark.parametrize("amount", [None, 2500], ids=["all", "a part"])
def test_a_refund_sent_ten_times_at_once_under_one_key_is_one_refund(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, amount: int | None
) -> None:
    sale, key = shop.sold(), secrets.token_hex(8)
    monkeypatch.setattr("regulars.sales.services.call", waiting_for_each_other(sql_functions.call, TOGETHER))

    def give_back() -> Refund:
        return refund(sale=sale, key=key, amount=amount, reason="returned", cashier=None)

    with Crowd(shop.business, TOGETHER) as crowd:
        answers = crowd.at_once([give_back] * TOGETHER)
    assert refusals(answers) == []
    assert len({answer.public_id for answer in answers}) == 1
    with business_context(shop.business):
        assert Refund.objects.count() == 1
        sale.refresh_from_db()
    assert sale.refunded_total == (amount or sale.total)


def test_a_refund_repeated_in_any_moment_gets_the_first_answer(shop: Shop) -> None:
    with Crowd(shop.business, 4) as crowd:
        for _ in range(sized(5, 100)):
            sale, key = shop.sold(), secrets.token_hex(8)

            def give_back(sale: Sale = sale, key: str = key) -> Refund:
                return refund(sale=sale, key=key, reason="returned", cashier=None)

            answers = crowd.at_once([give_back] * 4)
            assert refusals(answers) == []
            assert len({answer.public_id for answer in answers}) == 1


def test_a_key_used_for_another_refund_is_refused(shop: Shop) -> None:
    sale, key = shop.sold(), secrets.token_hex(8)
    with business_context(shop.business):
        refund(sale=sale, key=key, amount=100, reason="returned", cashier=None)
        with pytest.raises(KeyUsedBefore):
            refund(sale=sale, key=key, amount=200, reason="returned", cashier=None)
        assert Refund.objects.count() == 1


def test_a_posting_sent_ten_times_at_once_is_one_posting(shop: Shop) -> None:
    leg = Leg(wallet=shop.buyer.wallet_id, asset="points", amount=7, house="points.adjusted")
    with Crowd(shop.business, TOGETHER) as crowd:
        answers = crowd.at_once([lambda: post(key="one-and-the-same", kind="adjustment", legs=[leg])] * TOGETHER)
    assert refusals(answers) == []
    assert len({answer.transaction for answer in answers}) == 1
    assert [answer.is_repeated for answer in answers].count(False) == 1
    assert shop.points() == 7


def test_of_many_who_undo_one_posting_under_keys_of_their_own_one_wins(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = Leg(wallet=shop.buyer.wallet_id, asset="points", amount=7, house="points.adjusted")
    with business_context(shop.business):
        gift = Transaction.objects.get(pk=post(key="the-gift", kind="adjustment", legs=[leg]).transaction)
    monkeypatch.setattr("regulars.ledger.services.call", waiting_for_each_other(sql_functions.call, 3))
    with Crowd(shop.business, 3) as crowd:
        undo = [lambda key=key: ledger.reverse(original=gift, key=key, reason="") for key in ("one", "two", "three")]
        answers = crowd.at_once(undo)
    assert refusals(answers) == ["UndoneBefore", "UndoneBefore"]
    assert shop.points() == 0
