"""The only place that reads the time.

Everything that asks "when is it" asks here, so that a test, a rehearsal or the demo's made history can turn the clock.
Instants are aware and in UTC; days are days of the business, cut in its own zone, which whoever enters a business
activates (`django.utils.timezone.activate`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

_turned_to: ContextVar[dt.datetime | None] = ContextVar("turned_to", default=None)


def now() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return _turned_to.get() or dt.datetime.now(dt.UTC)


def today(zone: str = "") -> dt.date:
    """The business's day at this instant; `zone` (an IANA name) asks for a branch that lives in another one."""
    return day_of(now(), zone)


def day_of(instant: dt.datetime, zone: str = "") -> dt.date:
    """The business's day on which an instant falls."""
    return instant.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone()).date()


def hour_of(instant: dt.datetime, zone: str = "") -> int:
    """The hour (0 to 23) of the business's day at an instant."""
    return instant.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone()).hour


def start_of(day: dt.date, zone: str = "") -> dt.datetime:
    """The first instant of a business's day, in UTC."""
    local = dt.datetime.combine(day, dt.time.min, ZoneInfo(zone) if zone else timezone.get_current_timezone())
    return local.astimezone(dt.UTC)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this IANA name; `zoneinfo.available_timezones` would read the whole disk."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


@contextmanager
def turned_to(instant: dt.datetime) -> Iterator[None]:
    """Let it be `instant` (aware) for as long as the block runs, in this thread alone."""
    if instant.tzinfo is None:
        raise ValueError("the clock is turned to an aware instant")
    token = _turned_to.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _turned_to.reset(token)
