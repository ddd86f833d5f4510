"""Idleness begins to count: wherever it is set after how many months without a purchase points end, this is told."""

from __future__ import annotations

from regulars import clock
from regulars.loyalty.nights.models import NightMark, NightRules
from regulars.loyalty.nights.selectors import RULES_KEY
from regulars.loyalty.saving import forget

IDLENESS, IDLENESS_NOTICES = "idleness", "idleness_notices"


def idleness_changed(*, months: int) -> None:
    """Another number of months holds from today, 0 for never; within the caller's transaction.

    Nobody's idleness began earlier than today, so that all are reminded and nobody loses anything at once.
    """
    rules = NightRules.objects.select_for_update().first() or NightRules(id=1)
    rules.idle_from = clock.today() if months else None
    rules.save()
    NightMark.objects.filter(kind__in=(IDLENESS, IDLENESS_NOTICES)).delete()
    forget(RULES_KEY)
