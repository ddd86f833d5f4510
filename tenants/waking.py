"""Who has work due tells the workers, at most so often: what a busy till asks for meanwhile is told together.

The first word is given at once, by whoever asked. What follows in the same moment is owed, and given a moment later by
a thread of its own: after every act that asked for it, so that none is forgotten. A process has one such thread, with
one connection to the database, for as long as anything is owed. A process that dies in between owes a word that the
slow sweep gives in its place, as for one that dies between its act and the word.
"""

from __future__ import annotations

import datetime as dt
import threading
import time

import structlog
from django.conf import settings
from django.db import connection

from regulars import clock
from regulars.sql_functions import prepared
from tenants.context import public_context

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

MOST_REMEMBERED = 10_000
log = structlog.get_logger(__name__)

_lock = threading.Lock()
_told: dict[str, float] = {}
_owed: set[str] = set()
_payers: list[threading.Thread] = []
"""The thread that gives what is owed, while there is one."""


def wake(schema_name: str, due_at: dt.datetime) -> None:
    """Note that a business has work due, unless this process did so a moment ago; then it does once more, later."""
    pause = settings.WAKE_AT_MOST_EVERY / 1000
    if not pause or due_at > clock.now():
        tell(schema_name, due_at)
        return
    with _lock:
        now = time.monotonic()
        is_recent = now - _told.get(schema_name, -pause) < pause
        if is_recent and schema_name in _owed:
            return
        if is_recent:
            _owed.add(schema_name)
            if not _payers:
                _payers.append(threading.Thread(target=_pay, args=[pause], name="waking", daemon=True))
                _payers[0].start()
            return
        if len(_told) >= MOST_REMEMBERED:
            _told.clear()
        _told[schema_name] = now
    tell(schema_name, due_at)


def tell(schema_name: str, due_at: dt.datetime) -> None:
    """Write the hint now."""
    prepared(WAKE, schema_name, due_at.astimezone(dt.UTC))


def _pay(pause: float) -> None:
    """Give what is owed, every so often, until nothing is."""
    try:
        while True:
            time.sleep(pause)
            with _lock:
                if not _owed:
                    _payers.clear()
                    return
                owed = [*_owed]
                _owed.clear()  # whoever asks from here on is owed another word
                _told.update(dict.fromkeys(owed, time.monotonic()))
            for schema_name in owed:
                try:
                    with public_context():
                        tell(schema_name, clock.now())
                except Exception:
                    log.exception("wake_failed", owed=schema_name)
    finally:
        connection.close()
