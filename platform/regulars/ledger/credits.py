"""Saying that points arrived on wallets, once for each posting that credited some.

Every act does so here; only a sale, which is one call of the database, hands the fact over with its document.
"""

from __future__ import annotations

from collections.abc import Mapping

from regulars import clock, events
from regulars.operations import outbox


def _credited(*, member: str, points: int, balance: int, reason: str, is_told: bool = False) -> events.PointsCredited:
    """The fact that points arrived on the wallet of a member (a public id), with the balance they led to."""
    return events.PointsCredited(
        event_id=outbox.new_event_id(),
        occurred_at=clock.now(),
        member=member,
        points=points,
        balance=balance,
        reason=reason,
        is_told=is_told,
    )


def announce_credit(*, member: str, points: int, balance: int, reason: str, is_told: bool = False) -> None:
    """Announce that points arrived, inside the transaction that credited them.

    `is_told` says that whoever credits them writes to the member about it, so that nobody else does.
    """
    outbox.announce(_credited(member=member, points=points, balance=balance, reason=reason, is_told=is_told))


def announce_credits(*, points: int, balances: Mapping[str, int], reason: str) -> None:
    """The same for many who got as many each, by public id with their balances; one statement for all of them."""
    outbox.announce_all(
        [
            _credited(member=member, points=points, balance=balance, reason=reason)
            for member, balance in balances.items()
        ]
    )
