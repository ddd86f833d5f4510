"""Reminders of coupons that end: one message for each member and day, with all that end in so many days.

The reminder of 3 days is written in the night that begins the third day before the last one. Of a coupon that came
later than its reminder would have, nothing is said: its owner was told until when it can be used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from regulars import clock
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.telling import remind
from regulars.loyalty.nights.days import DAY, night_of
from regulars.loyalty.nights.notices import last_day
from regulars.loyalty.nights.selectors import night_rules
from regulars.people.models import Member


class CouponNotices:
    """Reminders so many days before coupons end."""

    kind = "coupon_notices"
    begins_today = False

    def is_wanted(self) -> bool:
        """Whether the business reminds at all."""
        return bool(night_rules().coupon_notice_days)

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day on which somebody's coupon has a reminder, by one look at the index for each number of days."""
        found = []
        for ahead in night_rules().coupon_notice_days:
            waiting = _waiting().filter(ends_at__gt=clock.start_of(after + DAY * (ahead + 1)))
            first = waiting.order_by("ends_at").values_list("ends_at", flat=True).first()
            if first is not None:
                found.append(last_day(first) - DAY * ahead)
        return min(found, default=None)

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """The members with coupons to be reminded of."""
        found = _due(day).filter(member__gt=behind).order_by("member").values_list("member", flat=True)
        return [pk for pk in found.distinct()[:limit] if pk is not None]

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Write to each, of what ends first in front."""
        rows = _due(day).filter(member__in=members).select_related("template").order_by("ends_at", "pk")
        theirs: dict[int, list[Coupon]] = {}
        for row in rows:
            theirs.setdefault(row.member_id or 0, []).append(row)
        owners = Member.objects.select_related("branch").filter(pk__in=theirs, is_active=True).order_by("pk")
        remind([(member, theirs[member.pk]) for member in owners], key=day.isoformat())


def _waiting() -> QuerySet[Coupon]:
    """Somebody's coupons that can still be used."""
    return Coupon.objects.filter(state=CouponState.ISSUED, member__isnull=False)


def _due(day: dt.date) -> QuerySet[Coupon]:
    """Those of which members are reminded on a day; what came after its night began is left out."""
    ends = Q(pk=None)
    for ahead in night_rules().coupon_notice_days:
        last = day + DAY * ahead
        ends |= Q(ends_at__gt=clock.start_of(last), ends_at__lte=clock.start_of(last + DAY))
    found = _waiting().annotate(came=Coalesce("claimed_at", "issued_at"))
    return found.filter(ends, came__lt=night_of(day), ends_at__gt=clock.now())
