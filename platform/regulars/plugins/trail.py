"""The trail, for the acts of plugins: who did what, written with the act itself."""

from __future__ import annotations

from typing import Any

from regulars.operations.trail import record as _record


def record(*, act: str, by: str = "", subject: str = "", detail: dict[str, Any] | None = None) -> None:
    """Write one entry inside the act's own transaction: `act` reads `<plugin>.<done>`, `subject` is a public id."""
    _record(act=act, actor=by, subject=subject, detail=detail)
