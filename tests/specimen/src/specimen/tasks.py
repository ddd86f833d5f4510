"""The specimen's tasks."""

from __future__ import annotations

from regulars.plugins import plugin_task
from specimen.services import remember


@plugin_task
def sweep() -> str:
    """Leave a note that the task ran."""
    return str(remember(kind="swept"))
