"""The ways to the next tier as a member sees them: that of everybody, and those of further tracks one stands on."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.loyalty.models import TrackStanding
from regulars.loyalty.tiers.selectors import Progress, progress_on, tracks
from regulars.loyalty.tiers.words import amount_of
from regulars.organisation.selectors import organisation
from regulars.people.models import Member
from regulars.portal.amounts import rounded_money
from regulars.portal.selectors import keep_words, path_words
from regulars.words import in_language


@dataclass(frozen=True, kw_only=True)
class Path:
    """One way: its sentence, the ends of its bar, what was counted, and where the present tier is kept (percent)."""

    code: str
    title: str
    progress: Progress
    sentence: str
    keep: str
    keep_percent: int | None
    start: str
    end: str
    counted: str


def path_of(progress: Progress, *, code: str = "", title: str = "") -> Path:
    """How far it is, in words."""
    currency = organisation().currency
    first = progress.steps[0] if progress.steps else None
    written = rounded_money if progress.is_plain else None
    return Path(
        code=code,
        title=title,
        progress=progress,
        sentence=path_words(progress),
        keep=keep_words(progress),
        keep_percent=_keep_percent(progress),
        start=written(0, currency) if written else amount_of(progress.measure.code, 0, currency),
        end=""
        if first is None
        else written(first.needed, currency)
        if written
        else amount_of(first.measure.code, first.needed, currency),
        counted=amount_of(progress.measure.code, progress.spent, currency),
    )


def further_paths(member: Member) -> list[Path]:
    """The other tracks that a member stands on, or climbs by what they do; none in a business with one track."""
    others = [track for track in tracks() if not track.is_default]
    if not others:
        return []
    standing = set(TrackStanding.objects.filter(member=member).values_list("track_id", flat=True))
    found = []
    for track in others:
        if not (track.measures or track.pk in standing):
            continue  # given by hand, and not to this member
        progress = progress_on(member, track)
        if progress is not None:
            found.append(path_of(progress, code=track.code, title=in_language(track.words)))
    return found


def _keep_percent(progress: Progress) -> int | None:
    """Where on the way to the next tier the present one is kept, in percent; None where there is no such mark."""
    if progress.next is None or not progress.current.threshold:
        return None
    return min(100, progress.keep_enough * 100 // max(1, progress.steps[0].needed if progress.steps else 1))
