"""Forgets what nobody needs any longer: sessions that ran out, prices never taken up, facts that everybody has heard.

A business is never woken for it: whoever has other work here clears a little, at most once an hour, the oldest first.
What tells of members, value or acts (sales, ledger, trail, messages) is not touched; law says how long that stays.
"""

from __future__ import annotations

import datetime as dt

import structlog
from django.core.cache import cache
from django.db import connection
from django.utils.module_loading import import_string

from regulars.operations.models import DeliveryState

PAUSE = dt.timedelta(hours=1)
FACTS_KEPT = dt.timedelta(days=30)
"""How long a fact stays after its listeners have heard it, for whoever looks into what went wrong."""

ROOM_CLEARING: tuple[str, ...] = (
    "regulars.access.services.forget_sessions",
    "regulars.sales.clearing.forget_quotes",
    "regulars.api.services.forget_answers",
    "regulars.operations.clearing.forget_facts",
)
"""What each room forgets: functions of `now` and `limit` that return how many rows went."""

log = structlog.get_logger(__name__)


def clear_a_little(*, now: dt.datetime, limit: int) -> int:
    """Forget at most `limit` rows of each kind in this business, unless somebody did within the hour; how many went."""
    if not cache.add("operations.cleared", True, PAUSE.total_seconds()):
        return 0
    return sum(_cleared(dotted, now=now, limit=limit) for dotted in ROOM_CLEARING)


def forget_facts(*, now: dt.datetime, limit: int) -> int:
    """Forget the oldest facts that every listener heard more than `FACTS_KEPT` ago, with their deliveries."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH heard AS (
                SELECT event.id FROM (
                    SELECT id, dispatched_at FROM operations_outboxevent ORDER BY id LIMIT %(limit)s
                ) event
                WHERE event.dispatched_at < %(before)s AND NOT EXISTS (
                    SELECT FROM operations_delivery delivery
                    WHERE delivery.event_id = event.id AND delivery.state <> %(done)s
                )
            ), told AS (
                DELETE FROM operations_delivery WHERE event_id IN (SELECT id FROM heard)
            )
            DELETE FROM operations_outboxevent WHERE id IN (SELECT id FROM heard)
            """,
            {"limit": limit, "before": now - FACTS_KEPT, "done": DeliveryState.DONE},
        )
        return int(cursor.rowcount)


def _cleared(dotted: str, *, now: dt.datetime, limit: int) -> int:
    try:
        return int(import_string(dotted)(now=now, limit=limit))
    except Exception:
        log.exception("clearing_failed", work=dotted)
        return 0
