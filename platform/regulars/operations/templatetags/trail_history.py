"""`{% record_history subject %}`: what was done to a record, on the record's own page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from regulars.operations import trail
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import staff_of

register = template.Library()


@register.inclusion_tag("operations/history.html", takes_context=True)
def record_history(context: Mapping[str, Any], subject: str, limit: int = 20) -> dict[str, Any]:
    """The newest acts on the record of a public id, for readers who may see the trail; nothing for others."""
    staff = staff_of(getattr(context.get("request"), "user", None))
    is_shown = bool(subject) and allows(staff, "trail.view")
    lines = trail.history(subject, limit, reader=staff) if is_shown else []
    return {"is_shown": is_shown, "lines": lines, "subject": subject, "limit": limit}
