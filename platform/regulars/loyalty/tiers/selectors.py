"""Questions about tiers: the ladder, where a member stands and how far it is to the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import F, Min, Q, Sum

from regulars import clock
from regulars.loyalty.tiers.models import Tier
from regulars.loyalty.tiers.standing import WINDOW
from regulars.people.models import Member
from regulars.sales.models import Sale

LADDER_KEY = "loyalty.ladder"
CACHE_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The path to the next tier: `spent` since `counted_since`, what is `missing` (minor units), how far in percent.

    `counted_until` is the last day on which all that is spent still counts; None while nothing is.
    """

    current: Tier
    next: Tier | None
    spent: int
    missing: int
    percent: int
    counted_since: dt.date
    counted_until: dt.date | None = None


def ladder() -> list[Tier]:
    """All tiers, the lowest first."""
    tiers: list[Tier] | None = cache.get(LADDER_KEY)
    if tiers is None:
        tiers = list(Tier.objects.order_by("threshold"))
        cache.set(LADDER_KEY, tiers, CACHE_SECONDS)
    return tiers


def spent_in_window(member: Member) -> tuple[int, dt.date, dt.date | None]:
    """What a member spent, refunds taken off, in the twelve months up to today (minor units), and since which day.

    The third is the last day on which all of it still counts, None where nothing was spent.
    """
    since = clock.today() - WINDOW
    found = Sale.objects.filter(member=member, business_date__gt=since).aggregate(
        spent=Sum(F("total") - F("refunded_total")),
        first=Min("business_date", filter=Q(total__gt=F("refunded_total"))),
    )
    day = dt.timedelta(days=1)
    return int(found["spent"] or 0), since + day, found["first"] + WINDOW - day if found["first"] else None


def progress_of(member: Member) -> Progress:
    """How far a member is on the way to the next tier."""
    tiers = ladder()
    spent, since, until = spent_in_window(member)
    current = member.standing.tier
    following = next((tier for tier in tiers if tier.threshold > current.threshold), None)
    missing = max(0, following.threshold - spent) if following else 0
    percent = 100 if following is None else min(99, spent * 100 // max(1, following.threshold))
    return Progress(
        current=current,
        next=following,
        spent=spent,
        missing=missing,
        percent=max(0, percent),
        counted_since=since,
        counted_until=until,
    )


def benefits_of(tier: Tier, language: str | None = None) -> list[str]:
    """What a tier gives, in the reader's language."""
    from regulars.words import in_language

    words = {code: "\n".join(lines) for code, lines in (tier.benefits or {}).items()}
    return [line for line in in_language(words, language).split("\n") if line]
