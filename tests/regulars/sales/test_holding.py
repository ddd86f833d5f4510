"""A sale waits on hold for a payment that settles later: reserved without a lock, sold once at the promised price."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.catalogue.models import Taking
from regulars.errors import HoldEnded, InvalidInput, KeyUsedBefore, NotEnough, StaleQuote, UsedUp
from regulars.ledger.books import faults
from regulars.ledger.models import Lot
from regulars.ledger.selectors import balance, spendable
from regulars.ledger.services import Leg, post
from regulars.loyalty.coupons.batches import make_codes, make_some, void_batch
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import claim, give, void
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import PointsRule
from regulars.loyalty.points.gifts import change_points_settings
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.organisation import services as organisation
from regulars.people.keys import destroy_key
from regulars.sales import holding
from regulars.sales.clearing import forget_quotes
from regulars.sales.holding import beside, end_due, give_up, hold, next_end, note_paid_back, settle, to_pay_back
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

    def test_a_paid_sale_is_not_given_up(self, branch, saver):
        one = held(quote(branch=branch, member=saver, lines=TEA))
        settle(hold=one)
        with pytest.raises(HoldEnded):
            give_up(hold=one)
        assert SaleOnHold.objects.get().state == "settled"


class TestPromised:
    """What was put on hold is sold when the money comes, whatever changed meanwhile."""

    @pytest.fixture
    def cake(self, branch):
        """One member may have two of it, and there is no end of it."""
        from regulars.catalogue.models import Product

        return Product.objects.create(words={"en": "Cake"}, price=5_000, currency="CNY", per_member=2, sku="CAKE")

    @pytest.fixture
    def one_a_day(self, saver, owner):
        """Two coupons of the member's, ten off, of which one day allows one."""
        terms = TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}, most_per_day=1)
        template = save_template(terms=terms)
        return [give(member=saver, template=template, key=f"one-a-day-{number}", by=owner) for number in range(2)]

    @pytest.fixture
    def loose_codes(self, branch, owner):
        """Two codes that nobody has claimed, of which one member may have one."""
        terms = TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}, most_per_member=1)
        batch, _job = make_codes(template=save_template(terms=terms), name="Leaflets", codes=2, by=owner)
        make_some(batch=batch.public_id, codes=[1, 2])
        return list(Coupon.objects.order_by("pk"))

    def test_the_pieces_that_one_member_may_have_are_set_aside(self, branch, saver, cake):
        lines = [LineRequest(product=cake.public_id, quantity=2)]
        one, other = (quote(branch=branch, member=saver, lines=lines) for _ in range(2))
        waiting = held(one)
        with pytest.raises((StaleQuote, InvalidInput)):
            confirm(quote=other, key="the-other-sale", cashier=None)
        with pytest.raises(InvalidInput, match="2 were bought or set aside already"):
            quote(branch=branch, member=saver, lines=lines)
        assert settle(hold=waiting).sale.total == 10_000
        assert Taking.objects.get().quantity == 2

    def test_given_up_the_member_may_have_them_again(self, branch, saver, cake):
        lines = [LineRequest(product=cake.public_id, quantity=2)]
        give_up(hold=held(quote(branch=branch, member=saver, lines=lines)))
        assert not Taking.objects.exists()
        confirm(quote=quote(branch=branch, member=saver, lines=lines), key="the-other-sale", cashier=None)

    @pytest.mark.parametrize(
        "change",
        [
            {"is_active": False},
            {"branches": ["brn_elsewhere"]},
            {"stock": 0},
            {"stock": None},
            {"per_member": 1},
            {"phases": [{"from": "2099-01-01"}]},
        ],
    )
    def test_a_limited_edition_that_is_taken_off_sale_is_sold_all_the_same(self, branch, saver, edition, change):
        one = held(quote(branch=branch, member=saver, lines=[LineRequest(product=edition.public_id, quantity=2)]))
        type(edition).objects.update(**change)
        assert (settle(hold=one).state, one.amount) == ("settled", 10_000)
        assert Taking.objects.get().quantity == 2

    @pytest.mark.parametrize(
        "change", [{"is_active": False}, {"branches": ["brn_elsewhere"]}, {"stock": 1}, {"per_member": 1}]
    )
    def test_a_product_that_is_taken_off_sale_is_sold_all_the_same(self, branch, saver, edition, change):
        type(edition).objects.update(stock=None)
        one = held(quote(branch=branch, member=saver, lines=[LineRequest(product=edition.public_id, quantity=2)]))
        type(edition).objects.update(**change)
        assert (settle(hold=one).state, one.amount) == ("settled", 10_000)

    def test_a_refund_puts_back_what_was_set_aside_and_sold(self, branch, saver, edition):
        one = held(quote(branch=branch, member=saver, lines=[LineRequest(product=edition.public_id, quantity=2)]))
        refund(sale=settle(hold=one).sale, key="all-of-it-back", reason="", cashier=None)
        edition.refresh_from_db()
        assert (edition.stock, Taking.objects.get().returned) == (3, 2)

    def test_a_coupon_set_aside_counts_among_those_of_the_day(self, branch, saver, one_a_day):
        mine, next_one = one_a_day
        quoted = quote(branch=branch, member=saver, lines=TEA, coupons=[next_one.code])
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[mine.code]))
        with pytest.raises((StaleQuote, InvalidInput)):
            confirm(quote=quoted, key="the-other-sale", cashier=None)
        with pytest.raises(InvalidInput, match="As many of these as one day allows"):
            quote(branch=branch, member=saver, lines=TEA, coupons=[next_one.code])
        assert (settle(hold=one).state, Sale.objects.count()) == ("settled", 1)

    def test_over_midnight_no_day_has_more_than_it_allows(self, branch, saver, one_a_day):
        mine, next_one = one_a_day
        before = clock.start_of(clock.today() + dt.timedelta(days=1)) - dt.timedelta(minutes=5)
        with clock.turned_to(before):
            one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[mine.code]))
        with clock.turned_to(before + dt.timedelta(minutes=7)):
            with pytest.raises(InvalidInput, match="As many of these as one day allows"):
                quote(branch=branch, member=saver, lines=TEA, coupons=[next_one.code])
            assert settle(hold=one).state == "settled"

    def test_a_code_set_aside_counts_as_had_by_the_member(self, branch, saver, loose_codes):
        mine, next_one = loose_codes
        quoted = quote(branch=branch, member=saver, lines=TEA, coupons=[next_one.code])
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[mine.code]))
        with pytest.raises(UsedUp):
            claim(member=saver, code=next_one.code)
        with pytest.raises((StaleQuote, InvalidInput)):
            held(quoted, key="on-hold-two")
        with pytest.raises(InvalidInput, match="as many of these as one member may have"):
            quote(branch=branch, member=saver, lines=TEA, coupons=[next_one.code])
        assert settle(hold=one).state == "settled"
        mine.refresh_from_db()
        assert (mine.state, mine.member) == (CouponState.USED, saver)

    def test_given_up_the_code_is_nobodys_again(self, branch, saver, loose_codes):
        mine, next_one = loose_codes
        give_up(hold=held(quote(branch=branch, member=saver, lines=TEA, coupons=[mine.code])))
        assert claim(member=saver, code=next_one.code).member == saver

    def test_a_coupon_that_ends_while_the_money_is_on_its_way_is_used(self, branch, saver, ten_off):
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code]))
        Coupon.objects.update(ends_at=one.held_at + dt.timedelta(minutes=1))
        with clock.turned_to(one.held_at + dt.timedelta(minutes=9)):
            assert settle(hold=one).state == "settled"

    def test_a_coupon_set_aside_is_not_declared_void(self, branch, saver, ten_off):
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code]))
        with pytest.raises(InvalidInput, match="set aside for another purchase"):
            void(coupon=ten_off, reason="By mistake", by="")
        assert settle(hold=one).state == "settled"

    @pytest.mark.parametrize("pays", [True, False])
    def test_a_batch_that_is_declared_void_takes_it_along_when_nobody_pays(self, branch, saver, loose_codes, pays):
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[loose_codes[0].code]))
        assert void_batch(batch=loose_codes[0].batch, reason="Stolen", by="") == 1
        if pays:
            assert settle(hold=one).state == "settled"
        else:
            give_up(hold=one)
        state = CouponState.USED if pays else CouponState.VOID
        assert [coupon.state for coupon in Coupon.objects.order_by("pk")] == [state, CouponState.VOID]


class TestBeside:
    """Money that cannot pay the sale it came for is noted, once, until it is given back."""

    @pytest.fixture
    def waiting(self, branch, saver):
        """A sale of 100.00 that waits for its payment."""
        return held(quote(branch=branch, member=saver, lines=TEA))

    def test_a_second_payment_of_a_settled_sale_is_to_be_paid_back(self, waiting):
        sale = settle(hold=waiting, reference="wx-1").sale
        second = settle(hold=waiting, reference="wx-9")
        assert (second.state, second.sale, second.amount, second.reference) == ("to_pay_back", None, 10_000, "wx-9")
        assert second.reason == f"小票 {sale.number} 已由另一笔付款结清。"
        assert settle(hold=waiting, reference="wx-9").pk == settle(hold=second).pk == second.pk
        assert settle(hold=waiting, reference="wx-1").sale == sale
        assert list(to_pay_back()) == list(beside(waiting)) == [second]
        told = OutboxEvent.objects.get(name="payment_came_too_late").payload
        assert (told["hold"], told["reference"], told["amount"]) == (second.public_id, "wx-9", 10_000)
        assert TrailEntry.objects.get(act="sale.to_pay_back").subject == second.public_id
        assert note_paid_back(hold=second).state == "paid_back"
        assert settle(hold=waiting, reference="wx-9").state == "paid_back"
        assert (Sale.objects.count(), to_pay_back().count()) == (1, 0)

    def test_a_second_payment_of_what_is_to_be_paid_back_is_another(self, waiting):
        give_up(hold=waiting)
        assert settle(hold=waiting, reference="wx-1").state == "to_pay_back"
        second = settle(hold=waiting, reference="wx-2")
        assert [one.reference for one in to_pay_back()] == ["wx-1", "wx-2"]
        assert second.reason == settle(hold=waiting, reference="wx-1").reason

    @pytest.mark.parametrize("amount", [9_999, 10_001])
    def test_another_amount_pays_nothing_and_the_sale_waits_on(self, waiting, amount):
        odd = settle(hold=waiting, reference="wx-1", amount=amount)
        assert (odd.state, odd.amount, odd.number) == ("to_pay_back", amount, 1)
        assert odd.reason == f"收到 ¥{amount / 100:.2f}，应付 ¥100.00。"
        assert SaleOnHold.objects.get(number=0).state == "waiting"
        assert settle(hold=waiting, reference="wx-1", amount=amount) == odd
        assert not Sale.objects.exists()
        done = settle(hold=waiting, reference="wx-2", amount=10_000)
        assert (done.state, done.sale.total, list(to_pay_back())) == ("settled", 10_000, [odd])

    @pytest.mark.parametrize("amount", [0, -1, 10**15])
    def test_an_amount_that_is_none_is_refused(self, waiting, amount):
        with pytest.raises(InvalidInput) as refused:
            settle(hold=waiting, amount=amount)
        assert refused.value.field == "amount"
        assert SaleOnHold.objects.get().state == "waiting"

    def test_received_at_the_till_and_told_by_the_gateway_it_is_one_payment(self, waiting):
        sale = settle(hold=waiting).sale
        assert settle(hold=waiting, reference="wx-1", amount=10_000).sale == sale
        assert sale.payments.get().reference == SaleOnHold.objects.get().reference == "wx-1"
        assert settle(hold=waiting, reference="wx-2").state == "to_pay_back"

    @pytest.mark.parametrize("amount", [None, 10_000])
    def test_without_a_reference_another_key_is_another_payment_and_the_same_key_the_same(self, waiting, amount):
        sale = settle(hold=waiting, key="notice-1", amount=amount).sale
        assert settle(hold=waiting, key="notice-1", amount=amount).sale == sale
        second = settle(hold=waiting, key="notice-2", amount=amount)
        assert (second.state, second.amount, second.reference) == ("to_pay_back", 10_000, "")
        assert second.reason == f"小票 {sale.number} 已由另一笔付款结清。"
        assert settle(hold=waiting, key="notice-2", amount=amount) == second
        assert settle(hold=waiting, key="notice-3", amount=amount) not in (second, waiting)
        assert (Sale.objects.count(), to_pay_back().count()) == (1, 2)

    def test_two_odd_payments_of_one_amount_are_two_and_each_is_told_once(self, waiting):
        odd = [settle(hold=waiting, amount=3_000, key=f"notice-{number}") for number in (1, 1, 2, 1, 2)]
        assert len({one.pk for one in odd}) == to_pay_back().count() == beside(waiting).count() == 2
        assert OutboxEvent.objects.filter(name="payment_came_too_late").count() == 2
        assert settle(hold=waiting, key="notice-3").state == "settled"

    def test_the_key_of_a_notice_is_not_for_another_amount(self, waiting):
        settle(hold=waiting, amount=3_000, key="notice-1")
        for amount in (3_001, 10_000):
            with pytest.raises(KeyUsedBefore):
                settle(hold=waiting, amount=amount, key="notice-1")
        assert (SaleOnHold.objects.count(), Sale.objects.count()) == (2, 0)

    def test_a_reference_counts_whatever_the_key_is(self, waiting):
        sale = settle(hold=waiting, reference="wx-1", key="notice-1").sale
        assert settle(hold=waiting, reference="wx-1", key="notice-2").sale == sale
        assert settle(hold=waiting, reference="wx-2", key="notice-1").state == "to_pay_back"

    def test_received_at_the_till_and_told_under_a_key_it_is_one_payment(self, waiting):
        sale = settle(hold=waiting).sale
        assert settle(hold=waiting, key="notice-1").sale == settle(hold=waiting).sale == sale
        assert settle(hold=waiting, key="notice-2").state == "to_pay_back"

    def test_told_with_a_reference_and_once_without_it_is_one_payment(self, waiting):
        sale = settle(hold=waiting, reference="wx-1", key="notice-1").sale
        assert settle(hold=waiting, key="notice-2").sale == sale
        assert settle(hold=waiting, key="notice-3").state == "to_pay_back"

    def test_the_second_of_two_that_came_for_what_was_given_up_is_another(self, waiting):
        give_up(hold=waiting)
        first, second = (settle(hold=waiting, key=f"notice-{number}") for number in (1, 2))
        assert [one.state for one in (first, second)] == ["to_pay_back", "to_pay_back"]
        assert settle(hold=waiting, key="notice-1") == first != second == settle(hold=second, key="notice-2")

    def test_the_end_of_the_sale_on_hold_leaves_them_to_be_paid_back(self, waiting):
        odd = settle(hold=waiting, amount=5_000)
        give_up(hold=waiting)
        assert give_up(hold=odd).state == "to_pay_back"
        assert [one.state for one in SaleOnHold.objects.order_by("number")] == ["given_up", "to_pay_back"]


class TestWhoIsNoMemberAnyMore:
    """The sale of somebody who left meanwhile is sold as it was promised: nothing is lost, and nothing is earned."""

    @pytest.fixture
    def waiting(self, branch, saver, ten_off):
        """90.00, of which points pay 40.00; then the member leaves, and what only they could read is gone."""
        one = held(quote(branch=branch, member=saver, lines=TEA, coupons=[ten_off.code], points=4_000))
        assert one.quote.content["points"] == 5
        type(saver).objects.update(is_active=False)
        destroy_key(member=saver)
        return one

    def test_it_is_sold_with_what_was_set_aside_and_earns_nothing(self, waiting, saver):
        done = settle(hold=waiting, reference="wx-1")
        sale = Sale.objects.get()
        assert (done.state, done.sale, sale.total, sale.member) == ("settled", sale, 9_000, saver)
        assert (sale.points_earned, balance(saver.wallet), spendable(saver.wallet)) == (0, 3_000, 3_000)
        assert {row.source: row.amount for row in sale.payments.all()} == {"points": 4_000, OWN_CODE: 5_000}
        assert Coupon.objects.get().state == CouponState.USED
        assert settle(hold=waiting, reference="wx-1").sale == sale
        assert not OutboxEvent.objects.filter(name__in=["points_credited", "tier_changed"]).exists()
        assert faults() == []

    def test_the_tier_of_somebody_who_left_is_not_looked_at(self, waiting, saver):
        from regulars.loyalty.models import Standing

        before = Standing.objects.values().get(member=saver)
        settle(hold=waiting)
        assert Standing.objects.values().get(member=saver) == before

    def test_a_second_payment_is_to_be_paid_back_and_a_refund_goes_to_each_payment(self, waiting, saver):
        sale = settle(hold=waiting, reference="wx-1").sale
        assert settle(hold=waiting, reference="wx-2").state == "to_pay_back"
        refund(sale=sale, key="all-of-it-back", reason="", cashier=None)
        assert [row.refunded for row in sale.payments.all()] == [4_000, 5_000]
        assert balance(saver.wallet) == 7_000
        assert faults() == []

    @pytest.mark.parametrize("swept", [True, False])
    def test_given_up_or_over_everything_is_free_and_late_money_is_not_lost(self, waiting, saver, swept):
        with clock.turned_to(later(waiting, minutes=5)):
            if swept:
                end_due(now=clock.now(), limit=10)
                assert spendable(saver.wallet) == 7_000
            late = settle(hold=waiting, reference="late-1")
        assert (late.state, late.sale.total, late.sale.points_earned) == ("settled", 9_000, 0)

    def test_for_what_was_given_up_it_is_told_and_listed(self, waiting, saver):
        give_up(hold=waiting)
        assert spendable(saver.wallet) == 7_000
        assert settle(hold=waiting, reference="late-1").state == "to_pay_back"
        assert list(to_pay_back()) == [waiting]
        assert OutboxEvent.objects.get(name="payment_came_too_late").payload["amount"] == 5_000


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
