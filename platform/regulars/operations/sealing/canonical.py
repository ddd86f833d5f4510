"""One way to write a row down, so that its hash is the same whoever computes it, whenever.

Values are written as JSON with sorted keys and without blanks, instants in UTC to the microsecond. Numbers are written
by their value: what PostgreSQL keeps as `100` and Python once wrote as `1e2` is one and the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def hash_of(values: Iterable[Any]) -> str:
    """The hash (SHA-256, hexadecimal) of a row's values, in the order of its columns."""
    return hashlib.sha256(canonical(list(values)).encode("utf-8", "surrogatepass")).hexdigest()


def canonical(value: Any) -> str:
    """A value as text that is the same for equal values only. Raises `TypeError` for what no column holds."""
    return _written(_plain(value))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return {"": str(value)}
    if isinstance(value, float | Decimal):
        return {"": _figures(Decimal(repr(value) if isinstance(value, float) else value))}
    if isinstance(value, dict):
        return {f"{key}:": _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dt.datetime):
        return {"at": value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    raise TypeError(f"a row to be sealed holds {type(value).__name__}")


def _figures(value: Decimal) -> str:
    if value == value.to_integral_value():
        return str(int(value))
    return f"{value.normalize():f}"
