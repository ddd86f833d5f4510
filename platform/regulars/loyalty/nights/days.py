"""Work that belongs to a day of the business: done in pieces, carried on after a crash or an outage, done once.

The night of a day begins five minutes after its first instant on the business's clock, when what ends at midnight has
ended. Each kind of work keeps a mark: the first day that is not done, and behind which member it stands. Every day from
there to today is gone through, by what was known when its night began: workers that were all down for days do what they
would have done, no more. A piece is done before the mark moves, so a worker that dies does the piece again: whatever a
piece does is keyed by member and day and happens once, however often and by however many workers it is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
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
        """The next `limit` numbers behind that one for whom the day is due; what came after its night began is not."""

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


@dataclass(frozen=True)
class Nightly:
    """One kind of work of the day as one kind of due work; `mark` is where it stood a moment ago."""

    work: DayWork
    mark: NightMark | None

    @property
    def name(self) -> str:
        """What it is called in logs."""
        return self.work.kind

    def run(self, *, now: dt.datetime, limit: int) -> dt.datetime | None:
        """Do what is due, at most `limit` members; returns when it is due next, `now` when more is waiting."""
        work, today, left = self.work, day_at(now), limit
        mark = _mark(work, self.mark, today)
        while mark is not None:
            day = work.next_day(mark.open_from - DAY)
            if day is None or day > today:
                return night_of(day) if day is not None else None
            if left <= 0:
                return now
            left -= _piece(work, mark, day, min(left, PIECE))
            mark = NightMark.objects.filter(kind=work.kind).first()
        return None

    def next_due(self, *, now: dt.datetime) -> dt.datetime | None:
        """When it is due by its mark and by what is written now; changes nothing."""
        if not self.work.is_wanted():
            return None
        open_from = self.mark.open_from if self.mark is not None else _beginning(self.work, day_at(now))
        day = self.work.next_day(open_from - DAY)
        return night_of(day) if day is not None else None


def _beginning(work: DayWork, today: dt.date) -> dt.date:
    return today if work.begins_today else today + DAY


def _mark(work: DayWork, mark: NightMark | None, today: dt.date) -> NightMark | None:
    """Where the work stands, begun if need be; None where nobody wants it, and then its mark is forgotten."""
    if not work.is_wanted():
        if mark is not None:
            mark.delete()
        return None
    if mark is None:
        begun = NightMark(kind=work.kind, open_from=_beginning(work, today))
        NightMark.objects.bulk_create([begun], ignore_conflicts=True)
        mark = NightMark.objects.get(kind=work.kind)
    return mark


def _piece(work: DayWork, mark: NightMark, day: dt.date, size: int) -> int:
    """Do one piece of a day and move the mark; returns for how many it was."""
    behind = mark.cursor if day == mark.open_from else 0
    members = work.members(day, behind=behind, limit=size)
    if members:
        work.act(day, members)
    if len(members) == size:
        _move(mark, open_from=day, cursor=members[-1])
    else:
        _move(mark, open_from=day + DAY, cursor=0)
    return len(members)


def _move(mark: NightMark, *, open_from: dt.date, cursor: int) -> None:
    """Move a mark from where it was read; one that another worker moved meanwhile stays where that one put it."""
    known = NightMark.objects.filter(kind=mark.kind, open_from=mark.open_from, cursor=mark.cursor)
    known.update(open_from=open_from, cursor=cursor)
