"""What must hold of thresholds and packs before they are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.tiers.models import Tier, Track
from regulars.money import LARGEST_AMOUNT

MOST_PACK_POINTS = 10_000_000
MOST_PACK_DAYS = 3660


def further_thresholds(further: Mapping[str, Mapping[str, int]], track: Track) -> dict[str, dict[str, int]]:
    """The thresholds of the other measures, `{measure: {"entry": …, "retain": …}}`.

    Raises `InvalidInput` (field `further`) for a measure that is not the track's, an amount out of range and more to
    keep than to reach.
    """
    kept: dict[str, dict[str, int]] = {}
    for measure, asked in further.items():
        entry, retain = int(asked.get("entry", 0)), int(asked.get("retain", asked.get("entry", 0)))
        if measure not in track.measures[1:]:
            raise InvalidInput(_("This track does not count “%(measure)s”.") % {"measure": measure}, field="further")
        if not 0 <= entry <= LARGEST_AMOUNT:
            raise InvalidInput(_("Enter an amount of zero or more."), field="further")
        if not 0 <= retain <= entry:
            raise InvalidInput(_("Keeping a tier cannot take more than reaching it."), field="further")
        kept[measure] = {"entry": entry, "retain": retain}
    return kept


def pack_of(pack: Mapping[str, Any]) -> dict[str, Any]:
    """An upgrade pack as it is kept; empty for one that gives nothing. Raises `InvalidInput` (field `pack_…`)."""
    points, days, cycle = int(pack.get("points") or 0), int(pack.get("days") or 0), pack.get("cycle") or "once"
    if not 0 <= points <= MOST_PACK_POINTS:
        raise InvalidInput(_("Enter a number of points up to 10,000,000."), field="pack_points")
    if not 0 <= days <= MOST_PACK_DAYS:
        raise InvalidInput(_("Enter a number of days up to 3,660."), field="pack_days")
    if cycle not in ("once", "year"):
        raise InvalidInput(_("Choose one of the options."), field="pack_cycle")
    return {"points": points, "days": days, "cycle": cycle} if points or days else {}


def thresholds_in_order(tiers: Sequence[Tier]) -> None:
    """A higher tier asks for at least as much of every measure, now and while anything is changed for a time.

    Raises `InvalidInput` naming `threshold` or `further`.
    """
    ordered = sorted(tiers, key=lambda tier: tier.threshold)
    for measure in {measure for tier in ordered for measure in tier.further}:
        asked = [tier.further[measure]["entry"] for tier in ordered if measure in tier.further]
        if asked != sorted(asked):
            raise InvalidInput(_("A higher tier cannot ask for less than a lower one."), field="further")
    days = {day for tier in ordered for day in (tier.changed_from, tier.changed_until) if day is not None}
    for day in days:
        present = [int(tier.on(day, "threshold")) for tier in ordered]
        if any(lower >= higher for lower, higher in pairwise(present)):
            raise InvalidInput(
                _("While this holds, tiers would change places: each must ask for more than the one below."),
                field="threshold",
            )
