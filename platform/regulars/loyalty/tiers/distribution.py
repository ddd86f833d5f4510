"""How many members stood on each tier at the end of each month: from where they stand now, back through the moves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Count
from django.db.models.functions import TruncMonth

from regulars import clock
from regulars.loyalty.tiers.models import Standing, Tier, TierMove, Track, TrackStanding
from regulars.people.models import Member

MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Month:
    """The members of each tier (in the order of the ladder) at the end of a month, or today for the present one."""

    first: dt.date
    members: tuple[int, ...]


def distribution(track: Track, *, months: int = MONTHS) -> list[Month]:
    """The last months of a track, the oldest first; a handful of queries whatever the number of members.

    On another track than the default one, whoever has not moved yet stands on its lowest tier.
    """
    tiers = list(Tier.objects.filter(track=track).order_by("threshold"))
    if not tiers:
        return []
    present = clock.today().replace(day=1)
    start = present - relativedelta(months=months - 1)
    counts = _present(track, tiers[0])
    moves = (
        TierMove.objects.filter(moved_at__gte=clock.start_of(start), current__track=track)
        .annotate(month=TruncMonth("moved_at"))
        .values_list("month", "previous", "current")
        .annotate(Count("pk"))
        .order_by()
    )
    back: dict[dt.date, Counter[int]] = {}
    for month, previous, current, number in moves:
        changed = back.setdefault(month.date(), Counter())
        changed[current] -= number
        if previous is not None:
            changed[previous] += number
    joined = Member.objects.filter(joined_on__gte=start).annotate(month=TruncMonth("joined_on"))
    for month, number in joined.values_list("month").annotate(Count("pk")).order_by():
        back.setdefault(month, Counter())[tiers[0].pk] -= number
    found = []
    for number in range(months):
        first = present - relativedelta(months=number)
        found.append(Month(first=first, members=tuple(max(0, counts[tier.pk]) for tier in tiers)))
        counts.update(back.get(first, Counter()))
    return found[::-1]


def _present(track: Track, lowest: Tier) -> Counter[int]:
    """How many stand on each tier now, by its database id."""
    if track.is_default:
        return Counter(dict(Standing.objects.values_list("tier").annotate(Count("pk")).order_by()))
    places = TrackStanding.objects.filter(track=track)
    counts = Counter(dict(places.values_list("tier").annotate(Count("pk")).order_by()))
    counts[lowest.pk] += Member.objects.filter(is_active=True).exclude(pk__in=places.values("member")).count()
    return counts
