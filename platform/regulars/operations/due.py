"""What falls due in a business: every kind of it, with how it is done and how one finds out when it is due.

A kind says both, so that whoever repairs a lost hint knows of everything that a worker would do. The kinds of the rooms
are written down here by name; a room may have a list of its own behind one of them, as the nights have.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class DueWork:
    """One kind of due work, by the dotted names of two functions: `act` of `now` and `limit`, `following` of `now`.

    `act` does what is due, at most `limit` of it, and returns when it is due next, `now` when more is waiting; it may
    be repeated, by several workers at once. `following` answers that and changes nothing. None is nothing in sight.
    """

    act: str
    following: str

    @property
    def name(self) -> str:
        """What it is called in logs."""
        return self.act

    def run(self, *, now: dt.datetime, limit: int) -> dt.datetime | None:
        """Do what is due; returns when it is due next."""
        due: dt.datetime | None = import_string(self.act)(now=now, limit=limit)
        return due

    def next_due(self, *, now: dt.datetime) -> dt.datetime | None:
        """When it is due next."""
        due: dt.datetime | None = import_string(self.following)(now=now)
        return due


ROOM_WORK: tuple[DueWork, ...] = (
    DueWork("regulars.operations.jobs.running.run_waiting", "regulars.operations.jobs.running.next_due"),
    DueWork("regulars.operations.trail.seal_due", "regulars.operations.trail.seal_next"),
    DueWork("regulars.ledger.sealed.seal_due", "regulars.ledger.sealed.seal_next"),
    DueWork("regulars.organisation.approvals.expire_due", "regulars.organisation.approvals.next_expiry"),
    DueWork("regulars.sales.holding.end_due", "regulars.sales.holding.next_end"),
    DueWork("regulars.loyalty.nights.services.run_due", "regulars.loyalty.nights.services.next_due"),
)
"""What the rooms of the core do when it is due, in this order."""
