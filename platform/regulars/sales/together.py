"""Plain sales that wait at the same moment are written together, in one transaction.

At a busy moment several threads of a server post sales of one business. What a call of the database costs before it
writes its first row, and what it takes to make a transaction durable, then counts once for all of them. Whoever comes
first writes at once and alone; who comes while that is under way waits for it, and the first of those who wait writes
for all. Nobody waits for company: a lone sale is as fast as ever.

Each sale stays its own: it has its key, and its own answer. Where one of them hinders the others, nothing is written,
and each goes the way for every sale (`sales_confirm`) by itself. Sales of one wallet never go together: each starts
from the balance that the one before it left.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection

from regulars.errors import RegularsError
from regulars.operations.outbox import wake_after_commit
from regulars.sql_functions import call

MOST = 16
"""So many sales at most are written in one transaction."""


@dataclass(eq=False, slots=True)
class Waiting:
    """A sale that is to be written, and its answer: None where it is left to the way for every sale.

    `party` is there for whoever is to write next: all whose sales go together, the writer's own first.
    """

    document: dict[str, Any]
    wallet: int | None
    answer: dict[str, Any] | None = None
    party: list[Waiting] | None = None
    is_called: threading.Event = field(default_factory=threading.Event)


_lock = threading.Lock()
_lines: dict[str, deque[Waiting]] = {}
"""Who waits, by schema; a business has a line for as long as somebody writes."""


def post_together(document: dict[str, Any], *, wallet: int | None) -> dict[str, Any] | None:
    """What `sales_confirm_kept` answers for this sale; None where it leaves it to `sales_confirm`.

    Whoever wakes the workers is told once for all that were written together. Not for a thread within a transaction:
    that one's sale belongs to its own.
    """
    schema, mine = connection.schema_name, Waiting(document, wallet)  # type: ignore[attr-defined]
    with _lock:
        line = _lines.get(schema)
        if line is None:
            line = _lines[schema] = deque()
            mine.party = [mine]
        else:
            line.append(mine)
    if mine.party is None:
        mine.is_called.wait()
    if (party := mine.party) is not None:
        try:
            _write(party)
        finally:
            _call_next(schema, line)
            for other in party[1:]:
                other.is_called.set()
        if any(each.answer for each in party):
            wake_after_commit()
    return mine.answer


def _write(party: list[Waiting]) -> None:
    try:
        answers = call("sales_confirm_kept", [each.document for each in party])
    except (RegularsError, DatabaseError):  # each asks for itself now, under its own key
        return
    for answer in answers:
        party[answer["place"] - 1].answer = answer


def _call_next(schema: str, line: deque[Waiting]) -> None:
    """Let the first of those who wait write for all whose sales go with its own."""
    with _lock:
        if not line:
            del _lines[schema]
            return
        party = _of_different_wallets(line)
    party[0].party = party
    party[0].is_called.set()


def _of_different_wallets(line: deque[Waiting]) -> list[Waiting]:
    """Take from a line, in its order, the sales that go together; who has to wait once more stays in front."""
    party: list[Waiting] = []
    staying: list[Waiting] = []
    wallets = set[int | None]()
    while line and len(party) < MOST:
        one = line.popleft()
        if one.wallet is not None and one.wallet in wallets:
            staying.append(one)
        else:
            wallets.add(one.wallet)
            party.append(one)
    line.extendleft(reversed(staying))
    return party
