"""Who wakes the workers: hints in public say which business has work due, and when; nobody else is visited.

A hint is claimed by moving it a lease ahead, so a worker that dies loses nothing: the hint falls due again. A slow
sweep asks the businesses themselves, a few at a time, and repairs a hint that was lost.
"""

from __future__ import annotations

import datetime as dt

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection

from regulars import clock
from regulars.operations import selectors as operations
from regulars.operations import services
from tenants.context import business_context
from tenants.models import Business, BusinessState, WorkHint
from tenants.provisioning import fill_pool
from tenants.provisioning.pool import is_being_built
from tenants.services.practising import drop_unused
from tenants.waking import WAKE
from tenants.work import BusinessTask, PublicTask

log = structlog.get_logger(__name__)
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 200
"""Hints claimed in one turn, and businesses asked in one sweep."""
CLAIM = """
UPDATE "public"."tenants_work_hint" SET due_at = %s WHERE schema_name IN (
    SELECT schema_name FROM "public"."tenants_work_hint" WHERE due_at <= %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING schema_name
"""


@shared_task(base=PublicTask, name="tenants.wake")
def wake() -> int:
    """Queue a run for every open business whose work is due; returns how many. Hints of others are dropped."""
    now = clock.now()
    lease = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [lease, now, AT_ONCE])
        due = [row[0] for row in cursor.fetchall()]
    there = Business.objects.filter(schema_name__in=due, state=BusinessState.OPEN)
    awake = set(there.values_list("schema_name", flat=True)) if due else set()
    if len(awake) < len(due):
        WorkHint.objects.filter(schema_name__in=set(due) - awake).delete()
    for schema_name in awake:
        run_due.apply_async(args=[lease.isoformat()], headers={"_schema_name": schema_name})
    return len(awake)


@shared_task(base=BusinessTask, name="tenants.run_due")
def run_due(lease: str = "") -> str | None:
    """Do what is due in this business and note when work is due next; safe to run twice. Returns that instant."""
    due = services.run_due_work(clock.now())
    note_next(connection.schema_name, due, lease=dt.datetime.fromisoformat(lease) if lease else None)  # type: ignore[attr-defined]
    return due.isoformat() if due else None


def note_next(schema_name: str, due: dt.datetime | None, *, lease: dt.datetime | None) -> None:
    """Replace a claimed hint by the next instant, or remove it; one that was moved meanwhile is left as it is."""
    claimed = WorkHint.objects.filter(schema_name=schema_name, due_at=lease) if lease else WorkHint.objects.none()
    if due is None:
        claimed.delete()
    elif not claimed.update(due_at=due):
        with connection.cursor() as cursor:
            cursor.execute(WAKE, [schema_name, due])


@shared_task(base=PublicTask, name="tenants.sweep")
def sweep() -> int:
    """Ask the next few open businesses whether they have work that no hint knows of; returns how many had.

    Practice places that nobody has entered for long go first.
    """
    drop_unused()
    after = cache.get("tenants.swept", 0)
    asked = list(Business.objects.filter(state=BusinessState.OPEN, pk__gt=after).order_by("pk")[:AT_ONCE])
    cache.set("tenants.swept", asked[-1].pk if len(asked) == AT_ONCE else 0, None)
    return sum(_repair(business) for business in asked)


def _repair(business: Business) -> bool:
    with business_context(business):
        try:
            due = operations.next_due(now=clock.now())
            if due is None:
                return False
            with connection.cursor() as cursor:
                cursor.execute(WAKE, [business.schema_name, due])
                return bool(cursor.rowcount)
        except DatabaseError as error:
            log.error("sweep_failed", swept=business.schema_name, error=type(error).__name__)
            return False


@shared_task(base=PublicTask, name="tenants.keep_pool")
def keep_pool() -> int:
    """Keep so many schemas ready as the settings say, unless a template is in the making; returns how many it made."""
    return 0 if is_being_built() else fill_pool(settings.WARM_POOL_SIZE)
