"""Questions about points: the rules in force, what a purchase would earn, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.core.cache import cache

from regulars import clock
from regulars.loyalty.points.models import PointsRule

RULES_KEY = "loyalty.rules"
CACHE_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Award:
    """What one rule gives."""

    rule: PointsRule
    points: int


def active_rules() -> list[PointsRule]:
    """The points rules in force."""
    rules: list[PointsRule] | None = cache.get(RULES_KEY)
    if rules is None:
        rules = list(PointsRule.objects.filter(is_active=True).order_by("id"))
        cache.set(RULES_KEY, rules, CACHE_SECONDS)
    return rules


def points_for(amount: int, rules: Sequence[PointsRule] | None = None) -> list[Award]:
    """What spending `amount` (minor units) earns by each active rule, rounded down once per rule."""
    chosen = active_rules() if rules is None else rules
    awards = [Award(rule=rule, points=max(0, amount) // rule.per_amount * rule.points) for rule in chosen]
    return [award for award in awards if award.points]


def expiry_of(rule: PointsRule, earned_on: dt.date) -> dt.datetime | None:
    """When points of a rule expire: with the end of the month after so many months; None for never."""
    if not rule.expires_after_months:
        return None
    first_day_after = earned_on.replace(day=1) + relativedelta(months=rule.expires_after_months + 1)
    return clock.start_of(first_day_after)
