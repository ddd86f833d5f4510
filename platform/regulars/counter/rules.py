"""What holds at every till of the business: when it locks, how long a sale can be voided, whether a shift is needed."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.counter.models import LONGEST_LOCK, LONGEST_VOID, CounterSettings
from regulars.counter.shifts.selectors import shift_at
from regulars.errors import InvalidInput
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Terminal

CACHE_KEY = "counter_settings"
CACHE_SECONDS = 30


def counter_settings() -> CounterSettings:
    """What holds; the defaults where nobody has set anything. Kept in this business's cache: every sale asks."""
    found: CounterSettings | None = cache.get(CACHE_KEY)
    return counter_settings_anew() if found is None else found


def counter_settings_anew() -> CounterSettings:
    """What holds as it is written now, remembered for whoever asks next."""
    found = CounterSettings.objects.filter(pk=1).first() or CounterSettings(pk=1)
    cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return found


@transaction.atomic
def change_counter_settings(*, lock_after: int, void_within: int, needs_shift: bool, by: str) -> CounterSettings:
    """Change what holds at every till; minutes, 0 for never. Raises `InvalidInput` naming the field."""
    for name, value, most in (("lock_after", lock_after, LONGEST_LOCK), ("void_within", void_within, LONGEST_VOID)):
        if not 0 <= value <= most:
            raise InvalidInput(_("Enter a whole number from 0 to %(most)s.") % {"most": most}, field=name)
    kept = counter_settings_anew()
    before = _as_said(kept)
    kept.lock_after, kept.void_within, kept.needs_shift = lock_after, void_within, needs_shift
    kept.save()
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))
    cache.delete(CACHE_KEY)
    record(act="counter_settings.saved", actor=by, subject="counter", before=before, after=_as_said(kept))
    return kept


def void_window() -> dt.timedelta:
    """How long the last sale can be voided."""
    return dt.timedelta(minutes=counter_settings().void_within)


def needs_shift(branch: Branch, terminal: Terminal | None) -> bool:
    """Whether the drawer of a till has to be opened before anything is sold there."""
    return counter_settings().needs_shift and shift_at(branch, terminal) is None


def _as_said(kept: CounterSettings) -> dict[str, int | bool]:
    return {"lock_after": kept.lock_after, "void_within": kept.void_within, "needs_shift": kept.needs_shift}
