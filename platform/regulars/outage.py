"""When the database is out: telling it from a statement that failed, and when to try again."""

from __future__ import annotations

from django.db import Error

AGAIN_IN = 5
"""Seconds after which whoever was turned away may come again."""
UNREACHABLE = ("08", "57P", "53300")
"""SQLSTATEs that begin like this say that the server is not to be reached, or ends, or has no room for us."""


def is_unreachable(error: Error) -> bool:
    """Whether an error means that the server cannot be reached, and not that a statement failed."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return not state or state.startswith(UNREACHABLE)
