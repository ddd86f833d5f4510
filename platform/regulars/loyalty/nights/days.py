"""Work that belongs to a day of the business: planned, done in pieces, carried on after a crash, done once.

The night of a day begins five minutes after its first instant on the business's clock, when what ends at midnight has
ended. Each kind of work keeps a mark: the next day on which it has something to do, and behind which member it stands.
A piece is done before the mark moves, so a worker that dies does the piece again: whatever a piece does is keyed by
member and day and happens once, however often and by however many workers it is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from regulars import clock
from regulars.loyalty.nights.models import NightMark

AFTER_MIDNIGHT = dt.timedelta(minutes=5)
"""How long after the first instant of a day its night work begins."""
PIECE = 200
DAY = dt.timedelta(days=1)


class DayWork(Protocol):
    """One kind of night work. `members` of a day are numbers in rising order: of members, or of their accounts."""

    kind: str
    begins_today: bool
    """Whether it looks at the day on which it is first wanted, or begins with the next one."""

    def is_wanted(self) -> bool:
        """Whether the business has set anything that asks for it."""

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day after that one on which there may be something to do; None for none in sight."""

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """The next `limit` numbers behind that one for whom the day is due."""

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Do it for these, each at most once however often it is asked."""


def night_of(day: dt.date) -> dt.datetime:
    """When the night work of a business's day begins, in UTC."""
    return clock.start_of(day) + AFTER_MIDNIGHT


def day_at(now: dt.datetime) -> dt.date:
    """The newest day whose night work has begun."""
    return clock.day_of(now - AFTER_MIDNIGHT)


def marks() -> dict[str, NightMark]:
    """Where every kind of work stands, in one question."""
    return {mark.kind: mark for mark in NightMark.objects.all()}


def run(work: DayWork, now: dt.datetime, limit: int, *, mark: NightMark | None) -> dt.datetime | None:
    """Do what is due of one kind, at most `limit` members; returns when it is due next, `now` when more is waiting.

    `mark` is where it stood a moment ago.
    """
    today, left = day_at(now), limit
    mark = _mark(work, mark, today)
    while True:
        if mark is None:
            return None
        if mark.next_on is None or mark.next_on > today:
            planned = _plan(work, mark, today)
            return night_of(planned) if planned is not None else None
        if left <= 0:
            return now
        left -= _piece(work, mark, mark.next_on, min(left, PIECE))
        mark = NightMark.objects.filter(kind=work.kind).first()


def planned_next(works: Sequence[DayWork], now: dt.datetime) -> dt.datetime | None:
    """When the first of these is due by their marks and by what is written now; changes nothing."""
    today = day_at(now)
    marks = dict(NightMark.objects.values_list("kind", "next_on"))
    days = []
    for work in works:
        if work.is_wanted():
            marked = marks.get(work.kind)
            days += [marked if marked is not None and marked <= today else work.next_day(today)]
    first = min((day for day in days if day is not None), default=None)
    return night_of(first) if first is not None else None


def _mark(work: DayWork, mark: NightMark | None, today: dt.date) -> NightMark | None:
    """Where the work stands, begun if need be; None where nobody wants it, and then its mark is forgotten."""
    if not work.is_wanted():
        if mark is not None:
            mark.delete()
        return None
    if mark is None:
        begin = work.next_day(today - DAY if work.begins_today else today)
        NightMark.objects.bulk_create([NightMark(kind=work.kind, next_on=begin)], ignore_conflicts=True)
        mark = NightMark.objects.get(kind=work.kind)
    return mark


def _plan(work: DayWork, mark: NightMark, today: dt.date) -> dt.date | None:
    """The next day there is, noted where something was entered or taken away since it was last asked."""
    planned = work.next_day(today)
    if planned != mark.next_on:
        _move(mark, next_on=planned, cursor=0)
    return planned


def _piece(work: DayWork, mark: NightMark, day: dt.date, size: int) -> int:
    """Do one piece of a day and move the mark; returns for how many it was."""
    members = work.members(day, behind=mark.cursor, limit=size)
    if members:
        work.act(day, members)
    if len(members) == size:
        _move(mark, next_on=day, cursor=members[-1])
    else:
        following = work.next_day(day)
        if following is not None and following <= day:
            raise RuntimeError(f"{work.kind} does not get on from {day}")
        _move(mark, next_on=following, cursor=0)
    return len(members)


def _move(mark: NightMark, *, next_on: dt.date | None, cursor: int) -> None:
    """Move a mark from where it was read; one that another worker moved meanwhile stays where that one put it."""
    known = NightMark.objects.filter(kind=mark.kind, cursor=mark.cursor)
    known = known.filter(next_on=mark.next_on) if mark.next_on else known.filter(next_on__isnull=True)
    known.update(next_on=next_on, cursor=cursor)
