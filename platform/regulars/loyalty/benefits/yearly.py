"""The gift of points that some tiers give each year: once for each member and calendar year."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef

from regulars import clock
from regulars.errors import UsedUp
from regulars.loyalty.benefits.models import BenefitKind, BenefitUse
from regulars.loyalty.benefits.periods import key_of, last_day_of
from regulars.loyalty.benefits.selectors import Entitlement, grants
from regulars.loyalty.benefits.services import give_gift
from regulars.loyalty.tiers.models import Standing, TrackStanding
from regulars.people.models import Member

AFTER_MIDNIGHT = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)


def give_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Give what is due, at most `limit` gifts; returns `now` when more wait, else the next night, None for no gifts.

    Safe to repeat: a gift is keyed by member, benefit and year, and a year has one. One that was taken back stays so.
    """
    today, given = clock.day_of(now), 0
    gifts = [grant for grant in grants() if grant.benefit.kind == BenefitKind.YEARLY_GIFT and grant.benefit.points]
    for grant in gifts:
        year = key_of(grant.benefit.period, today)
        entitlement = Entitlement(
            benefit=grant.benefit,
            tier=grant.tier,
            allowed=1,
            used=0,
            until=last_day_of(grant.benefit.period, today),
        )
        for member in _waiting(entitlement, year, limit - given):
            try:
                give_gift(member=member, entitlement=entitlement, key=f"gift:{grant.benefit_id}:{member.pk}:{year}")
            except UsedUp:  # through another tier, or by another worker
                continue
            given += 1
    if not gifts:
        return None
    return now if given >= limit else clock.start_of(today + DAY) + AFTER_MIDNIGHT


def _waiting(entitlement: Entitlement, year: str, limit: int) -> list[Member]:
    """Who stands on the tier and has had nothing of this year's."""
    if limit <= 0:
        return []
    had = BenefitUse.objects.filter(member=OuterRef("pk"), benefit=entitlement.benefit, period_key=year)
    waiting = Member.objects.filter(~Exists(had), is_active=True)
    if entitlement.tier.track.is_default:
        waiting = waiting.filter(pk__in=Standing.objects.filter(tier=entitlement.tier).values("member"))
    else:
        waiting = waiting.filter(pk__in=TrackStanding.objects.filter(tier=entitlement.tier).values("member"))
    return list(waiting.order_by("pk")[:limit])
