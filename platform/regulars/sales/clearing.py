"""Forgets prices that were given and not taken up; a sale keeps its own copy of everything that explains it."""

from __future__ import annotations

import datetime as dt

from regulars.sales.models import Quote

KEPT = dt.timedelta(days=7)
"""How long a quote stays after it has run out, so that a till that was offline is told so in words."""


def forget_quotes(*, now: dt.datetime, limit: int) -> int:
    """Forget the oldest quotes that ran out more than `KEPT` ago, but for those of sales on hold; returns how many."""
    old = Quote.objects.filter(expires_at__lt=now - KEPT, on_hold=None).order_by("expires_at").values("pk")[:limit]
    gone, _by_model = Quote.objects.filter(pk__in=old).delete()
    return gone
