"""A payment that settles later is told twice at once, by gateway and cashier: one sale. Of two ends one wins."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

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
from tests.crowd import Crowd, refusals, sized, successes

if TYPE_CHECKING:
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
