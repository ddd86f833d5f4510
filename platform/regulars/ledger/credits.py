"""Saying that points arrived on wallets: every act that credits points does so here, once for each posting it made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from regulars import clock, events
from regulars.operations import outbox


def credited(*, member: str, points: int, balance: int, reason: str, is_told: bool = False) -> events.PointsCredited:
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
    outbox.announce(credited(member=member, points=points, balance=balance, reason=reason, is_told=is_told))


def announce_credits(*, points: int, balances: Mapping[str, int], reason: str) -> None:
    """The same for many who got as many each, by public id with their balances; one statement for all of them."""
    facts: Iterable[events.Event] = (
        credited(member=member, points=points, balance=balance, reason=reason) for member, balance in balances.items()
    )
    outbox.announce_all(list(facts))
