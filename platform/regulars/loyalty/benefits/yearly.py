"""The gift of points that some tiers give each year: once for each member and calendar year.

It is due for whoever stands on such a tier when the year begins, and for whoever comes to it later. Members are gone
through in the order in which they came to the tier, and each grant notes up to which instant of coming it has looked
at everybody for this year; behind that nobody is looked at again. What an act that was still under way writes with an
instant of a moment ago is found too, for the note stays `LATE` behind.
"""

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

AFTER_MIDNIGHT = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)
LATE = dt.timedelta(minutes=10)
"""How long after the instant that it writes an act may be committed at the latest."""
BEGINNING = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


def give_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Give what is due, at most `limit` gifts; returns `now` when more wait, else when the next may be due.

    O(due): who had theirs is not looked at again. Safe to repeat and to break off: a gift is keyed by member, benefit
    and year, a year has one, and the note moves when it is given. One that was taken back stays so.
    """
    today, left, gifts = clock.day_of(now), limit, _gifts()
    for grant in gifts:
        left -= _give(grant, now=now, today=today, limit=left)
        if left <= 0:
            return now
    return _next_period(gifts, today)


def next_due(*, now: dt.datetime) -> dt.datetime | None:
    """When the next gift may be due: `now` while somebody waits for one, else with the next period; changes nothing."""
    today, gifts = clock.day_of(now), _gifts()
    waits = any(_waiting(grant, today).first() is not None for grant in gifts)  # in order, so by the index of arrivals
    return now if waits else _next_period(gifts, today)


def _gifts() -> list[TierBenefit]:
    """The grants of gifts that come by themselves, with how far each is now."""
    known = [grant for grant in grants() if grant.benefit.kind == BenefitKind.YEARLY_GIFT and grant.benefit.points]
    if not known:
        return []
    reached = TierBenefit.objects.in_bulk([grant.pk for grant in known])
    for grant in known:
        if (found := reached.get(grant.pk)) is not None:
            grant.gifts_of, grant.gifts_until = found.gifts_of, found.gifts_until
    return [grant for grant in known if grant.pk in reached]


def _give(grant: TierBenefit, *, now: dt.datetime, today: dt.date, limit: int) -> int:
    """Give one tier's gifts to the next of those who wait, each in a transaction of its own; to how many.

    What fails for one is raised once the others have theirs.
    """
    period = grant.benefit.period
    entitlement = Entitlement(
        benefit=grant.benefit, tier=grant.tier, allowed=1, used=0, until=last_day_of(period, today)
    )
    places = list(_waiting(grant, today).select_related("member")[:limit])
    failed: Exception | None = None
    for place in places:
        key = f"gift:{grant.benefit_id}:{place.member.pk}:{key_of(period, today)}"
        try:
            give_gift(member=place.member, entitlement=entitlement, key=key)
        except UsedUp:  # through another tier, or by another worker
            continue
        except Exception as error:  # noqa: BLE001 - nobody waits for the one who is in the way
            failed = error
    if failed is not None:
        raise failed
    if places or _since(grant, today) < now - DAY:  # where nobody waits, once a day is enough
        newest = places[-1].since if len(places) == limit else now
        known = TierBenefit.objects.filter(pk=grant.pk, gifts_of=grant.gifts_of, gifts_until=grant.gifts_until)
        known.update(gifts_of=key_of(period, today), gifts_until=min(newest, now - LATE))
    return len(places)


def _next_period(gifts: Sequence[TierBenefit], today: dt.date) -> dt.datetime | None:
    """When those who stand on such a tier get their next: nobody else does before an act puts them there."""
    last_days = [last_day_of(grant.benefit.period, today) for grant in gifts if _standing(grant.tier).exists()]
    first = min((day for day in last_days if day is not None), default=None)
    return clock.start_of(first + DAY) + AFTER_MIDNIGHT if first is not None else None


def _since(grant: TierBenefit, today: dt.date) -> dt.datetime:
    """Who came to the tier before then has been looked at for this year."""
    is_of_this_year = grant.gifts_of == key_of(grant.benefit.period, today)
    return grant.gifts_until if is_of_this_year and grant.gifts_until is not None else BEGINNING


def _waiting(grant: TierBenefit, today: dt.date) -> QuerySet[Any]:
    """The standings of those who have had nothing of this year's, in the order in which they came to the tier."""
    year = key_of(grant.benefit.period, today)
    had = BenefitUse.objects.filter(member=OuterRef("member"), benefit=grant.benefit, period_key=year)
    return _standing(grant.tier).filter(~Exists(had), since__gte=_since(grant, today)).order_by("since", "member_id")


def _standing(tier: Tier) -> QuerySet[Any]:
    """The standings on a tier."""
    places: Any = Standing.objects if tier.track.is_default else TrackStanding.objects
    found: QuerySet[Any] = places.filter(tier=tier, member__is_active=True)
    return found
