"""Questions about points: the rules in force, and until when what they give is good."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import cache

from regulars.loyalty.points.models import Kind, PointsRule
from regulars.loyalty.points.occasions import AT_SALES, SALE

RULES_KEY = "loyalty.rules"
CACHE_SECONDS = 10
RESTRICTIONS = (
    "condition",
    "branches",
    "terminals",
    "categories",
    "tiers",
    "weekdays",
    "month_days",
    "around_birthday",
    "starts_on",
    "ends_on",
    "least_amount",
)


def active_rules() -> list[PointsRule]:
    """The points rules in force."""
    rules: list[PointsRule] | None = cache.get(RULES_KEY)
    if rules is None:
        rules = list(PointsRule.objects.filter(is_active=True).order_by("id"))
        cache.set(RULES_KEY, rules, CACHE_SECONDS)
    return rules


def spending_rules() -> list[PointsRule]:
    """Those of the rules in force that give everybody points for what is spent, always and everywhere."""
    return [rule for rule in active_rules() if is_plain(rule)]


def is_plain(rule: PointsRule) -> bool:
    """Whether a rule simply gives points for what is spent, and restricts nothing."""
    return rule.trigger == SALE and rule.kind == Kind.PER_AMOUNT and is_unrestricted(rule)


def is_unrestricted(rule: PointsRule) -> bool:
    """Whether a rule holds for everybody, everywhere and always; caps aside."""
    return not any(getattr(rule, name) for name in RESTRICTIONS)


def depend_on_the_basket_alone(rules: Iterable[PointsRule]) -> bool:
    """Whether what a sale earns by these rules is settled by the basket, the day, the place and the tier.

    What the member was or did before may be another a moment later. Caps may not: the database keeps them when posting.
    """
    return not any(
        rule.condition or rule.around_birthday or (rule.trigger in AT_SALES and rule.trigger != SALE) for rule in rules
    )
