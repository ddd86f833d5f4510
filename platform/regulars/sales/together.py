"""Plain sales that wait at the same moment are written together, in one transaction.

At a busy moment several threads of a server post sales of one business. What a call of the database costs before it
writes its first row, and what it takes to make a transaction durable, then counts once for all of them. Whoever comes
while others are being written waits for that; then one of those who wait writes for all. It gives as many as were
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
LOOKS_UP = dt.timedelta(seconds=1)
"""So often does whoever waits look whether it is their turn, also when nobody calls: no till ever stands still."""


@dataclass(eq=False, slots=True)
class Waiting:
    """A sale that is to be written, and its answer: None where it is left to the way for every sale.

    Its thread waits at the gate, a lock, which costs less than an event; who wrote it opens, and who calls it to write.
    """

    document: dict[str, Any]
    wallet: int | None
    answer: dict[str, Any] | None = None
    is_over: bool = False
    gate: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.acquire()

    def call(self) -> None:
        """Open the gate once; one that stands open still, since who was called has not looked yet, stays open."""
        if self.gate.locked():
            self.gate.release()

    def end(self) -> None:
        """It is written, or left to the way for every sale: open for good."""
        self.is_over = True
        self.call()


class Line:
    """Who waits in one business. Every act of it is done under `_lock`.

    While nobody writes, the first of those who wait is the one to write once its moment is over. Whoever completes the
    party before writes it instead: that thread runs already, and calling another one takes longer than it would seem.
    """

    def __init__(self) -> None:
        self.waiting: deque[Waiting] = deque()
        self.is_written = False
        self._expected = 1
        self._company = 1
        self._ended = 0

    def join(self, one: Waiting) -> list[Waiting] | None:
        """Stand in line: the sales that are to be written now by whoever came, None where it waits."""
        if not self.is_written and not self.waiting:
            since = dt.timedelta(microseconds=(time.monotonic_ns() - self._ended) // 1000)
            self._expected = min(self._company, MOST) if since < RECENT else 1
        self.waiting.append(one)
        return self.complete()

    def complete(self) -> list[Waiting] | None:
        """The party, if nobody writes and all who are expected are there."""
        return None if self.is_written or _wallets(self.waiting) < self._expected else self._party()

    def led_by(self, one: Waiting) -> list[Waiting] | None:
        """The party as it is, if nobody writes and it is this one's turn, who waited for others."""
        return None if self.is_written or not self.waiting or self.waiting[0] is not one else self._party()

    def end(self, party: list[Waiting]) -> Waiting | None:
        """The party is written: whose turn it is next, None when nobody waits."""
        self.is_written = False
        self._company, self._ended = _wallets([*party, *self.waiting]), time.monotonic_ns()
        self._expected = min(self._company, MOST)
        return self.waiting[0] if self.waiting else None

    @property
    def is_forgotten(self) -> bool:
        """Whether nobody waits, and nobody is expected."""
        return not self.is_written and not self.waiting and self._company == 1

    def _party(self) -> list[Waiting]:
        """Take out, in its order, those whose sales go together; who has to wait once more stays in front."""
        self.is_written = True
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
        is_first = not line.waiting and not line.is_written
        party = line.join(mine)
    if party is None:
        party = _waited(mine, line, is_first=is_first)
    if party is not None:
        _serve(schema, line, party)
    return mine.answer


def _waited(mine: Waiting, line: Line, *, is_first: bool) -> list[Waiting] | None:
    """Wait until the sale is written: None; or until it is for this thread to write: the sales to be written."""
    patience = MOMENT if is_first else LOOKS_UP
    while True:
        is_called = mine.gate.acquire(timeout=patience.total_seconds())
        if mine.is_over:
            return None
        with _lock:
            party = line.complete() if is_called else line.led_by(mine)
        if party is not None:
            return party
        patience = MOMENT if is_called else LOOKS_UP


def _serve(schema: str, line: Line, party: list[Waiting]) -> None:
    """Write for all of the party, and call whoever is next."""
    try:
        _write(party)
    finally:
        with _lock:  # called within: a moment later somebody else may have written for whoever is next
            if (following := line.end(party)) is not None:
                following.call()
            if line.is_forgotten:
                del _lines[schema]
        for each in party:
            each.end()
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
