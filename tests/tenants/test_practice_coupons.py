"""Coupons of a practice place: the business's own to practise with, with other codes; nothing practised counts."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars import clock
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.batches import make_codes, share_code
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponState, CouponTemplate
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.organisation.models import Branch, Staff
from regulars.outreach.models import Message
from regulars.people.models import Member
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tenants import services
from tenants.context import business_context
from tenants.models import Business

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.clause("5.6"), pytest.mark.capability(160)]
TEN = {"en": "Ten off", "zh-hans": "立减十元"}


def test_a_coupon_used_in_practice_counts_nowhere_else(
    business: Business, branch: Branch, member: Member, owner: Staff
) -> None:
    terms = {"kind": "amount", "value": 1_000, "words": TEN, "most_total": 50, "branches": [branch.public_id]}
    template = save_template(terms=TemplateTerms(**terms))
    save_template(terms=TemplateTerms(**{**terms, "words": {"en": "Put away"}, "is_active": False}))
    real = give(member=member, template=template, key="given-for-real", by=owner)
    share_code(template=template, name="Spring", code="SPRING20", by=owner, most_claims=5)
    make_codes(template=template, name="Flyer", codes=3, key="flyer-codes-1", by=owner)
    with business_context(services.open_practice(business=business)):
        there = CouponTemplate.objects.get()
        assert (there.words, there.value, there.branches) == (TEN, 1_000, [Branch.objects.get().public_id])
        assert there.public_id != template.public_id
        assert list(CouponBatch.objects.values_list("code", "claimed")) == [("SPRING20", 0)]
        own = Coupon.objects.filter(member__isnull=False).order_by("pk")[0]
        assert Coupon.objects.count() == Member.objects.count() == there.issued == 8
        assert not Message.objects.filter(kind__startswith="coupon").exists()
        lines = [LineRequest("Tea", 5_000)]
        here = Branch.objects.get()
        with pytest.raises(InvalidInput):
            quote(branch=here, member=own.member, lines=lines, coupons=[real.code])
        for code in (own.code, "SPRING20"):
            told = quote(branch=here, member=own.member, lines=lines, coupons=[code])
            sold = confirm(quote=told, key=f"practised-{code.lower()}", cashier=None)
            assert sold.total == 4_000
            refund(sale=sold, key=f"given-back-{code.lower()}", reason="practice", cashier=None)
        told = quote(branch=here, member=own.member, lines=lines, coupons=[own.code])
        confirm(quote=told, key="practised-to-the-end", cashier=None)
    template.refresh_from_db()
    real.refresh_from_db()
    assert (real.state, template.issued) == (CouponState.ISSUED, 1)
    assert CouponBatch.objects.get(code="SPRING20").claimed == 0
    assert not Sale.objects.exists()
    with pytest.raises(InvalidInput):
        quote(branch=branch, member=member, lines=[LineRequest("Tea", 5_000)], coupons=[own.code])


def test_coupons_that_are_over_are_in_no_wallet_there(business: Business, branch: Branch) -> None:
    over = clock.today() - dt.timedelta(days=1)
    save_template(terms=TemplateTerms(kind="amount", value=1_000, words=TEN, ends_on=over))
    with business_context(services.open_practice(business=business)):
        assert CouponTemplate.objects.count() == 1
        assert not Coupon.objects.exists()
