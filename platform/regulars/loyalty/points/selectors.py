"""Questions about points: the rules in force, and until when what they give is good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

from regulars.loyalty.points.models import Kind, PointsRule
from regulars.loyalty.points.occasions import AT_SALES, SALE
from regulars.sql_functions import prepared

RULES_KEY = "loyalty.rules"
CACHE_SECONDS = 3_600
"""How long rules that nobody changes are kept; they are used only while the database says that they are the same."""
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


@dataclass(frozen=True)
class RulesInForce:
    """The points rules in force, and the version of all of them; no rule of it is older than that."""

    version: str
    rules: list[PointsRule]


def rules_in_force() -> RulesInForce:
    """The points rules in force at this moment: the database is asked for their version, the cache for the rest."""
    schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
    version: str = prepared(f"SELECT {schema}.loyalty_rules_version()")
    kept: RulesInForce | None = cache.get(RULES_KEY)
    if kept is None or kept.version != version:
        kept = RulesInForce(version, list(PointsRule.objects.filter(is_active=True).order_by("id")))
        cache.set(RULES_KEY, kept, CACHE_SECONDS)
    return kept


def active_rules() -> list[PointsRule]:
    """The points rules in force."""
    return rules_in_force().rules


def spending_rules() -> list[PointsRule]:
    """Those of the rules in force that give everybody points for what is spent, always and everywhere."""
    return [rule for rule in active_rules() if is_plain(rule)]


def is_plain(rule: PointsRule) -> bool:
    """Whether a rule simply gives points for what is spent, and restricts nothing."""
    return rule.trigger == SALE and rule.kind == Kind.PER_AMOUNT and is_unrestricted(rule)


def is_unrestricted(rule: PointsRule) -> bool:
    """Whether a rule holds for everybody, everywhere and always; caps aside."""
    return not any(getattr(rule, name) for name in RESTRICTIONS)


def always_wins(other: PointsRule, rule: PointsRule) -> bool:
    """Whether of two rules of one group the other one gives points wherever this one would."""
    return (
        other.stacking_group == rule.stacking_group
        and other.priority > rule.priority
        and other.trigger == rule.trigger
        and other.kind != Kind.MULTIPLIER  # which may find nothing to multiply
        and not (other.kind == Kind.PER_AMOUNT and other.whole_steps)  # nor has a small purchase a full step
        and other.cap_sale is None
        and other.cap_day is None
        and other.cap_week is None
        and other.cap_month is None
        and other.cap_year is None
        and other.cap_total is None
        and is_unrestricted(other)
    )


def depend_on_the_basket_alone(rules: Iterable[PointsRule]) -> bool:
    """Whether what a sale earns by these rules is settled by the basket, the day, the place and the tier.

    What the member was or did before may be another a moment later. Caps may not: the database keeps them when posting.
    """
    return not any(
        rule.condition or rule.around_birthday or (rule.trigger in AT_SALES and rule.trigger != SALE) for rule in rules
    )
