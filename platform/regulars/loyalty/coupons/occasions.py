"""Coupons that come by themselves: for birthdays and anniversaries, and to members who have not come for long.

Birthdays are found as those are that bring points: by month and day, as they are known when the night begins. An
absence is known by the last day on which somebody bought or joined: the night after so many days gives the coupon, once
for each absence. Each day is looked at once, so a coupon that begins today wakes nobody who is away for longer already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from regulars import clock
from regulars.loyalty.coupons.giving import give_on_occasion
from regulars.loyalty.coupons.models import CouponTemplate, Occasion
from regulars.loyalty.coupons.selectors import by_themselves
from regulars.loyalty.nights import occasions as yearly
from regulars.loyalty.nights.days import DAY, night_of
from regulars.loyalty.nights.idleness import NEXT
from regulars.loyalty.points.occasions import NOT_AGAIN_FOR

AWAY = """
WITH candidates AS (
    SELECT id FROM people_member WHERE joined_at >= %(joined_from)s AND joined_at < %(joined_until)s
    UNION
    SELECT member_id FROM sales_sale WHERE business_date = %(last)s
)
SELECT member.id FROM candidates JOIN people_member member ON member.id = candidates.id
WHERE member.is_active AND member.id > %(behind)s AND member.joined_on <= %(last)s
  AND NOT EXISTS (SELECT FROM sales_sale sale WHERE sale.member_id = member.id AND sale.business_date > %(last)s)
ORDER BY member.id LIMIT %(limit)s
"""


class YearlyCoupons(yearly.Occasion):
    """A day that comes every year for a member, for those whom a coupon is given on it or some days before it."""

    def templates(self) -> list[CouponTemplate]:
        """The coupons of this occasion."""
        return by_themselves(self.trigger, on=clock.today())

    def is_wanted(self) -> bool:
        """Whether there is one."""
        return bool(self.templates())

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day that lies so many days before somebody's."""
        ahead = {template.days_ahead for template in self.templates()}
        found = ((days, self.following(after + days * DAY)) for days in ahead)
        return min((day - days * DAY for days, day in found if day is not None), default=None)

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """Whose day lies ahead by as many days as a coupon says."""
        found: set[int] = set()
        for days in {template.days_ahead for template in self.templates()}:
            theirs = self.on(day + days * DAY, night=night_of(day)).filter(pk__gt=behind).order_by("pk")
            found.update(theirs.values_list("pk", flat=True)[:limit])
        return sorted(found)[:limit]

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Give each coupon to those whose day it is for, once for each year; a day that is moved brings no second."""
        for template in self.templates():
            theirs = day + template.days_ahead * DAY
            due = self.on(theirs, night=night_of(day)).filter(pk__in=members).order_by("pk")
            give_on_occasion(
                template=template,
                members=list(due.values_list("pk", flat=True)),
                key=f"{self.trigger}:{template.public_id}:{theirs.year}",
                not_since=clock.start_of(day) - NOT_AGAIN_FOR,
            )


class WakeUps:
    """Coupons for members who have bought nothing for so many days."""

    kind = "coupon_wake_ups"
    begins_today = True

    def templates(self) -> list[CouponTemplate]:
        """The coupons that wake somebody up."""
        return by_themselves(Occasion.WAKE_UP, on=clock.today())

    def is_wanted(self) -> bool:
        """Whether there is one."""
        return bool(self.templates())

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day with which so many days are over since a day of purchases or joining."""
        found = (self._next(after, days) for days in {template.idle_days or 1 for template in self.templates()})
        return min((day for day in found if day is not None), default=None)

    def _next(self, after: dt.date, days: int) -> dt.date | None:
        newest = after - days * DAY
        with connection.cursor() as cursor:
            cursor.execute(NEXT, {"after": newest, "joined_after": clock.start_of(newest + DAY)})
            bought, joined = cursor.fetchone()
        known = [day for day in (bought, clock.day_of(joined) if joined else None) if day is not None]
        return min(known) + days * DAY if known else None

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """Who came last so many days before."""
        found: set[int] = set()
        for days in {template.idle_days or 1 for template in self.templates()}:
            found.update(_away_since(day - days * DAY, behind=behind, limit=limit))
        return sorted(found)[:limit]

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Give each coupon to those who have been away for so long, once for each absence."""
        for template in self.templates():
            last = day - (template.idle_days or 1) * DAY
            away = set(_away_since(last, behind=min(members) - 1, limit=len(members)))
            give_on_occasion(
                template=template,
                members=[one for one in members if one in away],
                key=f"{Occasion.WAKE_UP}:{template.public_id}:{last}",
                not_since=clock.start_of(day - ((template.again_days or 1) - 1) * DAY),
            )


def _away_since(last: dt.date, *, behind: int, limit: int) -> list[int]:
    """Who bought or joined on a day and has not come since, by database id."""
    asked: dict[str, Any] = {
        "last": last,
        "joined_from": clock.start_of(last),
        "joined_until": clock.start_of(last + DAY),
        "behind": behind,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(AWAY, asked)
        return [row[0] for row in cursor.fetchall()]


COUPON_BIRTHDAYS = YearlyCoupons("coupon_birthdays", Occasion.BIRTHDAY, "birthday", "birthday_entered_at")
COUPON_ANNIVERSARIES = YearlyCoupons("coupon_anniversaries", Occasion.ANNIVERSARY, "joined_on", "joined_at")
COUPON_WAKE_UPS = WakeUps()
