"""Questions about what runs behind the doors: what is waiting, what was set aside, when work is due next."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min, QuerySet

from regulars import hooks, plugins
from regulars.operations.due import ROOM_WORK
from regulars.operations.jobs.running import next_due as jobs_due
from regulars.operations.models import Delivery, DeliveryState, OutboxEvent
from regulars.operations.trail import seal_next
from regulars.outreach import selectors as outreach


def next_due(*, now: dt.datetime) -> dt.datetime | None:
    """When this business has work to do next: `now` for what is overdue, None when there is nothing. Changes nothing.

    It knows every kind of due work there is, of the rooms and of plugins.
    """
    rooms = [work.next_due(now=now) for work in ROOM_WORK]
    instants = [next_delivery(now=now), *rooms, *plugins.ask(hooks.due_work, now=now, limit=0)]
    return min((instant for instant in instants if instant is not None), default=None)


def next_delivery(*, now: dt.datetime) -> dt.datetime | None:
    """When a fact, a message, a job or the trail has to be looked at next: what any act of a turn may have added to."""
    if OutboxEvent.objects.filter(dispatched_at__isnull=True).exists():
        return now
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    instants = [waiting.aggregate(first=Min("next_attempt_at"))["first"], jobs_due(now=now), seal_next(now=now)]
    return min((instant for instant in [*instants, outreach.next_due()] if instant is not None), default=None)


def set_aside() -> QuerySet[Delivery]:
    """Deliveries that failed for the last time, oldest first, with their facts."""
    return Delivery.objects.filter(state=DeliveryState.SET_ASIDE).select_related("event").order_by("pk")
