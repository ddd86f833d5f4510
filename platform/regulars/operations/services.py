"""Doing what is due: each fact goes to each listener, one by one, until it is heard or a person has to look.

A fact is first given one delivery for each listener that is enabled at that moment. A delivery is claimed in a
transaction of its own, which counts the attempt, then told in another, which marks it done together with whatever the
listener wrote. A worker that dies in between loses nothing: the delivery falls due again. So a listener hears a fact
at least once, and its own writes happen once.
"""

from __future__ import annotations

import datetime as dt
import time

import structlog
from django.db import connection, transaction

from regulars import events, hooks, plugins
from regulars.operations import selectors
from regulars.operations.clearing import clear_a_little
from regulars.operations.due import ROOM_WORK
from regulars.operations.models import Delivery, DeliveryState, OutboxEvent
from regulars.operations.outbox import wake_after_commit

PAUSES = (
    dt.timedelta(seconds=10),
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=10),
    dt.timedelta(hours=1),
)
"""How long a delivery waits after each failed attempt; after one more it is set aside."""
ATTEMPTS = len(PAUSES) + 1
BATCH = 100
SECONDS = 2.0
"""So long one turn goes on with facts, and as long with messages: a job that somebody watches has its turn then, and
another business the worker. At another's till or sign-in somebody may be waiting for a code."""

log = structlog.get_logger(__name__)


def run_due_work(now: dt.datetime, *, limit: int = 500) -> dt.datetime | None:
    """Do what is due in this business at `now`, at most `limit` deliveries and messages; returns when work is due next.

    The answer is `now` or earlier when there is more to do, None when nothing is waiting. Safe to run twice and by
    several workers at once.
    """
    from regulars.outreach.services import deliver_waiting

    deliver_facts(now=now, limit=limit)
    due = [*plugins.ask(hooks.due_work, now=now, limit=limit), *_rooms_work(now=now, limit=limit)]
    if deliver_waiting(limit=limit, seconds=SECONDS) >= limit:
        return now
    clear_a_little(now=now, limit=limit)
    return min(
        (instant for instant in (selectors.next_delivery(now=now), *due) if instant is not None),
        default=None,
    )


def _rooms_work(*, now: dt.datetime, limit: int) -> list[dt.datetime | None]:
    """What the rooms of the core do when it is due, each on its own: one that fails is tried again in a minute."""
    answers: list[dt.datetime | None] = []
    for work in ROOM_WORK:
        try:
            answers.append(work.run(now=now, limit=limit))
        except Exception:
            log.exception("room_work_failed", work=work.name)
            answers.append(now + PAUSES[1])
    return answers


def deliver_facts(*, now: dt.datetime, limit: int) -> None:
    """Hand out the facts that wait and tell each listener, at most `limit` deliveries and no longer than a turn has."""
    enough = time.monotonic() + SECONDS
    for _round in range(-(-limit // BATCH)):
        if not hand_out(now=now) or time.monotonic() > enough:
            break
    for _delivery in range(limit):
        if not deliver_one(now=now) or time.monotonic() > enough:
            break


@transaction.atomic
def hand_out(*, now: dt.datetime) -> int:
    """Give the oldest facts that nobody has taken up a delivery for each listener; returns how many facts."""
    waiting = OutboxEvent.objects.filter(dispatched_at__isnull=True).order_by("pk")
    facts = list(waiting.select_for_update(skip_locked=True)[:BATCH])
    hearing = {name: plugins.listeners(name) for name in {fact.name for fact in facts} & events.FACTS.keys()}
    Delivery.objects.bulk_create(
        [
            Delivery(event=fact, listener=listener, next_attempt_at=now)
            for fact in facts
            for listener in hearing.get(fact.name, [])
        ],
        ignore_conflicts=True,
    )
    OutboxEvent.objects.filter(pk__in=[fact.pk for fact in facts]).update(dispatched_at=now)
    return len(facts)


def deliver_one(*, now: dt.datetime) -> bool:
    """Claim the delivery that has been due longest and tell its listener; False when none is due."""
    claimed = _claim(now)
    if claimed is None:
        return False
    try:
        _tell(claimed)
    except Exception as error:  # noqa: BLE001 - one listener's failure is noted and holds nobody up
        _note_failure(claimed, error)
    return True


@transaction.atomic
def _claim(now: dt.datetime) -> int | None:
    """Count an attempt at the next due delivery and put off the one after it, before anything can go wrong."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE operations_delivery SET
                attempts = attempts + 1,
                next_attempt_at = %(now)s + (%(pauses)s::interval[])[least(attempts + 1, %(longest)s)]
            WHERE id = (
                SELECT id FROM operations_delivery
                WHERE state = 'waiting' AND next_attempt_at <= %(now)s
                ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING id
            """,
            {"now": now, "pauses": list(PAUSES), "longest": len(PAUSES)},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


@transaction.atomic
def _tell(claimed: int) -> None:
    delivery = (
        Delivery.objects.select_related("event")
        .select_for_update(of=("self",))
        .filter(pk=claimed, state=DeliveryState.WAITING)
        .first()
    )
    if delivery is None:
        return
    if delivery.attempts > ATTEMPTS:
        raise RuntimeError("the worker ended while the listener was told, each time")
    plugins.tell(delivery.listener, events.from_payload(delivery.event.name, delivery.event.payload))
    delivery.state, delivery.error = DeliveryState.DONE, ""
    delivery.save(update_fields=["state", "error"])


@transaction.atomic
def _note_failure(claimed: int, error: Exception) -> None:
    delivery = Delivery.objects.select_related("event").select_for_update(of=("self",)).get(pk=claimed)
    delivery.error = f"{type(error).__name__}: {error}"[:2000]
    if delivery.attempts >= ATTEMPTS:
        delivery.state = DeliveryState.SET_ASIDE
    delivery.save(update_fields=["error", "state"])
    log.error(
        "delivery_failed",
        plugin=delivery.listener,
        fact=delivery.event.name,
        fact_id=delivery.event.public_id,
        attempt=delivery.attempts,
        is_set_aside=delivery.state == DeliveryState.SET_ASIDE,
        exc_info=error,
    )


@transaction.atomic
def retry_set_aside(*, now: dt.datetime, listener: str = "") -> int:
    """Let what was set aside be tried again from now, all of it or one listener's; returns how many."""
    waiting = Delivery.objects.filter(state=DeliveryState.SET_ASIDE)
    if listener:
        waiting = waiting.filter(listener=listener)
    changed = waiting.update(state=DeliveryState.WAITING, attempts=0, next_attempt_at=now)
    if changed:
        wake_after_commit()
    return changed
