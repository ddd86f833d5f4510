"""Tiers: the tracks and ladders, where each member stands, and why they moved."""

from __future__ import annotations

import datetime as dt


def evaluate_due(now: dt.datetime, limit: int) -> dt.datetime | None:
    """Look again at those whose day has come; see `regulars.loyalty.tiers.standing.evaluate_due`."""
    from regulars.loyalty.tiers import standing

    return standing.evaluate_due(now=now, limit=limit)
