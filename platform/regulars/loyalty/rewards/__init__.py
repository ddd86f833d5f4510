"""Rewards: the shelf of what points are redeemed for, and what became of each redemption."""

from __future__ import annotations

import datetime as dt


def expire_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Give back what was not collected in time, at most `limit`; returns when the next one ends, None for none."""
    from regulars.loyalty.rewards.services import expire_due as expire  # the models are read before the services can be

    return expire(now=now, limit=limit)
