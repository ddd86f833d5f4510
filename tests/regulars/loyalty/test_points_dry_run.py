"""For random baskets and rule sets the dry run equals what posting then does, and the explanation recomputes."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock
from regulars.ledger.selectors import balance
from regulars.loyalty.models import Award, CapUse, PointsRule, Standing, Tier
from regulars.loyalty.points.earning import would_earn
from regulars.loyalty.points.engine import recomputed
from regulars.loyalty.points.matching import Occasion
from regulars.people.models import Member
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tests.crowd import IS_FULL

pytestmark = [pytest.mark.clause("4.3"), pytest.mark.clause("4.Shows")]

NUMBERS = itertools.count(1)
NOON = dt.datetime(2026, 11, 24, 4, 0, tzinfo=dt.UTC)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["per_amount", "per_amount", "fixed", "multiplier"]))
    cap = st.none() | st.integers(1, 400)
    return {
        "kind": kind,
        "trigger": draw(st.sampled_from(["sale", "sale", "first_purchase"])) if kind == "fixed" else "sale",
        "points": draw(st.integers(1, 30)),
        "per_amount": draw(st.integers(1, 5_000)) if kind == "per_amount" else 0,
        "whole_steps": draw(st.booleans()),
        "factor": draw(st.integers(101, 400)),
        "stacking_group": draw(st.sampled_from(["", "", "a", "b"])),
        "priority": draw(st.integers(0, 2)),
        "categories": draw(st.sampled_from([[], [], ["tea"], ["tea", "cake"]])),
        "weekdays": draw(st.sampled_from([[], [1], [2, 3]])),
        "least_amount": draw(st.sampled_from([0, 0, 10_000])),
        "condition": draw(st.sampled_from([{}, {}, {"field": "sale.amount", "is": "at_least", "value": 5_000}])),
        "cap_sale": draw(cap),
        "cap_day": draw(cap),
        "cap_total": draw(cap),
    }


lines = st.lists(st.tuples(st.integers(1, 60_000), st.sampled_from(["", "tea", "cake"])), min_size=1, max_size=4)


@pytest.fixture
def plain_tiers(business):
    Tier.objects.update(discount=0)


@pytest.mark.storm
@given(
    sets=st.lists(rules(), min_size=1, max_size=5),
    baskets=st.lists(lines, min_size=1, max_size=3),
    of_gold=st.booleans(),
)
@settings(max_examples=1_000 if IS_FULL else 40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_dry_run_equals_what_posting_then_does(plain_tiers, branch, member, sets, baskets, of_gold):
    with transaction.atomic(), clock.turned_to(NOON):
        PointsRule.objects.all().delete()
        PointsRule.objects.bulk_create(PointsRule(name=f"Rule {n}", **each) for n, each in enumerate(sets))
        cache.clear()
        if of_gold:
            Standing.objects.filter(member=member).update(tier=Tier.objects.order_by("-threshold")[0])
        for basket in baskets:
            buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
            foreseen = would_earn(
                Occasion(
                    trigger="sale",
                    on=clock.today(),
                    member=buyer,
                    tier=buyer.standing.tier.code,
                    branch=branch.public_id,
                    amount=sum(amount for amount, _category in basket),
                    lines=[(at, category, amount) for at, (amount, category) in enumerate(basket, start=1)],
                )
            )
            before = balance(member.wallet)
            asked = [LineRequest("Goods", amount, 1, category) for amount, category in basket]
            sale = confirm(
                quote=quote(branch=branch, member=buyer, lines=asked), key=f"random-{next(NUMBERS):06d}", cashier=None
            )
            given_by = dict(
                Award.objects.filter(transaction_id=sale.transaction_id, transaction__isnull=False).values_list(
                    "rule__public_id", "points"
                )
            )
            assert {each.rule.public_id: each.points for each in foreseen.shares} == given_by
            assert balance(member.wallet) - before == sale.points_earned == foreseen.points
            if sale.explanation["earned"]:
                assert recomputed(sale.explanation["earned"]) == given_by
        for rule in PointsRule.objects.filter(cap_total__isnull=False):
            used = CapUse.objects.filter(rule=rule, period="total").values_list("used", flat=True).first() or 0
            assert used == sum(rule.awards.values_list("points", flat=True)) <= rule.cap_total
        transaction.set_rollback(True)
    cache.clear()
