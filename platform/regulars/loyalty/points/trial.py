"""What would happen: what the purchases of the last month would have earned with a rule as it is written, and without.

A rehearsal posts nothing. It counts caps as it goes, looks at members as they are today, and at no more than the newest
purchases, so that it answers while somebody waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars import clock, conditions
from regulars.loyalty.points.earning import Earning, would_earn
from regulars.loyalty.points.matching import Occasion
from regulars.loyalty.points.models import Award, PointsRule
from regulars.loyalty.points.occasions import ANNIVERSARY, AT_SALES, BIRTHDAY, JOINED, SALE, YEARLY, nearest_day
from regulars.loyalty.points.selectors import active_rules
from regulars.people.models import Member

DAYS = 30
MOST_SALES = 500


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a rule would have done: `sales` looked at, those it `touched`, and points `before` and `after` in all.

    `by_rule` are the points of the rule itself, `occasions` how often a rule that waits for no sale would have given;
    `is_known` false where the past says nothing about it.
    """

    since: dt.date
    sales: int = 0
    touched: int = 0
    members: int = 0
    before: int = 0
    after: int = 0
    by_rule: int = 0
    occasions: int = 0
    is_of_sales: bool = True
    is_all: bool = True
    is_known: bool = True

    @property
    def more(self) -> int:
        """How many points more than by the rules in force; below zero: fewer."""
        return self.after - self.before


def try_out(rule: PointsRule) -> Trial:
    """Rehearse the last thirty days with a rule that may not be saved yet. Writes nothing."""
    since = clock.today() - dt.timedelta(days=DAYS)
    if rule.trigger not in AT_SALES:
        return _without_sales(rule, since)
    sales = _sales(since)
    now_in_force = active_rules()
    then_in_force = [each for each in now_in_force if each.pk != rule.pk] + [rule] * rule.is_active
    known = _known(sales, [*now_in_force, rule])
    before = _rehearsed(sales, now_in_force, known)
    after = _rehearsed(sales, then_in_force, known)
    gave = [
        (sale.member_id, each.points)
        for sale, earned in zip(sales, after, strict=True)
        for each in earned.shares
        if each.rule is rule
    ]
    return Trial(
        since=since,
        sales=len(sales),
        touched=len(gave),
        members=len({member for member, _points in gave}),
        before=sum(each.points for each in before),
        after=sum(each.points for each in after),
        by_rule=sum(points for _member, points in gave),
        is_all=len(sales) < MOST_SALES,
    )


def _sales(since: dt.date) -> list[Any]:
    from regulars.sales.models import Sale

    newest = (
        Sale.objects.filter(member__isnull=False, business_date__gte=since)
        .select_related("member__standing__tier", "branch", "terminal")
        .prefetch_related("lines")
        .order_by("-confirmed_at")[:MOST_SALES]
    )
    return list(newest)[::-1]


def _known(sales: Sequence[Any], rules: Sequence[PointsRule]) -> dict[int, Mapping[Any, Any]]:
    asked = [conditions.stored(rule.condition) for rule in rules if rule.condition]
    if not asked or not sales:
        return {}
    facts = conditions.facts_of_many({sale.member_id for sale in sales}, *asked)
    return {member: each.values for member, each in facts.items()}


def _rehearsed(
    sales: Sequence[Any], rules: Sequence[PointsRule], known: Mapping[int, Mapping[Any, Any]]
) -> list[Earning]:
    used: dict[tuple[Any, ...], int] = {}
    found = []
    for sale in sales:
        standing = getattr(sale.member, "standing", None)
        earned = would_earn(
            Occasion(
                trigger=SALE,
                on=sale.business_date,
                member=sale.member,
                tier=standing.tier.code if standing else "",
                branch=sale.branch.public_id,
                terminal=sale.terminal.public_id if sale.terminal else "",
                amount=sale.total,
                lines=[(line.position, line.category, line.amount) for line in sale.lines.all()],
                at=sale.confirmed_at,
                known=known.get(sale.member_id, {}),
                used=used,
            ),
            rules,
        )
        for each in earned.shares:
            for cap in each.counted:
                place = (each.rule.pk, cap["holder"], cap["period"])
                used[place] = used.get(place, 0) + each.points
            if each.occasion:
                used[each.rule.pk, sale.member_id, each.occasion] = each.points
        found.append(earned)
    return found


def _without_sales(rule: PointsRule, since: dt.date) -> Trial:
    """A rule that waits for something else: how often that happened, as far as it can be told."""
    today = clock.today()
    members = Member.objects.filter(is_active=True)
    if rule.trigger == JOINED:
        times = members.filter(joined_on__gte=since).count()
    elif rule.trigger in YEARLY:
        field = {BIRTHDAY: "birthday", ANNIVERSARY: "joined_on"}[rule.trigger]
        days = members.exclude(**{f"{field}__isnull": True}).values_list(field, flat=True)
        times = sum(since <= nearest_day(day, today) <= today for day in days.iterator())
    else:
        times = Award.objects.filter(rule=rule, awarded_on__gte=since).count() if rule.pk else 0
        if not times:
            return Trial(since=since, is_of_sales=False, is_known=False)
    points = rule.points * times
    return Trial(since=since, occasions=times, by_rule=points, after=points, is_of_sales=False)
