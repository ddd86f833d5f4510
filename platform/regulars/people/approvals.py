"""Giving or taking points for many members: beyond a limit somebody approves, and only then the job starts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.money import format_count
from regulars.organisation.approvals import Change, approvable
from regulars.organisation.models import Staff

ACT = "points.adjust_many"


def preview(payload: dict[str, Any]) -> list[Change]:
    """What will be done, and to how many."""
    from regulars.operations.jobs import kind_of

    return [
        Change(label=_("What will be done"), after=kind_of(payload["kind"]).title(payload["params"])),
        Change(label=_("Members"), after=format_count(payload["count"])),
    ]


@approvable(
    ACT,
    label=gettext_lazy("Give and take points for many members"),
    unit="points",
    permission="points.adjust",
    limits={"": 5_000, "service": 5_000, "manager": 50_000},
    preview=preview,
)
def adjust_many(*, payload: dict[str, Any], by: Staff, key: str) -> Any:
    """Start the job for whoever asked; the same key starts one job."""
    from regulars.operations.jobs import start

    return start(kind=payload["kind"], by=by, params=payload["params"], key=key)
