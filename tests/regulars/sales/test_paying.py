"""A sale is paid with one thing or several, points among them; a refund goes back to each, to the same lots."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, NotEnough, StaleQuote
from regulars.ledger.books import faults
from regulars.ledger.models import Lot, Posting
from regulars.ledger.selectors import balance
from regulars.ledger.services import Leg, post
from regulars.loyalty.models import PointsRule
from regulars.loyalty.points.gifts import change_points_settings
from regulars.sales.models import Sale, SalePayment
from regulars.sales.offset import payable
from regulars.sales.paying import Payment
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

pytestmark = [pytest.mark.clause("5.3"), pytest.mark.capability(71), pytest.mark.capability(151)]

TEA = [LineRequest("Tea", 10_000)]


@pytest.fixture
def one_point_per_ten(business):
    """One point per 10.00; 100 points are worth 1.00 and pay at most half of a sale."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    change_points_settings(by="", hundred_worth=100)
    cache.clear()


@pytest.fixture
def saver(member, one_point_per_ten):
    """A member with 3,000 points that end in ten days and 4,000 that never do."""
    soon = clock.now() + dt.timedelta(days=10)
    for points, until in ((3_000, soon), (4_000, None)):
        leg = Leg(wallet=member.wallet_id, asset="points", amount=points, house="points.issued", expires_at=until)
        post(key=f"given-{points}", kind="gift", legs=[leg])
    return member


def lots_of(member):
    return {lot.amount: lot.remaining for lot in Lot.objects.filter(account__wallet=member.wallet)}


@pytest.mark.django_db
class TestSeveralPayments:
    def test_a_sale_is_paid_with_cash_and_card(self, branch, member):
        made = quote(branch=branch, member=member, lines=TEA)
        parts = [
            Payment(source="cash", amount=4_000, received=5_000),
            Payment(source="card", amount=6_000, reference="slip 7"),
        ]
        sale = confirm(quote=made, key="cash-and-card", cashier=None, payments=parts)
        assert (sale.total, sale.payment_source) == (10_000, "split")
        rows = [(row.source, row.amount, row.received, row.reference) for row in sale.payments.all()]
        assert rows == [("cash", 4_000, 5_000, ""), ("card", 6_000, 0, "slip 7")]

    def test_one_payment_from_outside_needs_no_row(self, branch, member):
        made = quote(branch=branch, member=member, lines=TEA)
        sale = confirm(quote=made, key="card-alone", cashier=None, payment_source="card")
        assert sale.payment_source == "card"
        assert not sale.payments.exists()

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ([Payment(source="cash", amount=9_999)], "payments"),
            ([Payment(source="cash", amount=10_000), Payment(source="card", amount=1)], "payments"),
            ([Payment(source="cash", amount=10_001), Payment(source="card", amount=-1)], "payments"),
            ([Payment(source="cash", amount=10_000, received=9_000)], "received"),
            ([Payment(source="barter", amount=10_000)], "payment_source"),
            ([], "payments"),
        ],
    )
    def test_payments_that_are_not_the_whole_are_refused(self, branch, member, parts, field):
        made = quote(branch=branch, member=member, lines=TEA)
        with pytest.raises(InvalidInput) as refused:
            confirm(quote=made, key="not-the-whole", cashier=None, payments=parts)
        assert refused.value.field == field
        assert not Sale.objects.exists()

    def test_the_same_key_with_other_payments_is_refused(self, branch, member):
        made = quote(branch=branch, member=member, lines=TEA)
        cash = [Payment(source="cash", amount=10_000)]
        first = confirm(quote=made, key="paid-once", cashier=None, payments=cash)
        assert confirm(quote=made, key="paid-once", cashier=None, payments=cash).pk == first.pk
        with pytest.raises(KeyUsedBefore):
            confirm(quote=made, key="paid-once", cashier=None, payments=[Payment(source="card", amount=10_000)])

    def test_a_refund_goes_back_to_each_payment_in_proportion(self, branch, member):
        made = quote(branch=branch, member=member, lines=TEA)
        parts = [Payment(source="cash", amount=3_333), Payment(source="card", amount=6_667)]
        sale = confirm(quote=made, key="by-thirds", cashier=None, payments=parts)
        for number, amount in enumerate((3_333, 3_333, 3_334)):
            done = refund(sale=sale, key=f"by-thirds-{number}", amount=amount, reason="", cashier=None)
            assert sum(part["amount"] for part in done.payments) == amount == done.paid_back
        assert [row.refunded for row in sale.payments.all()] == [3_333, 6_667]


@pytest.mark.django_db
class TestPointsPay:
    def test_points_pay_a_part_and_what_they_pay_earns_nothing(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA, points=3_500)
        assert made.content["offset"] == {"points": 3_500, "amount": 3_500}
        assert made.content["points"] == 6  # of 65.00
        sale = confirm(quote=made, key="points-pay", cashier=None)
        assert (sale.total, sale.payment_source, sale.points_earned) == (10_000, "split", 6)
        rows = [(row.source, row.amount, row.asset, row.units) for row in sale.payments.all()]
        assert rows == [("points", 3_500, "points", 3_500), ("cash", 6_500, "", 0)]
        assert lots_of(saver) == {3_000: 0, 4_000: 3_500, 6: 6}
        assert balance(saver.wallet) == 3_506
        assert faults() == []

    def test_refunded_by_thirds_everything_is_as_it_was(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA, points=3_500)
        sale = confirm(quote=made, key="points-pay", cashier=None)
        for number, amount in enumerate((3_333, 3_333, 3_334)):
            refund(sale=sale, key=f"by-thirds-{number}", amount=amount, reason="", cashier=None)
            assert faults() == []
        assert lots_of(saver) == {3_000: 3_000, 4_000: 4_000, 6: 0}
        assert balance(saver.wallet) == 7_000
        assert SalePayment.objects.get(source="points").refunded == 3_500

    def test_points_of_a_lot_that_ended_come_back_with_days_of_grace(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA, points=3_000)
        sale = confirm(quote=made, key="points-pay", cashier=None)
        later = clock.now() + dt.timedelta(days=20)
        with clock.turned_to(later):
            refund(sale=sale, key="late-refund", reason="", cashier=None)
            back = Lot.objects.filter(account__wallet=saver.wallet, amount=3_000).latest("pk")
            assert back.remaining == 3_000
            assert back.expires_at == later + dt.timedelta(days=30)

    def test_half_of_a_sale_is_the_most_and_a_hundred_the_least(self, branch, saver):
        assert payable(member=saver, branch=branch, total=10_000).most == 5_000
        for points in (5_001, 99):
            with pytest.raises(InvalidInput, match="From 100 to 5,000 points"):
                quote(branch=branch, member=saver, lines=TEA, points=points)

    @pytest.mark.parametrize("settings", [{"offset_share": 0}, {"hundred_worth": 0}])
    def test_where_points_never_pay_it_says_so(self, branch, saver, settings):
        change_points_settings(by="", **settings)
        with pytest.raises(InvalidInput, match="cannot pay") as refused:
            quote(branch=branch, member=saver, lines=TEA, points=500)
        assert refused.value.field == "points"

    def test_a_guest_has_no_points_to_pay_with(self, branch, one_point_per_ten):
        with pytest.raises(InvalidInput):
            quote(branch=branch, lines=TEA, points=500)

    def test_a_card_lost_between_price_and_payment_posts_nothing(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA, points=5_000)
        saver.cards.update(state="lost")
        with pytest.raises(InvalidInput, match="reported lost"):
            confirm(quote=made, key="points-pay", cashier=None)
        assert not Sale.objects.exists()

    def test_a_lost_card_spends_nothing_and_earns_on(self, branch, saver):
        saver.cards.update(state="lost")
        for spending in ({"points": 5_000}, {"coupons": ["ANY"]}):
            with pytest.raises(InvalidInput, match="reported lost"):
                quote(branch=branch, member=saver, lines=TEA, **spending)
        plain = quote(branch=branch, member=saver, lines=TEA)
        assert confirm(quote=plain, key="earns-on", cashier=None).points_earned == 10

    def test_points_spent_meanwhile_are_refused_and_nothing_is_posted(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA, points=5_000)
        leg = Leg(wallet=saver.wallet_id, asset="points", amount=-6_000, house="points.spent")
        post(key="spent-meanwhile", kind="spending", legs=[leg])
        with pytest.raises((InvalidInput, StaleQuote, NotEnough)):
            confirm(quote=made, key="points-pay", cashier=None)
        assert not Sale.objects.exists()
        assert not Posting.objects.filter(transaction__kind="sale.payment").exists()
