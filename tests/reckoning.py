"""What must happen in a life that time alone moves on, worked out by hand; the storms hold the nights against it.

It walks through every minute that matters in order, and knows nothing of marks, hints or SQL.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

GIFT = 7
REMINDED = (30, 7, 1)
LADDER = (("base", 0, 0), ("silver", 250, 150), ("gold", 600, 400))
"""Each rung: its code, from how many points it is reached, and with how many it is kept."""
WINDOW_MONTHS, KEPT_MONTHS, GRACE_DAYS = 2, 1, 10
NIGHT = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)


@dataclass
class Grant:
    """Points as the reckoning knows them."""

    who: int
    left: int
    given_at: dt.datetime
    usable_from: dt.datetime
    ends_at: dt.datetime | None


@dataclass
class Place:
    """Where somebody stands on the ladder, as the reckoning knows it; what they earned counts by its day."""

    rung: int = 0
    kept_until: dt.date | None = None
    grace_until: dt.date | None = None
    look_on: dt.date | None = None
    earned: list[tuple[dt.date, int]] = field(default_factory=list)

    def reached(self, today: dt.date) -> int:
        """What was earned within the window."""
        since = months_later(today, -WINDOW_MONTHS)
        return sum(points for day, points in self.earned if day > since)


@dataclass
class Reckoning:
    """What must happen, worked out by hand: every minute that matters is walked through in order."""

    zone: ZoneInfo
    birthdays: list[dt.date]
    joined: list[dt.date]
    places: list[Place]
    grants: list[Grant] = field(default_factory=list)
    gifts: dict[tuple[str, int], list[dt.date]] = field(default_factory=dict)
    happened: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    walked_to: dt.datetime | None = None

    def midnight(self, day: dt.date) -> dt.datetime:
        """The first instant of a day."""
        return dt.datetime.combine(day, dt.time.min, self.zone).astimezone(dt.UTC)

    def day_of(self, instant: dt.datetime) -> dt.date:
        """The day on which an instant falls."""
        return instant.astimezone(self.zone).date()

    def walk(self, until: dt.datetime) -> None:
        """Let everything happen that is due after where it stands, up to an instant."""
        moments = {self.midnight(day) + late for day in self._days(until) for late in (dt.timedelta(), NIGHT)}
        moments |= {at for grant in self.grants for at in (grant.ends_at, grant.usable_from) if at is not None}
        since = self.walked_to
        for moment in sorted(at for at in moments if (since is None or at > since) and at <= until):
            self._end(moment)
            self._arrive(moment)
            if moment == self.midnight(self.day_of(moment)):
                self._look(moment)
            if moment == self.midnight(self.day_of(moment)) + NIGHT:
                self._remind(moment)
                self._give(moment)
        self.walked_to = until

    def spendable(self, who: int, at: dt.datetime) -> int:
        """What somebody can spend."""
        return sum(grant.left for grant in self._open(who, at))

    def spend(self, who: int, amount: int, at: dt.datetime) -> None:
        """Take from what ends first, from the oldest where nothing ends."""
        for grant in self._open(who, at):
            part = min(amount, grant.left)
            grant.left, amount = grant.left - part, amount - part

    def earn(self, who: int, points: int, at: dt.datetime) -> None:
        """Points that are there for good and count for the ladder: they lift at once."""
        today, place = self.day_of(at), self.places[who]
        self.grants.append(Grant(who, points, at, at, None))
        place.earned.append((today, points))
        if (rung := rung_of(place.reached(today))) > place.rung:
            self._put(who, rung, at)

    def _put(self, who: int, rung: int, at: dt.datetime, *, is_move: bool = True) -> None:
        """On a rung from now, for so many whole months; nobody has to keep the first."""
        place, kept = self.places[who], last_of_month(months_later(self.day_of(at), KEPT_MONTHS))
        place.rung, place.grace_until = rung, None
        place.kept_until, place.look_on = (kept, kept + DAY) if rung else (None, None)
        if is_move:
            self.happened["tier", who, at, LADDER[rung][0]] += 1

    def _look(self, at: dt.datetime) -> None:
        today = self.day_of(at)
        for who, place in enumerate(self.places):
            if place.look_on != today:
                continue
            points = place.reached(today)
            if rung_of(points) >= place.rung or points >= LADDER[place.rung][2]:
                self._put(who, place.rung, at, is_move=False)
            elif place.grace_until is None:
                place.grace_until = today - DAY + DAY * GRACE_DAYS
                place.look_on = place.grace_until + DAY
            else:
                self._put(who, place.rung - 1, at)

    def _open(self, who: int, at: dt.datetime) -> list[Grant]:
        mine = [grant for grant in self.grants if grant.who == who and grant.left and grant.usable_from <= at]
        alive = [grant for grant in mine if grant.ends_at is None or grant.ends_at > at]
        never = dt.datetime.max.replace(tzinfo=dt.UTC)
        return sorted(alive, key=lambda grant: grant.ends_at or never)  # the sort is stable: then the oldest

    def _days(self, until: dt.datetime) -> Iterator[dt.date]:
        day = self.day_of(self.walked_to or until)
        while day <= self.day_of(until):
            yield day
            day += DAY

    def _end(self, at: dt.datetime) -> None:
        for grant in self.grants:
            if grant.ends_at == at and grant.left:
                self.happened["ended", grant.who, at, grant.left] += 1
                grant.left = 0

    def _arrive(self, at: dt.datetime) -> None:
        arrived: Counter[int] = Counter()
        for grant in self.grants:
            if grant.usable_from == at > grant.given_at:
                arrived[grant.who] += grant.left
        for who, points in arrived.items():
            if points:
                self.happened["arrived", who, at, points] += 1

    def _remind(self, at: dt.datetime) -> None:
        today, due = self.day_of(at), Counter[int]()
        for grant in self.grants:
            if grant.ends_at is None or not grant.left or self.day_of(grant.given_at - NIGHT) >= today:
                continue
            last = self.day_of(grant.ends_at - dt.timedelta(microseconds=1))
            if (last - today).days in REMINDED:
                due[grant.who] += grant.left
        for who, points in due.items():
            self.happened["reminded", who, at, points] += 1

    def _give(self, at: dt.datetime) -> None:
        today = self.day_of(at)
        for who, birthday in enumerate(self.birthdays):
            for kind, day in (("birthday", birthday), ("anniversary", self.joined[who])):
                if day >= today or today != falls_on(day, today.year):
                    continue
                before = self.gifts.setdefault((kind, who), [])
                if before and ((today - before[-1]).days < 330 or before[-1].year == today.year):
                    continue
                before.append(today)
                self.happened[kind, who, today] += 1
                self.earn(who, GIFT, at)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = dt.date(year, month + 1, 1)
    return min(first + DAY * (day.day - 1), last_of_month(first))


def last_of_month(day: dt.date) -> dt.date:
    """The last day of the month of a day."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def rung_of(points: int) -> int:
    """The highest rung that so many points reach."""
    return max(number for number, (_code, enough, _keeps) in enumerate(LADDER) if points >= enough)


def falls_on(day: dt.date, year: int) -> dt.date:
    """Where a day falls in a year."""
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 2, 28)
    return day.replace(year=year)
