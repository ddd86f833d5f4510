"""Questions about what runs behind the doors: what is waiting, what was set aside, when work is due next."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min, QuerySet

from regulars.loyalty.nights.services import next_due as nights_due
from regulars.operations.jobs.running import next_due as jobs_due
from regulars.operations.models import Delivery, DeliveryState, OutboxEvent
from regulars.operations.trail import seal_next
from regulars.outreach import selectors as outreach


def next_due(*, now: dt.datetime, with_nights: bool = True) -> dt.datetime | None:
    """When this business has work to do next: `now` for facts nobody has taken up, None when there is nothing.

    Whoever has just asked the nights themselves leaves them out.
    """
    if OutboxEvent.objects.filter(dispatched_at__isnull=True).exists():
        return now
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    instants = [waiting.aggregate(first=Min("next_attempt_at"))["first"], jobs_due(), seal_next(now=now)]
    instants += [outreach.next_due(), nights_due(now=now) if with_nights else None]
    return min((instant for instant in instants if instant is not None), default=None)


def set_aside() -> QuerySet[Delivery]:
    """Deliveries that failed for the last time, oldest first, with their facts."""
    return Delivery.objects.filter(state=DeliveryState.SET_ASIDE).select_related("event").order_by("pk")
