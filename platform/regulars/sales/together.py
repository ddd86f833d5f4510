"""Plain sales that wait at the same moment are written together, in one transaction.

At a busy moment several threads of a server post sales of one business. What a call of the database costs before it
writes its first row, and what it takes to make a transaction durable, then counts once for all of them. Whoever comes
while others are being written waits for that, and the first of those who wait writes for all. It gives as many as were
there just before a moment to come back, since where four tills sold together the four of them will: that is what makes
parties large. A lone sale finds nobody expected, and is as fast as ever.

Each sale stays its own: it has its key, and its own answer. Where one of them hinders the others, nothing is written,
and each goes the way for every sale (`sales_confirm`) by itself. Sales of one wallet never go together: each starts
from the balance that the one before it left.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection

from regulars.errors import RegularsError
from regulars.operations.outbox import wake_after_commit
from regulars.sql_functions import call

MOST = 16
"""So many sales at most are written in one transaction."""
MOMENT = dt.timedelta(milliseconds=1)
"""So long at most does a party wait for those who are expected."""
RECENT = dt.timedelta(milliseconds=3)
"""So long after a party are those who were there expected once more."""


@dataclass(eq=False, slots=True)
class Waiting:
    """A sale that is to be written, and its answer: None where it is left to the way for every sale.

    Its thread waits at the gate, a lock, which costs less than an event; whoever wrote it, or calls it to write, opens.
    """

    document: dict[str, Any]
    wallet: int | None
    answer: dict[str, Any] | None = None
    is_writer: bool = False
    gate: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.acquire()


class Line:
    """Who waits in one business. Every act of it is done under `_lock`."""

    def __init__(self) -> None:
        self.waiting: deque[Waiting] = deque()
        self.is_served = False
        self.expected = 1
        self.is_complete = threading.Event()
        self._company = 1
        self._ended = 0

    def join(self, one: Waiting) -> bool:
        """Stand in line, and whether one has to wait there: who finds nobody writing is the writer."""
        self.waiting.append(one)
        if not self.is_served:
            self.is_served = one.is_writer = True
            since = dt.timedelta(microseconds=(time.monotonic_ns() - self._ended) // 1000)
            self._expect(self._company if since < RECENT else 1)
            return False
        if _wallets(self.waiting) >= self.expected:
            self.is_complete.set()
        return True

    def next_party(self) -> list[Waiting]:
        """Take out, in its order, those whose sales go together; who has to wait once more stays in front."""
        party: list[Waiting] = []
        staying: list[Waiting] = []
        wallets = set[int | None]()
        while self.waiting and len(party) < MOST:
            one = self.waiting.popleft()
            if one.wallet is not None and one.wallet in wallets:
                staying.append(one)
            else:
                wallets.add(one.wallet)
                party.append(one)
        self.waiting.extendleft(reversed(staying))
        return party

    def end(self, party: list[Waiting]) -> Waiting | None:
        """The party is written: who writes next, None when nobody waits."""
        self._company, self._ended = _wallets([*party, *self.waiting]), time.monotonic_ns()
        if not self.waiting:
            self.is_served = False
            return None
        self._expect(self._company)
        self.waiting[0].is_writer = True
        return self.waiting[0]

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody waits, and nobody is expected."""
        return not self.is_served and self._company == 1

    def _expect(self, company: int) -> None:
        self.expected = min(company, MOST)
        if _wallets(self.waiting) >= self.expected:
            self.is_complete.set()
        else:
            self.is_complete.clear()


_lock = threading.Lock()
_lines: dict[str, Line] = {}
"""By schema; a business whose sales come one by one has a line only while somebody writes."""


def post_together(document: dict[str, Any], *, wallet: int | None) -> dict[str, Any] | None:
    """What `sales_confirm_kept` answers for this sale; None where it leaves it to `sales_confirm`.

    Whoever wakes the workers is told once for all that were written together. Not for a thread within a transaction:
    that one's sale belongs to its own.
    """
    schema, mine = connection.schema_name, Waiting(document, wallet)  # type: ignore[attr-defined]
    with _lock:
        if (line := _lines.get(schema)) is None:
            line = _lines[schema] = Line()
        has_to_wait = line.join(mine)
    if has_to_wait:  # as it was when joining: who is called before it gets here finds its gate open
        mine.gate.acquire()
    if mine.is_writer:
        _serve(schema, line)
    return mine.answer


def _serve(schema: str, line: Line) -> None:
    """Write for all who are there, and call whoever writes next."""
    line.is_complete.wait(MOMENT.total_seconds())
    with _lock:
        party = line.next_party()
    try:
        _write(party)
    finally:
        with _lock:
            writer = line.end(party)
            if line.is_forgotten:
                del _lines[schema]
        if writer is not None:
            writer.gate.release()
        for each in party:
            each.gate.release()
    if any(each.answer for each in party):
        wake_after_commit()


def _write(party: list[Waiting]) -> None:
    try:
        answers = call("sales_confirm_kept", [each.document for each in party])
    except (RegularsError, DatabaseError):  # each asks for itself now, under its own key
        return
    for answer in answers:
        party[answer["place"] - 1].answer = answer


def _wallets(sales: Iterable[Waiting]) -> int:
    """How many of them can go together: those of one wallet count once, a guest's for itself."""
    return len({id(each) if each.wallet is None else each.wallet for each in sales})
