"""Whether a rule applies to an occasion: days, places, goods, tier, birthday, and the condition of whoever wrote it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from regulars import conditions
from regulars.loyalty.points.models import Around, PointsRule
from regulars.loyalty.points.occasions import nearest_day

if TYPE_CHECKING:
    from regulars.people.models import Member


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What has happened, on a business's day: for a sale its lines as (position, category, amount in minor units).

    A rehearsal of the past says `at` which instant, and brings what is `known` of the member and the caps `used`.
    """

    trigger: str
    on: dt.date
    member: Member
    tier: str = ""
    branch: str = ""
    terminal: str = ""
    amount: int = 0
    lines: Sequence[tuple[int, str, int]] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    at: dt.datetime | None = None
    known: Mapping[Any, Any] | None = None
    used: dict[tuple[Any, ...], int] | None = None

    def facts(self) -> dict[str, Any]:
        """The occasion as conditions ask about it."""
        return {
            "sale.branch": self.branch,
            "sale.terminal": self.terminal,
            "sale.weekday": str(self.on.isoweekday()),
            "sale.amount": self.amount,
            "sale.category": [category for _position, category, _amount in self.lines if category],
            "sale.channel": "counter",  # the one door that sells; another says its own in `context`
            "sale.date": self.on,
            **self.context,
        }


def applying(rules: Sequence[PointsRule], occasion: Occasion) -> list[PointsRule]:
    """The rules that apply, in their order; the database is asked once, only if a condition is about the member."""
    plain = [rule for rule in rules if _in_time(rule, occasion) and _in_place(rule, occasion)]
    asked = {rule.pk: conditions.stored(rule.condition) for rule in plain if rule.condition}
    if not asked:
        return plain
    if occasion.known is not None:
        facts = conditions.Facts(occasion.known, occasion.facts())
    else:
        facts = conditions.facts_of(occasion.member, *asked.values(), context=occasion.facts())
    return [rule for rule in plain if rule.pk not in asked or asked[rule.pk].holds(facts)]


def counted_lines(rule: PointsRule, occasion: Occasion) -> dict[int, int] | None:
    """The lines of the kinds of goods that a rule names, with their amounts; None for a rule that names none."""
    if not rule.categories:
        return None
    wanted = {name.casefold() for name in rule.categories}
    return {position: amount for position, category, amount in occasion.lines if category.casefold() in wanted}


def _in_time(rule: PointsRule, occasion: Occasion) -> bool:
    on = occasion.on
    if (rule.starts_on and on < rule.starts_on) or (rule.ends_on and on > rule.ends_on):
        return False
    if rule.weekdays and on.weekday() not in rule.weekdays:
        return False
    if rule.month_days and on.day not in rule.month_days:
        return False
    return not rule.around_birthday or _near_birthday(rule.around_birthday, occasion.member.birthday, on)


def _near_birthday(around: str, birthday: dt.date | None, on: dt.date) -> bool:
    if birthday is None:
        return False
    if around == Around.MONTH:
        return birthday.month == on.month
    nearest = nearest_day(birthday, on)
    return nearest == on if around == Around.DAY else nearest.isocalendar()[:2] == on.isocalendar()[:2]


def _in_place(rule: PointsRule, occasion: Occasion) -> bool:
    return (
        (not rule.branches or occasion.branch in rule.branches)
        and (not rule.terminals or occasion.terminal in rule.terminals)
        and (not rule.tiers or occasion.tier in rule.tiers)
    )
