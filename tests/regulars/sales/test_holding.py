"""A sale waits on hold for a payment that settles later: reserved without a lock, sold once at the promised price."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.errors import HoldEnded, InvalidInput, KeyUsedBefore, NotEnough, StaleQuote
from regulars.ledger.books import faults
from regulars.ledger.models import Lot
from regulars.ledger.selectors import balance, spendable
from regulars.ledger.services import Leg, post
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import PointsRule
from regulars.loyalty.points.gifts import change_points_settings
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.organisation import services as organisation
from regulars.sales import holding
from regulars.sales.clearing import forget_quotes
from regulars.sales.holding import PaidBefore, end_due, give_up, hold, next_end, note_paid_back, settle
from regulars.sales.models import Quote, Sale, SaleOnHold
from regulars.sales.paying import OWN_CODE, Payment
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

pytestmark = [pytest.mark.clause("5.3"), pytest.mark.capability(151), pytest.mark.django_db]

TEA = [LineRequest("Tea", 10_000)]
CODE = "https://qr.example/teahouse"


@pytest.fixture
def own_code(business):
    """The business has a payment code of its own."""
    organisation.change(by="", payment_code=CODE, payment_code_name="WeChat Pay")


@pytest.fixture
def saver(member, own_code):
    """A member with 7,000 points; one point per 10.00, 100 points are worth 1.00."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    change_points_settings(by="", hundred_worth=100)
    cache.clear()
    leg = Leg(wallet=member.wallet_id, asset="points", amount=7_000, house="points.issued")
    post(key="given-7000", kind="gift", legs=[leg])
    return member


@pytest.fixture
def ten_off(saver, owner):
    """A coupon of the member's: ten off."""
    template = save_template(terms=TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}))
    return give(member=saver, template=template, key="ten-off-given", by=owner)


@pytest.fixture
def edition(branch):
    """A limited edition of three."""
    from regulars.catalogue.models import Product

    return Product.objects.create(words={"en": "Moon cake"}, price=5_000, currency="CNY", stock=3, sku="MOON")


def by_code(amount, source=OWN_CODE):
    return [Payment(source=source, amount=amount)]


def held(made, key="on-hold-one", **more):
    to_pay = made.content["total"] - made.content["offset"]["amount"]
    return hold(quote=made, key=key, payments=by_code(to_pay), cashier=None, **more)


def later(one, **over):
    return one.ends_at + dt.timedelta(**over)


class TestHold:
    def test_it_waits_and_nothing_is_posted(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        one = held(made)
        assert (one.state, one.amount, one.source, one.currency) == ("waiting", 10_000, OWN_CODE, "CNY")
        assert one.ends_at - one.held_at == dt.timedelta(minutes=10)
        assert one.shown == {"label": "WeChat Pay", "code": CODE}
        assert not Sale.objects.exists()

    def test_in_a_practice_place_nobody_is_shown_the_real_code(self, branch, saver):
        from regulars.organisation.models import Organisation

        Organisation.objects.update(is_practice=True)
        cache.clear()
        assert held(quote(branch=branch, member=saver, lines=TEA)).shown["code"] == "practice"

    def test_the_same_key_is_the_same_hold_and_another_request_is_refused(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        assert held(made).pk == held(made).pk
        with pytest.raises(KeyUsedBefore):
            held(quote(branch=branch, member=saver, lines=TEA))
        assert SaleOnHold.objects.count() == 1

    def test_a_quote_waits_once(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        held(made)
        with pytest.raises(StaleQuote, match="waits for its payment already"):
            held(made, key="on-hold-two")

    @pytest.mark.parametrize(
        ("payments", "field"),
        [
            (by_code(9_999), "payments"),
            (by_code(10_000, "barter"), "payment_source"),
            (by_code(10_000, "cash"), "payment_source"),
            ([*by_code(5_000), *by_code(5_000)], "payment_source"),
            ([], "payments"),
        ],
    )
    def test_what_cannot_wait_is_refused(self, branch, saver, payments, field):
        made = quote(branch=branch, member=saver, lines=TEA)
        with pytest.raises(InvalidInput) as refused:
            hold(quote=made, key="on-hold-one", payments=payments, cashier=None)
        assert refused.value.field == field
        assert not SaleOnHold.objects.exists()

    def test_a_price_that_is_over_is_not_held(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        with clock.turned_to(made.expires_at), pytest.raises(StaleQuote):
            held(made)

    def test_without_a_code_it_is_not_offered(self, branch, member):
        with pytest.raises(InvalidInput, match="not offered"):
            held(quote(branch=branch, member=member, lines=TEA))

    def test_what_settles_later_is_not_confirmed_at_once(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        with pytest.raises(InvalidInput, match="known later"):
            confirm(quote=made, key="at-once-now", cashier=None, payment_source=OWN_CODE)


class TestReservations:
    def test_a_coupon_is_set_aside_and_free_again(self, branch, saver, ten_off):
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code]))
        assert Coupon.objects.get().state == CouponState.RESERVED
        with pytest.raises(InvalidInput, match="set aside for another purchase"):
            quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code])
        give_up(hold=one)
        assert Coupon.objects.get().state == CouponState.ISSUED
        assert quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code]).content["total"] == 9_000

    def test_points_are_held_and_free_again(self, branch, saver):
        one = held(quote(branch=branch, member=saver, lines=TEA, points=5_000))
        assert (balance(saver.wallet), spendable(saver.wallet)) == (7_000, 2_000)
        give_up(hold=one)
        assert spendable(saver.wallet) == 7_000
        assert faults() == []

    def test_points_that_are_gone_refuse_the_hold_whole(self, branch, saver, ten_off):
        first = quote(branch=branch, member=saver, lines=TEA, points=4_000)
        second = quote(branch=branch, member=saver, lines=TEA, points=4_000, coupons=[ten_off.code])
        held(first)
        with pytest.raises((NotEnough, StaleQuote, InvalidInput)):
            held(second, key="on-hold-two")
        assert Coupon.objects.get().state == CouponState.ISSUED
        assert SaleOnHold.objects.count() == 1

    def test_a_limited_edition_is_set_aside_and_put_back(self, branch, saver, edition):
        lines = [LineRequest(product=edition.public_id, quantity=2)]
        one = held(quote(branch=branch, member=saver, lines=lines))
        edition.refresh_from_db()
        assert edition.stock == 1
        with pytest.raises(InvalidInput):
            quote(branch=branch, member=saver, lines=lines)
        give_up(hold=one)
        give_up(hold=one)
        edition.refresh_from_db()
        assert edition.stock == 3


class TestSettle:
    def test_it_becomes_one_sale_with_all_that_was_reserved(self, branch, saver, ten_off, edition):
        lines = [*TEA, LineRequest(product=edition.public_id, quantity=2)]
        made = quote(branch=branch, member=saver, lines=lines, coupons=[ten_off.code], points=4_000)
        one = held(made, sale_key="the-sale-key")
        done = settle(hold=one, reference="wx-1")
        sale = Sale.objects.get()
        assert (done.state, done.sale, sale.key, sale.total) == ("settled", sale, "the-sale-key", 19_000)
        paid = {row.source: (row.amount, row.units, row.reference) for row in sale.payments.all()}
        assert paid == {"points": (4_000, 4_000, ""), OWN_CODE: (15_000, 0, "wx-1")}
        assert Coupon.objects.get().state == CouponState.USED
        edition.refresh_from_db()
        assert edition.stock == 1
        assert balance(saver.wallet) == spendable(saver.wallet) == 3_000 + sale.points_earned
        assert faults() == []
        assert settle(hold=one, reference="wx-1").sale == settle(hold=one).sale == sale
        assert Sale.objects.count() == 1

    def test_the_promised_price_holds_when_the_product_costs_more(self, branch, saver, edition):
        made = quote(branch=branch, member=saver, lines=[LineRequest(product=edition.public_id)])
        one = held(made)
        edition.price = 9_900
        edition.save()
        with clock.turned_to(one.ends_at - dt.timedelta(seconds=1)):
            assert settle(hold=one).sale.total == 5_000

    def test_a_refund_by_thirds_goes_back_to_each_payment(self, branch, saver, ten_off):
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code], points=3_000))
        sale = settle(hold=one, reference="wx-2").sale
        for number in range(3):
            done = refund(sale=sale, key=f"third-{number}-back", amount=3_000, reason="", cashier=None)
            assert {part["source"] for part in done.payments} == {"points", OWN_CODE}
        assert [row.refunded for row in sale.payments.all()] == [3_000, 6_000]
        assert balance(saver.wallet) == spendable(saver.wallet) == 7_000
        assert {lot.remaining for lot in Lot.objects.filter(amount=7_000)} == {7_000}
        assert Coupon.objects.get().state == CouponState.ISSUED
        assert faults() == []

    def test_cash_and_a_code_together(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        parts = [Payment(source="cash", amount=4_000, received=5_000), Payment(source=OWN_CODE, amount=6_000)]
        one = hold(quote=made, key="on-hold-split", payments=parts, cashier=None)
        assert one.amount == 6_000
        sale = settle(hold=one).sale
        assert [(row.source, row.received) for row in sale.payments.all()] == [("cash", 5_000), (OWN_CODE, 0)]

    def test_another_payment_of_a_settled_sale_is_told_to_go_back(self, branch, saver):
        one = held(quote(branch=branch, member=saver, lines=TEA))
        settle(hold=one, reference="wx-1")
        with pytest.raises(PaidBefore):
            settle(hold=one, reference="wx-9")

    def test_a_paid_sale_is_not_given_up(self, branch, saver):
        one = held(quote(branch=branch, member=saver, lines=TEA))
        settle(hold=one)
        with pytest.raises(HoldEnded):
            give_up(hold=one)
        assert SaleOnHold.objects.get().state == "settled"


class TestTheEnd:
    def test_due_work_ends_it_once_and_frees_everything(self, branch, saver, ten_off, edition):
        lines = [*TEA, LineRequest(product=edition.public_id)]
        one = held(quote(branch=branch, member=saver, lines=lines, coupons=[ten_off.code], points=4_000))
        assert next_end(now=clock.now()) == one.ends_at
        assert end_due(now=one.held_at, limit=10) == one.ends_at
        with clock.turned_to(one.ends_at):
            assert end_due(now=clock.now(), limit=10) is None
            assert end_due(now=clock.now(), limit=10) is None
        one.refresh_from_db()
        edition.refresh_from_db()
        assert (one.state, edition.stock, spendable(saver.wallet)) == ("ended", 3, 7_000)
        assert Coupon.objects.get().state == CouponState.ISSUED
        assert TrailEntry.objects.filter(act="sale.hold_ended").count() == 1

    @pytest.mark.parametrize("swept", [True, False])
    def test_a_late_payment_is_a_sale_where_everything_is_still_there(self, branch, saver, ten_off, edition, swept):
        lines = [*TEA, LineRequest(product=edition.public_id)]
        one = held(quote(branch=branch, member=saver, lines=lines, coupons=[ten_off.code], points=4_000))
        with clock.turned_to(later(one, minutes=5)):
            if swept:
                end_due(now=clock.now(), limit=10)
            done = settle(hold=one, reference="late-1")
        edition.refresh_from_db()
        assert (done.state, done.sale.total, edition.stock) == ("settled", 14_000, 2)
        assert Coupon.objects.get().state == CouponState.USED
        assert (spendable(saver.wallet), balance(saver.wallet)) == (3_000, 3_000 + done.sale.points_earned)
        assert faults() == []

    def test_a_late_payment_is_to_be_paid_back_where_something_is_gone(self, branch, saver, ten_off):
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code]))
        with clock.turned_to(later(one, minutes=5)):
            end_due(now=clock.now(), limit=10)
            other = quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code])
            confirm(quote=other, key="used-elsewhere", cashier=None)
            done = settle(hold=one, reference="late-2")
            assert settle(hold=one, reference="late-2").state == "to_pay_back"
        assert (done.state, done.sale, done.reason) == ("to_pay_back", None, "本单里有东西在此期间被售出或使用了。")
        assert Sale.objects.count() == 1
        told = OutboxEvent.objects.get(name="payment_came_too_late").payload
        assert (told["hold"], told["reference"], told["amount"]) == (one.public_id, "late-2", 9_000)
        assert note_paid_back(hold=one).state == note_paid_back(hold=one).state == "paid_back"
        assert TrailEntry.objects.filter(act="sale.paid_back").count() == 1

    def test_money_for_what_was_given_up_is_to_be_paid_back(self, branch, saver):
        one = held(quote(branch=branch, member=saver, lines=TEA))
        give_up(hold=one)
        assert settle(hold=one).state == "to_pay_back"
        assert not Sale.objects.exists()

    def test_money_for_what_was_paid_in_cash_meanwhile_is_to_be_paid_back(self, branch, saver):
        made = quote(branch=branch, member=saver, lines=TEA)
        one = held(made, sale_key="one-sale-key")
        confirm(quote=made, key="one-sale-key", cashier=None)
        assert settle(hold=one).state == "to_pay_back"
        assert Sale.objects.count() == 1

    def test_nothing_is_noted_as_paid_back_that_is_not_owed(self, branch, saver):
        one = held(quote(branch=branch, member=saver, lines=TEA))
        with pytest.raises(InvalidInput):
            note_paid_back(hold=one)

    def test_its_quote_is_not_forgotten(self, branch, saver):
        held(quote(branch=branch, member=saver, lines=TEA))
        quote(branch=branch, member=saver, lines=TEA)
        forget_quotes(now=clock.now() + dt.timedelta(days=30), limit=100)
        assert Quote.objects.count() == 1

    def test_a_failure_leaves_it_waiting(self, branch, saver, monkeypatch):
        one = held(quote(branch=branch, member=saver, lines=TEA))

        def broken(*_args, **_named):
            raise RuntimeError("the server went away")

        monkeypatch.setattr(holding, "call", broken)
        with pytest.raises(RuntimeError):
            settle(hold=one)
        assert SaleOnHold.objects.get().state == "waiting"
