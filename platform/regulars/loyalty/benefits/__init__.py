"""Benefits: what a tier entitles its members to, how often, and what they used of it."""

from __future__ import annotations

import datetime as dt


def yearly_gifts_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Credit yearly gifts that are due, at most `limit`; returns when to look again, None where nobody grants any."""
    from regulars.loyalty.benefits.yearly import give_due  # the models are read before the services can be

    return give_due(now=now, limit=limit)
