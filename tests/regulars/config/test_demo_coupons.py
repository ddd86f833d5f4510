"""The coupons of the demo: they can be made in both trades, once, and members have some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regulars.config.demo.businesses import BUSINESSES, DemoBusiness
from regulars.config.demo.coupons import SHARED, put_up
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponTemplate
from tenants.context import business_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from regulars.organisation.models import Staff
    from regulars.people.models import Member
    from tenants.models import Business

pytestmark = pytest.mark.clause("5.2")


@pytest.mark.django_db
@pytest.mark.parametrize("demo", BUSINESSES, ids=[demo.slug for demo in BUSINESSES])
def test_the_demo_has_coupons_and_they_are_made_once(demo: DemoBusiness, member: Member, owner: Staff) -> None:
    put_up(demo)
    put_up(demo)
    assert CouponTemplate.objects.count() == 6
    assert CouponBatch.objects.get().code == SHARED
    assert Coupon.objects.filter(member=member).count() == 2


def test_they_are_put_up_by_a_process_that_stands_in_no_transaction(open_business: Callable[..., Business]) -> None:
    with business_context(open_business(trade="restaurant", language="zh-hans")):
        put_up(BUSINESSES[0])
        assert CouponTemplate.objects.count() == 6
