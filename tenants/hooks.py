"""What the core asks about the place it runs in: its address, its trial, and who wakes the workers."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction

from regulars import clock
from regulars.hooks import hookimpl
from tenants import hosts, selectors
from tenants.models import Business, BusinessState

WAKE = """
INSERT INTO "public"."tenants_work_hint" AS hint (schema_name, due_at)
SELECT new.schema_name, new.due_at FROM (VALUES (%s::text, %s::timestamptz)) AS new (schema_name, due_at)
WHERE NOT EXISTS (
    SELECT FROM "public"."tenants_work_hint" AS known
    WHERE known.schema_name = new.schema_name AND known.due_at <= new.due_at
)
ON CONFLICT (schema_name) DO UPDATE SET due_at = excluded.due_at WHERE hint.due_at > excluded.due_at
"""
"""Looks before it writes: where the workers are called already, a till waits neither for the row nor for the disk."""


@hookimpl
def site_address(path: str) -> str | None:
    """The whole address of a path on the host of the business this thread is in."""
    business = _present()
    if business is None:
        return None
    return f"{settings.PUBLIC_SCHEME}://{selectors.primary_host(business)}{hosts.port()}{path}"


@hookimpl
def settings_changed(name: str, language: str, zone: str) -> bool | None:
    """Keep beside the hosts what is needed to enter the business: whoever enters it activates this zone."""
    business = _present()
    if business is None:
        return None
    Business.objects.filter(pk=business.pk).update(name=name, language=language, zone=zone)
    selectors.forget_domains()
    return True


@hookimpl
def trial_days_left() -> int | None:
    """Days of the trial, the day on which it ends included; 0 once it is over."""
    business = _present()
    if business is None:
        return None
    last = clock.day_of(business.trial_ends_at, business.zone)
    return max(0, (last - clock.today(business.zone)).days)


@hookimpl
def work_waiting(due_at: dt.datetime) -> bool | None:
    """Note, once the present transaction has committed, that this business has work due."""
    schema_name = connection.schema_name  # type: ignore[attr-defined]
    if not schema_name or schema_name == settings.PUBLIC_SCHEMA_NAME:
        return None

    def note() -> None:
        with connection.cursor() as cursor:
            cursor.execute(WAKE, [schema_name, due_at.astimezone(dt.UTC)])

    transaction.on_commit(note)
    return True


def _present() -> Business | None:
    """The open business this thread is in."""
    tenant = connection.tenant  # type: ignore[attr-defined]
    if isinstance(tenant, Business):
        return tenant
    schema_name = getattr(tenant, "schema_name", None)
    if not schema_name or schema_name == settings.PUBLIC_SCHEMA_NAME:
        return None
    business = selectors.business_of(schema_name)
    return business if business is not None and business.state == BusinessState.OPEN else None
