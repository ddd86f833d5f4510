"""The worker's way in: whoever wakes it has put it into a business already."""

from __future__ import annotations

from celery import shared_task

from regulars import clock
from regulars.operations import services


@shared_task(name="operations.run_due_work")
def run_due_work() -> str | None:
    """Do what is due in the business this task was sent for; returns when work is due next, in ISO 8601."""
    due = services.run_due_work(clock.now())
    return due.isoformat() if due else None
