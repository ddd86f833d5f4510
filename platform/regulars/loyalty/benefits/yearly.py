"""The gift of points that some tiers give each year: once for each member and calendar year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from regulars import clock
from regulars.errors import UsedUp
from regulars.loyalty.benefits.models import BenefitKind, BenefitUse, TierBenefit
from regulars.loyalty.benefits.periods import key_of, last_day_of
from regulars.loyalty.benefits.selectors import Entitlement, grants
from regulars.loyalty.benefits.services import give_gift
from regulars.loyalty.tiers.models import Standing, Tier, TrackStanding
from regulars.people.models import Member

AFTER_MIDNIGHT = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)


def give_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Give what is due, at most `limit` gifts; returns `now` when more wait, else when the next may be due.

    Safe to repeat: a gift is keyed by member, benefit and year, and a year has one. One that was taken back stays so.
    """
    today, given, gifts = clock.day_of(now), 0, _gifts()
    for grant in gifts:
        entitlement = Entitlement(
            benefit=grant.benefit,
            tier=grant.tier,
            allowed=1,
            used=0,
            until=last_day_of(grant.benefit.period, today),
        )
        year = key_of(grant.benefit.period, today)
        for member in _waiting(grant, today).order_by("pk")[: limit - given]:
            try:
                give_gift(member=member, entitlement=entitlement, key=f"gift:{grant.benefit_id}:{member.pk}:{year}")
            except UsedUp:  # through another tier, or by another worker
                continue
            given += 1
        if given >= limit:
            return now
    return _next_period(gifts, today)


def next_due(*, now: dt.datetime) -> dt.datetime | None:
    """When the next gift may be due: `now` while somebody waits for one, else with the next period; changes nothing."""
    today, gifts = clock.day_of(now), _gifts()
    return now if any(_waiting(grant, today).exists() for grant in gifts) else _next_period(gifts, today)


def _gifts() -> list[TierBenefit]:
    return [grant for grant in grants() if grant.benefit.kind == BenefitKind.YEARLY_GIFT and grant.benefit.points]


def _next_period(gifts: Sequence[TierBenefit], today: dt.date) -> dt.datetime | None:
    """When those who stand on such a tier get their next: nobody else does before an act puts them there."""
    last_days = [last_day_of(grant.benefit.period, today) for grant in gifts if _standing(grant.tier).exists()]
    first = min((day for day in last_days if day is not None), default=None)
    return clock.start_of(first + DAY) + AFTER_MIDNIGHT if first is not None else None


def _waiting(grant: TierBenefit, today: dt.date) -> QuerySet[Member]:
    """Who stands on the tier and has had nothing of this year's."""
    year = key_of(grant.benefit.period, today)
    had = BenefitUse.objects.filter(member=OuterRef("pk"), benefit=grant.benefit, period_key=year)
    return _standing(grant.tier).filter(~Exists(had))


def _standing(tier: Tier) -> QuerySet[Member]:
    """Who stands on a tier."""
    places: Any = Standing.objects if tier.track.is_default else TrackStanding.objects
    return Member.objects.filter(pk__in=places.filter(tier=tier).values("member"), is_active=True)
