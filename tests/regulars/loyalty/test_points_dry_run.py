"""For random members, baskets and rule sets the dry run equals what posting does, and the explanation recomputes."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock, conditions
from regulars.conditions import registry
from regulars.conditions.fields import Field
from regulars.ledger.selectors import balance
from regulars.loyalty.models import Award, CapUse, PointsRule, Standing, Tier
from regulars.loyalty.points.earning import would_earn
from regulars.loyalty.points.engine import recomputed
from regulars.loyalty.points.matching import Occasion
from regulars.people.models import Member
from regulars.people.tags import tag_member, tag_named
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tests.conftest import new_member
from tests.crowd import IS_FULL
from tests.regulars.conditions.conftest import give_points
from tests.regulars.conditions.worlds import trees

pytestmark = [pytest.mark.clause("4.3"), pytest.mark.clause("4.Shows")]

NUMBERS = itertools.count(1)
NOON = dt.datetime(2026, 11, 24, 4, 0, tzinfo=dt.UTC)


TIERS = ["lowest", "highest"]
TAGS = ["VIP", "Early", "Nuts"]


def answerable() -> dict[str, Field]:
    """The fields that a condition can be about here: where one chooses from a list, it has something in it."""
    fields = registry.rooms_fields()
    return {code: field for code, field in fields.items() if field.choices is None or field.all_choices()}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A rule; a tier is named by its place on the ladder."""
    kind = draw(st.sampled_from(["per_amount", "per_amount", "fixed", "multiplier"]))
    cap = st.none() | st.integers(1, 400)
    of_the_sale = st.just({"field": "sale.amount", "is": "at_least", "value": 5_000})
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
        "tiers": draw(st.sampled_from([[], [], [], ["lowest"], ["highest"]])),
        "around_birthday": draw(st.sampled_from(["", "", "", "day", "month"])),
        "least_amount": draw(st.sampled_from([0, 0, 10_000])),
        "condition": draw(st.just({}) | of_the_sale | trees(answerable())),
        "cap_sale": draw(cap),
        "cap_day": draw(cap),
        "cap_total": draw(cap),
    }


people = st.fixed_dictionaries(
    {
        "birthday": st.none()
        | st.just(dt.date(1996, 2, 29))
        | st.just(NOON.date().replace(year=1990))
        | st.dates(dt.date(1940, 1, 1), dt.date(2010, 12, 31)),
        "language": st.sampled_from(["en", "zh-hans"]),
        "source": st.sampled_from(["site", "import", "counter"]),
        "joined": st.integers(0, 900),
        "bought": st.lists(st.tuples(st.integers(1, 800), st.integers(1, 90_000)), max_size=3),
        "points": st.integers(0, 3_000),
        "tags": st.sets(st.sampled_from(TAGS)),
        "tier": st.sampled_from(["", *TIERS]),
    }
)
"""Somebody: joined so many days ago, bought for so much so many days ago, was given points, stands on a tier."""
lines = st.lists(st.tuples(st.integers(1, 60_000), st.sampled_from(["", "tea", "cake"])), min_size=1, max_size=4)


@pytest.fixture
def plain_tiers(business: Any) -> None:
    """Tiers without discount, and the tags that members have and conditions ask for."""
    Tier.objects.update(discount=0)
    for name in TAGS:
        tag_named(name=name, by="")


def somebody(branch: Any, told: dict[str, Any]) -> Member:
    """A member as told, with the purchases that were made."""
    with clock.turned_to(NOON - dt.timedelta(days=told["joined"])):
        member = new_member(contact=f"+86139{next(NUMBERS):08d}", branch=branch)
    Member.objects.filter(pk=member.pk).update(**{name: told[name] for name in ("birthday", "language", "source")})
    for name in told["tags"]:
        tag_member(member=member, tag=tag_named(name=name, by=""), by="")
    for days, amount in sorted(told["bought"], reverse=True):
        with clock.turned_to(NOON - dt.timedelta(days=min(days, told["joined"]))):
            bought(branch, member, [(amount, "tea")])
    if told["points"]:
        give_points(member, told["points"])
    if told["tier"]:
        Standing.objects.filter(member=member).update(tier=on_the_ladder(told["tier"]))
    return member


def on_the_ladder(place: str) -> Tier:
    return Tier.objects.order_by("-threshold" if place == "highest" else "threshold")[0]


def bought(branch: Any, member: Member, basket: list[tuple[int, str]]) -> Sale:
    """A purchase made now."""
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    asked = [LineRequest("Goods", amount, 1, category) for amount, category in basket]
    return confirm(
        quote=quote(branch=branch, member=buyer, lines=asked), key=f"random-{next(NUMBERS):06d}", cashier=None
    )


@pytest.mark.storm
@given(
    who=people,
    sets=st.lists(rules(), min_size=1, max_size=5),
    baskets=st.lists(lines, min_size=1, max_size=3),
)
@settings(max_examples=1_000 if IS_FULL else 40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_dry_run_equals_what_posting_then_does(plain_tiers, branch, who, sets, baskets):
    with transaction.atomic(), clock.turned_to(NOON):
        PointsRule.objects.all().delete()
        cache.clear()
        member = somebody(branch, who)
        for number, told in enumerate(sets):
            PointsRule.objects.create(
                name=f"Rule {number}",
                **{
                    **told,
                    "tiers": [on_the_ladder(place).code for place in told["tiers"]],
                    "condition": conditions.parse(told["condition"]).as_json(),
                },
            )
        cache.clear()
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
            sale = bought(branch, member, basket)
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
