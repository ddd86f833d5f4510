"""Birthdays and the days on which members joined: found by month and day, given points by whatever rules there are.

Who was born or joined on 29 February is remembered on the 28th where the year has no 29th. A day counts as it is known
when its night begins, however late a worker comes to it: who enters a birthday later, or moves it to a day that is
over, waits for the next year, and who moves it after the gift gets no second one in the same year.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence

from django.db import connection
from django.db.models import F, Q, QuerySet

from regulars.errors import RegularsError
from regulars.loyalty.nights.days import night_of
from regulars.loyalty.points.selectors import active_rules
from regulars.people.models import Member
from regulars.people.month_days import MonthDay

LEAP_DAY = 229
EVE_OF_LEAP_DAY = 228
NEXT = """
SELECT (SELECT {key} FROM people_member WHERE {known} AND {key} > %(after)s ORDER BY {key} LIMIT 1),
       (SELECT {key} FROM people_member WHERE {known} ORDER BY {key} LIMIT 1)
"""


def key_of(day: dt.date) -> int:
    """Month and day as one number, 229 for 29 February: the same that the index holds."""
    return day.month * 100 + day.day


def keys_on(day: dt.date) -> list[int]:
    """The month-days that are remembered on a day."""
    is_eve = key_of(day) == EVE_OF_LEAP_DAY and not calendar.isleap(day.year)
    return [EVE_OF_LEAP_DAY, LEAP_DAY] if is_eve else [key_of(day)]


def day_of_key(key: int, year: int) -> dt.date:
    """The day of a year on which a month-day is remembered."""
    if key == LEAP_DAY and not calendar.isleap(year):
        key = EVE_OF_LEAP_DAY
    return dt.date(year, *divmod(key, 100))


class Occasion:
    """A day that comes every year for a member, for those whom a points rule gives something on it."""

    begins_today = True

    def __init__(self, kind: str, trigger: str, column: str, known_at: str) -> None:
        self.kind, self.trigger, self.column, self.known_at = kind, trigger, column, known_at

    def is_wanted(self) -> bool:
        """Whether a rule in force gives something on it."""
        return any(rule.trigger == self.trigger for rule in active_rules())

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day that is somebody's, by two looks at the index."""
        return self.following(after)

    def following(self, after: dt.date) -> dt.date | None:
        """The same, whatever is done on that day or before it."""
        asked = NEXT.format(
            key=MonthDay.template % {"expressions": self.column},
            known=f"is_active AND {self.column} IS NOT NULL",
        )
        with connection.cursor() as cursor:
            cursor.execute(asked, {"after": keys_on(after)[-1]})
            later, first = cursor.fetchone()
        if later is not None:
            return day_of_key(later, after.year)
        return day_of_key(first, after.year + 1) if first is not None else None

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """Whose day it is, first for the first time a year after it was."""
        found = self.on(day, night=night_of(day))
        return list(found.filter(pk__gt=behind).order_by("pk").values_list("pk", flat=True)[:limit])

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Give what the rules give, each member in a transaction of its own.

        What a rule refuses stays refused. Anything else that fails is raised once the others have theirs.
        """
        from regulars.loyalty.points.earning import give

        failed: Exception | None = None
        for member in Member.objects.filter(pk__in=members).order_by("pk"):
            try:
                give(trigger=self.trigger, member=member, occasion=f"{self.trigger}:{day.year}", on=day)
            except RegularsError:
                continue
            except Exception as error:  # noqa: BLE001 - nobody waits for the one who is in the way
                failed = error
        if failed is not None:
            raise failed

    def on(self, day: dt.date, *, night: dt.datetime) -> QuerySet[Member]:
        """Those whose day it is, as it was known when a night began."""
        in_time = Q(**{f"{self.known_at}__lt": night}) | Q(**{f"{self.known_at}__isnull": True})
        known = Member.objects.filter(in_time, is_active=True, **{f"{self.column}__lt": day})
        return known.annotate(**{self.kind: MonthDay(F(self.column))}).filter(**{f"{self.kind}__in": keys_on(day)})


BIRTHDAYS = Occasion("birthdays", "birthday", "birthday", "birthday_entered_at")
ANNIVERSARIES = Occasion("anniversaries", "anniversary", "joined_on", "joined_at")
