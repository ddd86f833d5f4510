"""A sale that cost nothing, paid whole by a coupon, is given back like any other: once, with all that came with it."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from regulars.errors import InvalidInput
from regulars.ledger.books import faults
from regulars.ledger.selectors import balance
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import PointsRule
from regulars.sales.approvals import refund_or_ask
from regulars.sales.models import Refund
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

pytestmark = [
    pytest.mark.clause("5.4"),
    pytest.mark.capability(85),
    pytest.mark.capability(167),
    pytest.mark.django_db,
]


@pytest.fixture
def for_nothing(branch, member, owner):
    """`for_nothing()`: a sale of one limited piece that a coupon pays whole, and that gives five points."""
    from regulars.catalogue.models import Product

    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="5 for coming", points=5, kind="fixed")
    cache.clear()
    pot = Product.objects.create(words={"en": "Teapot"}, price=5_000, currency="CNY", stock=3, sku="POT")
    template = save_template(terms=TemplateTerms(kind="percent", value=10_000, words={"en": "All of it"}))
    coupon = give(member=member, template=template, key="all-of-it-given", by=owner)
    made = quote(branch=branch, member=member, lines=[LineRequest(product=pot.public_id)], coupons=[coupon.public_id])
    sale = confirm(quote=made, key="for-nothing-1", cashier=owner)
    assert (sale.total, sale.points_earned, balance(member.wallet)) == (0, 5, 5)
    return sale


def stock():
    from regulars.catalogue.models import Product

    return Product.objects.get().stock


def test_it_is_given_back_once_with_coupon_points_and_goods(for_nothing, member):
    assert (Coupon.objects.get().state, stock()) == (CouponState.USED, 2)
    done = refund(sale=for_nothing, key="given-back-1", reason="", cashier=None)
    assert (done.amount, done.paid_back, done.points_taken_back) == (0, 0, 5)
    assert (Coupon.objects.get().state, stock(), balance(member.wallet)) == (CouponState.ISSUED, 3, 0)
    assert refund(sale=for_nothing, key="given-back-1", reason="", cashier=None) == done
    with pytest.raises(InvalidInput, match="already fully refunded"):
        refund(sale=for_nothing, key="given-back-2", reason="", cashier=None)
    assert Refund.objects.count() == 1
    assert faults() == []


def test_no_money_of_it_can_be_given_back(for_nothing):
    with pytest.raises(InvalidInput):
        refund(sale=for_nothing, key="given-back-1", amount=100, reason="", cashier=None)
    assert not Refund.objects.exists()


def test_a_cashier_needs_no_approval_for_it(for_nothing, cashier):
    done = refund_or_ask(sale=for_nothing, key="given-back-1", amount=0, reason="Changed", by=cashier)
    assert done.result.amount == 0
    again = refund_or_ask(sale=for_nothing, key="given-back-1", amount=0, reason="Changed", by=cashier)
    assert again.result == done.result


def test_a_sale_that_cost_something_gives_back_no_zero(branch, member, owner):
    sale = confirm(
        quote=quote(branch=branch, member=member, lines=[LineRequest("Tea", 100)]), key="for-a-price", cashier=None
    )
    with pytest.raises(InvalidInput):
        refund(sale=sale, key="given-back-1", amount=0, reason="", cashier=None)
    with pytest.raises(InvalidInput):
        refund_or_ask(sale=sale, key="given-back-2", amount=0, reason="", by=owner)
