"""The outbox: facts are written with the act that made them true, and heard only after it is committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.db import connection

from regulars import clock, events, hooks, plugins
from regulars.after_commit import after_commit
from regulars.operations.models import OutboxEvent
from regulars.public_ids import new_public_id

log = structlog.get_logger(__name__)


def new_event_id() -> str:
    """A fact's own id, by which a listener knows that it has heard it before."""
    return new_public_id("evt")


def announce(event: events.Event) -> None:
    """Write a fact inside the transaction of its act; after commit the workers are told, once per transaction.

    Raises `RuntimeError` outside a transaction and `KeyError` for a kind of fact that no hook hears.
    """
    announce_all([event])


def announce_all(announced: Sequence[events.Event]) -> None:
    """Write many facts of one act in one statement; otherwise as `announce`, and nothing for none."""
    if not connection.in_atomic_block:
        names = ", ".join(sorted({type(event).__name__ for event in announced}))
        raise RuntimeError(f"{names} was announced outside the transaction of its act")
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            public_id=event.event_id,
            name=events.NAMES[type(event)],
            payload=events.to_payload(event),
            occurred_at=event.occurred_at,
        )
        for event in announced
    )
    if announced:
        wake_after_commit()


def document(event: events.Event) -> dict[str, Any]:
    """A fact as a function in SQL reads it, for acts that are one call of the database."""
    return {"event_id": event.event_id, "name": events.NAMES[type(event)], "payload": events.to_payload(event)}


def wake_after_commit() -> None:
    """Tell whoever wakes the workers that work is due now, once the present transaction has committed."""
    if connection.in_atomic_block:
        after_commit(_wake, once="work_waiting")
        return
    try:
        _wake()
    except Exception:  # what was committed stands, and the slow sweep finds it
        log.exception("wake_failed")


def _wake() -> None:
    plugins.first(hooks.work_waiting, due_at=clock.now())
