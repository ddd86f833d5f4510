"""A payment that settles later is told twice at once, by gateway and cashier: one sale. Of two ends one wins."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pytest

from regulars.catalogue.models import Taking
from regulars.catalogue.services.products import save_product
from regulars.ledger.books import faults
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.organisation import services as organisation
from regulars.organisation.models import Branch, Staff
from regulars.sales.holding import end_due, give_up, hold, settle
from regulars.sales.models import Sale, SaleOnHold
from regulars.sales.paying import OWN_CODE, Payment
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off

if TYPE_CHECKING:
    from regulars.people.models import Member
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("5.3"), pytest.mark.capability(151)]
ROUNDS = sized(3, 100)
CROWD = sized(6, 16)


@pytest.fixture
def shop(open_business: Callable[..., Business]) -> Business:
    """A business with a payment code of its own."""
    business = open_business()
    with business_context(business):
        organisation.change(by="", payment_code="https://qr.example/1")
    return business


def waiting(*, sale_key: str = "") -> SaleOnHold:
    """A sale with a coupon that waits for its payment."""
    buyer = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
    template = save_template(terms=TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}))
    coupon = give(member=buyer, template=template, key=secrets.token_hex(8), by=Staff.objects.all()[0])
    branch = Branch.objects.order_by("pk")[0]
    made = quote(branch=branch, member=buyer, lines=[LineRequest("Tea", 5_000)], coupons=[coupon.code])
    payments = [Payment(source=OWN_CODE, amount=4_000)]
    return hold(quote=made, key=secrets.token_hex(8), payments=payments, cashier=None, sale_key=sale_key)


def test_settled_by_many_at_once_it_is_one_sale(shop: Business) -> None:
    with Crowd(shop, CROWD) as crowd:
        for number in range(ROUNDS):
            with business_context(shop):
                one = waiting()
            answers = crowd.at_once([partial(settle, hold=one, reference="wx-1") for _ in range(CROWD)])
            assert refusals(answers) == []
            assert len({answer.sale_id for answer in successes(answers)}) == 1
            with business_context(shop):
                assert Sale.objects.count() == number + 1
                assert Coupon.objects.filter(state=CouponState.USED).count() == number + 1
                assert faults() == []


def test_two_payments_told_by_many_at_once_are_a_sale_and_money_to_give_back(shop: Business) -> None:
    with Crowd(shop, CROWD) as crowd:
        for _ in range(ROUNDS):
            with business_context(shop):
                one = waiting()
            answers = crowd.at_once([partial(settle, hold=one, reference=f"wx-{turn % 2}") for turn in range(CROWD)])
            assert refusals(answers) == []
            with business_context(shop):
                rows = SaleOnHold.objects.filter(quote=one.quote).order_by("number")
                assert [row.state for row in rows] == ["settled", "to_pay_back"]
                assert {row.reference for row in rows} == {"wx-0", "wx-1"}


def test_two_payments_without_a_reference_told_by_many_at_once_are_two_by_their_keys(shop: Business) -> None:
    with Crowd(shop, CROWD) as crowd:
        for _ in range(ROUNDS):
            with business_context(shop):
                one = waiting()
            answers = crowd.at_once([partial(settle, hold=one, key=f"notice-{turn % 2}") for turn in range(CROWD)])
            assert refusals(answers) == []
            with business_context(shop):
                rows = SaleOnHold.objects.filter(quote=one.quote).order_by("number")
                assert [row.state for row in rows] == ["settled", "to_pay_back"]


def test_settled_by_many_while_the_member_leaves_it_is_one_sale_and_nothing_is_lost(shop: Business) -> None:
    with Crowd(shop, CROWD) as crowd:
        for number in range(ROUNDS):
            with business_context(shop):
                one = waiting()
                member = one.quote.member
                assert member is not None
            acts: list[Callable[[], object]] = [partial(settle, hold=one, reference="wx-1") for _ in range(CROWD - 1)]
            answers = crowd.at_once([*acts, partial(leave, member)])
            assert refusals(answers) == []
            with business_context(shop):
                assert Sale.objects.count() == Coupon.objects.filter(state=CouponState.USED).count() == number + 1
                one.refresh_from_db()
                assert one.state == "settled"
                assert faults() == []


def leave(member: Member) -> int:
    """Somebody ends the membership."""
    return type(member).objects.filter(pk=member.pk).update(is_active=False)


def test_put_on_hold_by_many_at_once_under_one_key_it_waits_once(shop: Business) -> None:
    with business_context(shop):
        branch = Branch.objects.order_by("pk")[0]
        made = quote(branch=branch, lines=[LineRequest("Tea", 5_000)])
    act = partial(
        hold, quote=made, key="one-key-for-all", payments=[Payment(source=OWN_CODE, amount=5_000)], cashier=None
    )
    with Crowd(shop, CROWD) as crowd:
        answers = crowd.at_once([act] * CROWD)
    assert refusals(answers) == []
    assert len({answer.pk for answer in successes(answers)}) == 1


def test_of_many_holds_for_the_last_piece_a_member_may_have_one_waits_and_is_sold(shop: Business) -> None:
    with Crowd(shop, CROWD) as crowd:
        for number in range(ROUNDS):
            with business_context(shop):
                buyer = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
                cake = save_product(sku=f"CAKE{number}", words={"en": "Cake"}, price=5_000, per_member=1)
                acts = [on_hold_of(buyer, [LineRequest(product=cake.public_id)]) for _ in range(CROWD)]
            assert_one_waits_and_is_sold(shop, crowd, acts, total=5_000)
            with business_context(shop):
                assert Taking.objects.filter(product=cake).count() == 1


def test_without_the_lock_many_would_wait_for_the_last_piece(shop: Business) -> None:
    unlocked = ("WHERE id = wanted.id FOR NO KEY UPDATE", "WHERE id = wanted.id")
    most = 0
    with Crowd(shop, CROWD) as crowd, switched_off(shop, "catalogue/sql/editions.sql", unlocked):
        for number in range(30):
            with business_context(shop):
                buyer = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
                cake = save_product(sku=f"CAKE{number}", words={"en": "Cake"}, price=5_000, per_member=1)
                acts = [on_hold_of(buyer, [LineRequest(product=cake.public_id)]) for _ in range(CROWD)]
            most = max(most, len(successes(crowd.at_once(acts))))
            if most > 1:
                break
    assert most > 1, "the storm is blind"


def test_of_many_holds_with_the_last_coupon_of_a_day_one_waits_and_is_sold(shop: Business) -> None:
    with Crowd(shop, CROWD) as crowd:
        for _ in range(ROUNDS):
            with business_context(shop):
                buyer = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
                terms = TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}, most_per_day=1)
                template, by = save_template(terms=terms), Staff.objects.all()[0]
                codes = [
                    give(member=buyer, template=template, key=secrets.token_hex(8), by=by).code for _ in range(CROWD)
                ]
                acts = [on_hold_of(buyer, [LineRequest("Tea", 5_000)], coupons=[code]) for code in codes]
            assert_one_waits_and_is_sold(shop, crowd, acts, total=4_000)


def on_hold_of(buyer: Member, lines: list[LineRequest], *, coupons: Sequence[str] = ()) -> Callable[[], SaleOnHold]:
    """One till quotes and puts on hold when it is asked to."""
    branch = Branch.objects.order_by("pk")[0]
    made = quote(branch=branch, member=buyer, lines=lines, coupons=coupons)
    payments = [Payment(source=OWN_CODE, amount=made.content["total"])]
    return partial(hold, quote=made, key=secrets.token_hex(8), payments=payments, cashier=None)


def assert_one_waits_and_is_sold(
    shop: Business, crowd: Crowd, acts: list[Callable[[], SaleOnHold]], *, total: int
) -> None:
    """Of all who come at once one gets it, and is not refused when the money comes."""
    answers = crowd.at_once(acts)
    (one,) = successes(answers)
    assert len(refusals(answers)) == len(acts) - 1
    with business_context(shop):
        done = settle(hold=one)
        assert (done.state, done.sale is not None and done.sale.total) == ("settled", total)
        assert faults() == []


def test_settled_ended_and_given_up_at_once_money_is_a_sale_or_to_be_paid_back(shop: Business) -> None:
    with Crowd(shop, 3) as crowd:
        for _ in range(ROUNDS * 2):
            with business_context(shop):
                one = waiting()
            past = one.ends_at
            crowd.at_once(
                [
                    partial(settle, hold=one),
                    partial(give_up, hold=one),
                    partial(end_due, now=past, limit=10),
                ]
            )
            with business_context(shop):
                one.refresh_from_db()
                assert one.state in ("settled", "to_pay_back")
                used = Coupon.objects.filter(state=CouponState.USED).count()
                assert Coupon.objects.filter(state=CouponState.RESERVED).count() == 0
                assert used == Sale.objects.count() == SaleOnHold.objects.filter(state="settled").count()


def test_paid_in_cash_and_settled_at_once_it_is_one_sale(shop: Business) -> None:
    with Crowd(shop, 2) as crowd:
        for number in range(ROUNDS):
            key = secrets.token_hex(8)
            with business_context(shop):
                branch = Branch.objects.order_by("pk")[0]
                made = quote(branch=branch, lines=[LineRequest("Tea", 5_000)])
                payments = [Payment(source=OWN_CODE, amount=5_000)]
                one = hold(quote=made, key=f"{key}-on", payments=payments, cashier=None, sale_key=key)
            crowd.at_once([partial(settle, hold=one), partial(confirm, quote=made, key=key, cashier=None)])
            with business_context(shop):
                one.refresh_from_db()
                assert Sale.objects.count() == number + 1
                is_by_code = Sale.objects.get(key=key).payment_source == OWN_CODE
                assert one.state == ("settled" if is_by_code else "to_pay_back")
