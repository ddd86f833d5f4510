"""Questions about tiers: the tracks and ladders, where a member stands and how far it is to the next tier."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.cache import cache
from django.db import connection
from django.db.models import F, Min, Q, Sum

from regulars import clock
from regulars.loyalty.tiers import measures
from regulars.loyalty.tiers.models import Place, Tier, TierMove, Track, TrackStanding, Window
from regulars.people.models import Member
from regulars.sales.models import Sale

LADDER_KEY = "loyalty.ladder"
CACHE_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Step:
    """One measure on the way to the next tier: what there is, what is needed and what is missing."""

    measure: measures.Measure
    reached: int
    needed: int

    @property
    def missing(self) -> int:
        """How much more it takes."""
        return max(0, self.needed - self.reached)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The path to the next tier: `spent` since `counted_since`, what is `missing`, how far in percent.

    Figures are of the track's leading measure (money in minor units); `steps` has every measure, of which `combine`
    says whether `any` or `all` must be reached. `counted_until` is the last day on which all of it still counts, None
    while nothing does or nothing ever leaves. `keep_enough` keeps the present tier, `kept_until` the last day for
    which it is promised; `grace_until` is set once it was not held.
    """

    current: Tier
    next: Tier | None
    spent: int
    missing: int
    percent: int
    counted_since: dt.date
    counted_until: dt.date | None = None
    measure: measures.Measure = measures.SPEND
    steps: tuple[Step, ...] = ()
    combine: str = "any"
    window: str = Window.ROLLING
    window_months: int = 12
    keep_enough: int = 0
    kept_until: dt.date | None = None
    grace_until: dt.date | None = None
    is_overridden: bool = False
    override_until: dt.date | None = None

    @property
    def is_plain(self) -> bool:
        """Whether spend of the last twelve months is all that counts."""
        codes = [step.measure.code for step in self.steps] or [self.measure.code]
        return codes == ["spend"] and self.window == Window.ROLLING and self.window_months == 12


def tracks() -> list[Track]:
    """The tracks in force, the default one first."""
    return _kept()[0]


def default_ladder_track() -> Track | None:
    """The track every member stands on, None in a business that has no tiers."""
    return next((track for track in tracks() if track.is_default), None)


def ladder(track: Track | None = None) -> list[Tier]:
    """The tiers of a track, the lowest first; without a track those every member climbs."""
    wanted = track or default_ladder_track()
    return [tier for tier in _kept()[1] if wanted is not None and tier.track_id == wanted.pk]


def best_discount(member: Member | None, tier: Tier | None) -> tuple[Tier | None, int]:
    """The tier whose discount is taken at the till today, and that discount in hundredths of a percent.

    That of the default track (`tier`) unless the member has a larger one on another; discounts are never added up.
    """
    today = clock.today()
    best = (tier, int(tier.on(today, "discount")) if tier is not None else 0)
    if member is not None and len(tracks()) > 1:
        places = TrackStanding.objects.select_related("tier").filter(member=member, track__is_active=True)
        for place in places:
            if (discount := int(place.tier.on(today, "discount"))) > best[1]:
                best = (place.tier, discount)
    return best


def _kept() -> tuple[list[Track], list[Tier]]:
    found: tuple[list[Track], list[Tier]] | None = cache.get(LADDER_KEY)
    if found is None:
        found = (list(Track.objects.filter(is_active=True)), list(Tier.objects.order_by("threshold")))
        cache.set(LADDER_KEY, found, CACHE_SECONDS)
    return found


def counted(member: Member, track: Track, since: dt.datetime | None = None) -> dict[str, int | None]:
    """What a member has of each measure of a track today, as an evaluation counts it; None where nobody answers."""
    codes = track.measures
    if not codes:
        return {}
    after = measures.counted_after(track, clock.today(), since)
    from_instant = since if track.window == Window.TIER else None
    own = [code for code in codes if code in measures.CORE]
    given = measures.given_by_modules(member, [track]).get(track.code, {}) if len(own) < len(codes) else {}
    values: dict[str, int | None] = dict.fromkeys(codes)
    values.update(given)
    if own:
        schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
        one = f"{schema}.loyalty_measure(%s, %s, %s::date, %s::timestamptz, %s, NULL)"
        arguments: list[Any] = []
        for code in own:
            day = None if from_instant is not None else after
            arguments += [member.pk, code, day, from_instant, track.refunds != "none"]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join([one] * len(own))}", arguments)
            values.update(zip(own, cursor.fetchone(), strict=True))
    return values


def spent_in_window(member: Member) -> tuple[int, dt.date, dt.date | None]:
    """What a member spent, refunds taken off, over the window of the default track (minor units), and since which day.

    The third is the last day on which all of it still counts, None where nothing was spent or it counts for ever.
    """
    track = default_ladder_track() or Track()
    since = measures.counted_after(track, clock.today(), None) or dt.date.min
    found = Sale.objects.filter(member=member, business_date__gt=since).aggregate(
        spent=Sum(F("total") - F("refunded_total")),
        first=Min("business_date", filter=Q(total__gt=F("refunded_total"))),
    )
    return int(found["spent"] or 0), since + DAY, _counted_until(track, found["first"])


DAY = dt.timedelta(days=1)


def _counted_until(track: Track, first: dt.date | None) -> dt.date | None:
    """The last day on which everything counted so far still counts."""
    if first is None:
        return None
    if track.window == Window.YEAR:
        return clock.today().replace(month=12, day=31)
    if track.window != Window.ROLLING:
        return None
    return first + relativedelta(months=track.window_months) - DAY


def progress_of(member: Member) -> Progress:
    """How far a member is on the way to the next tier of the default track."""
    track = default_ladder_track() or Track()
    place: Place = member.standing
    if track.measures == ["spend"] and track.window in (Window.ROLLING, Window.YEAR) and track.refunds != "none":
        spent, since, until = spent_in_window(member)  # with the day on which the first of it leaves
        return _progress(track, place, {"spend": spent}, since=since, until=until)
    after = measures.counted_after(track, clock.today(), place.since) or dt.date.min
    values = counted(member, track, place.since)
    until = clock.today().replace(month=12, day=31) if track.window == Window.YEAR else None
    return _progress(track, place, values, since=after + DAY, until=until)


def progress_on(member: Member, track: Track) -> Progress | None:
    """How far a member is on another track, None where it has no tiers."""
    rungs = ladder(track)
    if not rungs:
        return None
    place = TrackStanding.objects.select_related("tier").filter(member=member, track=track).first()
    values = counted(member, track, place.since if place else None)
    after = measures.counted_after(track, clock.today(), place.since if place else None) or dt.date.min
    return _progress(track, place or TrackStanding(tier=rungs[0]), values, since=after + DAY, until=None)


def _progress(
    track: Track, place: Place, values: dict[str, int | None], *, since: dt.date, until: dt.date | None
) -> Progress:
    today, current = clock.today(), place.tier
    following = next((tier for tier in ladder(track) if tier.threshold > current.threshold), None)
    steps = _steps(track, following, values, today) if following else ()
    leading = steps[0] if steps else None
    first = track.measures[0] if track.measures else "spend"
    spent = int(values.get(first) or 0)
    done = [min(99, step.reached * 100 // max(1, step.needed)) for step in steps]
    percent = (min(done) if track.combine == "all" else max(done)) if done else 0
    return Progress(
        current=current,
        next=following,
        spent=spent,
        missing=leading.missing if leading else 0,
        percent=100 if following is None else max(0, percent),
        counted_since=since,
        counted_until=until,
        measure=measures.measure(first) if first != "spend" else measures.SPEND,
        steps=steps,
        combine=track.combine,
        window=track.window,
        window_months=track.window_months,
        keep_enough=enough_to_keep(current, today),
        kept_until=place.kept_until,
        grace_until=place.grace_until,
        is_overridden=place.is_overridden,
        override_until=place.override_until,
    )


def _steps(track: Track, tier: Tier, values: dict[str, int | None], today: dt.date) -> tuple[Step, ...]:
    """Every measure that the tier asks for, the leading one first."""
    known = {each.code: each for each in (measures.measures() if track.measures != ["spend"] else [])}
    known.setdefault("spend", measures.SPEND)
    return tuple(
        Step(
            measure=known.get(code, measures.Measure(code=code, label=code)),
            reached=int(values.get(code) or 0),
            needed=needed,
        )
        for code, needed in needs(track, tier, today).items()
    )


def needs(track: Track, tier: Tier, day: dt.date) -> dict[str, int]:
    """What reaches a tier on a day, by measure, the leading one first."""
    found = {code: int(entry["entry"]) for code, entry in tier.further.items() if code in track.measures}
    if not track.measures:
        return {}
    return {track.measures[0]: int(tier.on(day, "threshold")), **found}


def enough_to_keep(tier: Tier, day: dt.date) -> int:
    """What keeps a tier, of the leading measure: never more than reaches it."""
    entry, retain = int(tier.on(day, "threshold")), tier.on(day, "retain_threshold")
    return entry if retain is None else min(entry, int(retain))


def moves_of(member: Member, *, limit: int = 20) -> Sequence[TierMove]:
    """Why a member's tier changed, the newest first."""
    moves = TierMove.objects.filter(member=member).select_related("previous", "current__track")
    return list(moves.order_by("-moved_at", "-id")[:limit])


def benefits_of(tier: Tier, language: str | None = None) -> list[str]:
    """What a tier gives today, in the reader's language."""
    from regulars.words import in_language

    present = tier.on(clock.today(), "benefits") or {}
    words = {code: "\n".join(lines) for code, lines in present.items()}
    return [line for line in in_language(words, language).split("\n") if line]
