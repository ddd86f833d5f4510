"""Acts on tiers and tracks: what a business's owner sets, and what a person decides for one member."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput
from regulars.loyalty.saving import figures, forget, words_by_language
from regulars.loyalty.tiers import measures as known_measures
from regulars.loyalty.tiers.checking import further_thresholds, pack_of, thresholds_in_order
from regulars.loyalty.tiers.models import Downgrade, Evaluated, Refunds, Tier, Timing, Track, Window, default_track
from regulars.loyalty.tiers.selectors import LADDER_KEY
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.organisation.models import Language
from regulars.sql_functions import call
from regulars.text import plain_text

CODE = r"[a-z][a-z0-9-]{0,19}"


@transaction.atomic
def save_tier(
    *,
    tier: Tier | None = None,
    code: str,
    words: Mapping[str, str],
    benefits: Mapping[str, Sequence[str]],
    threshold: int,
    discount: int,
    colour: str,
    by: str = "",
    track: Track | None = None,
    retain_threshold: int | None = None,
    further: Mapping[str, Mapping[str, int]] | None = None,
    pack: Mapping[str, Any] | None = None,
) -> Tier:
    """Add or change a tier: `threshold` of the track's leading measure (money in minor units), `discount` in hundredths
    of a percent. A new tier stands on `track`, the default one if none is named; `further` and `pack` stay as they are
    when they are not given.

    Raises `InvalidInput` naming the field: names missing, a taken code or threshold, a discount above 100 %, thresholds
    out of order, more to keep a tier than to reach it, or a ladder left without its first step at zero.
    """
    tier = tier or Tier(track_id=track.pk if track else default_track())
    before = figures(tier)
    others = Tier.objects.filter(track=tier.track).exclude(pk=tier.pk)
    if not re.fullmatch(CODE, code or ""):
        raise InvalidInput(_("Use small Latin letters and digits, for example gold."), field="code")
    if Tier.objects.exclude(pk=tier.pk).filter(code=code).exists():
        raise InvalidInput(_("Another tier has this code. Choose another."), field="code")
    if not 0 <= threshold <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount of zero or more."), field="threshold")
    if others.filter(threshold=threshold).exists():
        raise InvalidInput(_("Another tier begins at this amount already. Choose another amount."), field="threshold")
    if threshold and not others.filter(threshold=0).exists():
        raise InvalidInput(_("One tier must begin at zero, so that every member has a place."), field="threshold")
    if retain_threshold is not None and not 0 <= retain_threshold <= threshold:
        raise InvalidInput(_("Keeping a tier cannot take more than reaching it."), field="retain_threshold")
    if not 0 <= discount <= 10000:
        raise InvalidInput(_("Enter a discount between 0 and 100 percent."), field="discount")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour or ""):
        raise InvalidInput(_("Enter a colour like #b4532a."), field="colour")
    tier.code, tier.threshold, tier.discount, tier.colour = code, threshold, discount, colour.lower()
    tier.retain_threshold = retain_threshold
    tier.words = words_by_language(words)
    tier.benefits = _benefits(benefits)
    if further is not None:
        tier.further = further_thresholds(further, tier.track)
    if pack is not None:
        tier.pack = pack_of(pack)
    thresholds_in_order([*others, tier])
    tier.save()
    record(act="tier.saved", actor=by, subject=code, before=before, after=figures(tier))
    forget(LADDER_KEY)
    return tier


def _benefits(benefits: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {
        language: [
            plain_text(line, field="benefits", longest=200) for line in benefits.get(language, []) if line.strip()
        ]
        for language in Language.values
    }


@transaction.atomic
def change_for_a_time(
    *,
    tier: Tier,
    first: dt.date,
    last: dt.date,
    threshold: int | None = None,
    retain_threshold: int | None = None,
    discount: int | None = None,
    benefits: Mapping[str, Sequence[str]] | None = None,
    by: str = "",
) -> Tier:
    """Let other figures hold from one day to another (both included); what is None stays as it is.

    One change at a time for each tier. Raises `InvalidInput` for days in the past or the wrong way round, nothing
    changed, a first step that would ask for something, thresholds out of order and a discount above 100 %.
    """
    if last < first:
        raise InvalidInput(_("The last day comes before the first."), field="last")
    if last < clock.today():
        raise InvalidInput(_("This is in the past. Choose a day from today on."), field="last")
    if threshold is not None and (not 0 <= threshold <= LARGEST_AMOUNT or (threshold > 0) != (tier.threshold > 0)):
        raise InvalidInput(_("The first tier begins at zero and every other above it."), field="threshold")
    entry = tier.threshold if threshold is None else threshold
    if retain_threshold is not None and not 0 <= retain_threshold <= entry:
        raise InvalidInput(_("Keeping a tier cannot take more than reaching it."), field="retain_threshold")
    if discount is not None and not 0 <= discount <= 10000:
        raise InvalidInput(_("Enter a discount between 0 and 100 percent."), field="discount")
    change: dict[str, Any] = {
        name: value
        for name, value in (
            ("threshold", threshold),
            ("retain_threshold", retain_threshold),
            ("discount", discount),
            ("benefits", _benefits(benefits) if benefits and any(benefits.values()) else None),
        )
        if value is not None
    }
    if not change:
        raise InvalidInput(_("Nothing would change. Fill in what is to be different."), field="threshold")
    before = figures(tier)
    tier.change, tier.changed_from, tier.changed_until = change, first, last
    thresholds_in_order([*Tier.objects.filter(track=tier.track).exclude(pk=tier.pk), tier])
    tier.save(update_fields=["change", "changed_from", "changed_until"])
    record(act="tier.changed_for_a_time", actor=by, subject=tier.code, before=before, after=figures(tier))
    forget(LADDER_KEY)
    return tier


@transaction.atomic
def end_change(*, tier: Tier, by: str = "") -> Tier:
    """Let the lasting figures of a tier hold again at once; repeated, it changes nothing."""
    if tier.changed_from is None:
        return tier
    before = figures(tier)
    tier.change, tier.changed_from, tier.changed_until = {}, None, None
    tier.save(update_fields=["change", "changed_from", "changed_until"])
    record(act="tier.change_ended", actor=by, subject=tier.code, before=before, after=figures(tier))
    forget(LADDER_KEY)
    return tier


@transaction.atomic
def save_track(
    *,
    track: Track | None = None,
    code: str,
    words: Mapping[str, str],
    measures: Sequence[str],
    combine: str = "any",
    window: str = Window.ROLLING,
    window_months: int = 12,
    timing: str = Timing.AT_ONCE,
    evaluated: str = Evaluated.MONTH,
    keep_months: int = 12,
    downgrade: str = Downgrade.STEP,
    grace_days: int = 30,
    refunds: str = Refunds.NEXT,
    is_manual: bool = False,
    is_active: bool = True,
    by: str = "",
) -> Track:
    """Add or change a track. The first of `measures` is what thresholds are written in; `is_manual` has none.

    Members are not moved: the next sale, evaluation or lifting (`regulars.loyalty.tiers.lifting`) does. Raises
    `InvalidInput` naming the field: a taken code, no basis, a measure twice or unknown, a choice that is none, spans
    out of range, and the default track switched off.
    """
    track = track or Track()
    before = figures(track)
    if not re.fullmatch(CODE, code or ""):
        raise InvalidInput(_("Use small Latin letters and digits, for example gold."), field="code")
    if Track.objects.exclude(pk=track.pk).filter(code=code).exists():
        raise InvalidInput(_("Another track has this code. Choose another."), field="code")
    _check_basis(measures, combine, is_manual)
    for name, value, choices in (
        ("window", window, Window),
        ("timing", timing, Timing),
        ("evaluated", evaluated, Evaluated),
        ("downgrade", downgrade, Downgrade),
        ("refunds", refunds, Refunds),
    ):
        if value not in choices.values:
            raise InvalidInput(_("Choose one of the options."), field=name)
    for name, span, least, most in (
        ("window_months", window_months, 1, 120),
        ("keep_months", keep_months, 0, 120),
        ("grace_days", grace_days, 0, 366),
    ):
        if not least <= span <= most:
            raise InvalidInput(
                _("Enter a number from %(least)s to %(most)s.") % {"least": least, "most": most}, field=name
            )
    if track.is_default and not is_active:
        raise InvalidInput(_("Every member stands on this track. It cannot be switched off."), field="is_active")
    track.code, track.words, track.is_active = code, words_by_language(words), is_active
    track.basis = {"combine": combine, "measures": [] if is_manual else list(measures)}
    track.window, track.window_months, track.timing, track.evaluated = window, window_months, timing, evaluated
    track.keep_months, track.downgrade, track.grace_days, track.refunds = keep_months, downgrade, grace_days, refunds
    track.save()
    if before is not None:
        call("loyalty_plan_reviews", {"today": clock.today().isoformat()})
    record(act="track.saved", actor=by, subject=code, before=before, after=figures(track))
    forget(LADDER_KEY)
    return track


def _check_basis(measures: Sequence[str], combine: str, is_manual: bool) -> None:
    if not measures and not is_manual:
        raise InvalidInput(_("Choose what counts, or say that tiers are given by hand."), field="measures")
    if measures and is_manual:
        raise InvalidInput(_("Tiers given by hand count nothing. Choose one or the other."), field="measures")
    if len(set(measures)) < len(measures):
        raise InvalidInput(_("Each measure counts once."), field="measures")
    unknown = set(measures) - {each.code for each in known_measures.measures()}
    if unknown:
        raise InvalidInput(
            _("Nothing here counts “%(measure)s”. Its module may be off.") % {"measure": sorted(unknown)[0]},
            field="measures",
        )
    if combine not in ("any", "all"):
        raise InvalidInput(_("Choose one of the options."), field="combine")
