"""Tiers in sentences: what a track counts, what a tier asks for, and why a member moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.loyalty.tiers.measures import CORE, KINDS, measure
from regulars.loyalty.tiers.models import Tier, TierMove, Track, Window
from regulars.loyalty.tiers.selectors import Progress, enough_to_keep, needs
from regulars.money import format_money
from regulars.organisation.selectors import organisation


def amount_of(code: str, value: int | None, currency: str) -> str:
    """A figure of a measure as people read it: money, points, or a number of what is counted."""
    kind = KINDS.get(code, "count") if code in CORE else measure(code).kind
    if value is None:
        return "?"
    if kind == "money":
        return format_money(value, currency)
    if kind == "points":
        return ngettext("%(count)s point", "%(count)s points", value) % {"count": value}
    if code == "visits":
        return ngettext("%(count)s purchase", "%(count)s purchases", value) % {"count": value}
    if code == "activity":
        return ngettext("%(count)s day with a purchase", "%(count)s days with a purchase", value) % {"count": value}
    return f"{measure(code).label}: {value}"


def missing_words(progress: Progress) -> str:
    """What is missing to the next tier: “200.00 and 3 purchases”, empty on the highest."""
    joined = _(" and ") if progress.combine == "all" else _(" or ")
    currency = organisation().currency
    return joined.join(amount_of(step.measure.code, step.missing, currency) for step in progress.steps if step.missing)


def counted_words(progress: Progress) -> str:
    """What was counted of the leading measure."""
    return amount_of(progress.measure.code, progress.spent, organisation().currency)


def window_words(track: Track) -> str:
    """Over which time a track counts."""
    if track.window == Window.ROLLING:
        return ngettext("in the last %(count)s month", "in the last %(count)s months", track.window_months) % {
            "count": track.window_months
        }
    return {
        Window.YEAR: _("in this calendar year"),
        Window.TIER: _("since the present tier began"),
    }.get(Window(track.window), _("since joining"))


def entry_words(track: Track, tier: Tier, currency: str, today: dt.date) -> str:
    """What a tier asks for: “500.00 or 10 purchases”."""
    if tier.threshold == 0:
        return _("Every member, from the first day.")
    if not track.measures:
        return _("Given by hand.")
    joined = _(" and ") if track.combine == "all" else _(" or ")
    asked = joined.join(amount_of(code, value, currency) for code, value in needs(track, tier, today).items())
    words = _("%(amount)s %(window)s.") % {"amount": asked, "window": window_words(track)}
    keep = enough_to_keep(tier, today)
    if keep < tier.on(today, "threshold"):
        words += " " + _("%(amount)s is enough to keep it.") % {"amount": amount_of(track.measures[0], keep, currency)}
    return words


def rules_words(track: Track) -> list[str]:
    """How members rise, stay and fall on a track, one sentence each."""
    if not track.measures:
        return [_("Tiers are given and taken by hand.")]
    counted = _(", ").join(str(measure(code).label) for code in track.measures)
    words = [_("What counts: %(measures)s, %(window)s.") % {"measures": counted, "window": window_words(track)}]
    words.append(_said(_("Who reaches a higher tier gets it"), track.get_timing_display()))
    if track.keep_months:
        words.append(
            ngettext(
                "A tier is kept to the end of the month, %(count)s month later.",
                "A tier is kept to the end of the month, %(count)s months later.",
                track.keep_months,
            )
            % {"count": track.keep_months}
        )
    else:
        words.append(_("A tier is kept only while it is reached."))
    fall = str(track.get_downgrade_display())
    if track.grace_days:
        grace = ngettext("after %(count)s day of grace", "after %(count)s days of grace", track.grace_days)
        fall = _("%(fall)s %(grace)s") % {"fall": fall, "grace": grace % {"count": track.grace_days}}
    words.append(_said(_("Who does not keep it falls"), fall))
    words.append(_said(_("What a refund does"), track.get_refunds_display()))
    return words


def _said(what: str, how: str) -> str:
    """A sentence of two parts, with the stops of the reader's language."""
    return _("%(what)s: %(how)s.") % {"what": what, "how": how}


def pack_words(pack: dict[str, Any]) -> str:
    """What reaching a tier brings, empty for nothing."""
    parts = []
    if pack.get("points"):
        parts.append(ngettext("%(count)s point", "%(count)s points", pack["points"]) % {"count": pack["points"]})
    if pack.get("days"):
        parts.append(
            ngettext("the tier %(count)s day longer", "the tier %(count)s days longer", pack["days"])
            % {"count": pack["days"]}
        )
    return _(", ").join(parts)


def why_words(move: TierMove, currency: str) -> str:
    """Why a member moved, from what was stored with the move."""
    result, inputs = move.explanation.get("result", {}), move.explanation.get("inputs", {})
    why = result.get("why", "")
    if why == "set_by_hand":
        until = result.get("until")
        reason = {"reason": result.get("reason", ""), "until": _day(until) if until else ""}
        return (_("Set by hand until %(until)s: %(reason)s") if until else _("Set by hand: %(reason)s")) % reason
    if why == "import":
        return _("Brought along by an import.")
    counted = _(", ").join(amount_of(code, value, currency) for code, value in inputs.get("values", {}).items())
    rungs = {rung["code"]: rung for rung in inputs.get("rungs", [])}
    if why == "risen":
        asked = _asked(rungs.get(result.get("tier"), {}).get("entry", {}), inputs, currency)
        return _("Had %(counted)s; %(asked)s reaches it.") % {"counted": counted, "asked": asked}
    if why == "fallen":
        asked = _asked(rungs.get(inputs.get("current"), {}).get("retain", {}), inputs, currency)
        return _("Had %(counted)s; keeping %(tier)s takes %(asked)s.") % {
            "counted": counted,
            "tier": move.previous,
            "asked": asked,
        }
    if why == "override_ended":
        return _("What was set by hand has ended; the figures decide: %(counted)s.") % {"counted": counted}
    return counted


def _asked(entry: dict[str, int], inputs: dict[str, Any], currency: str) -> str:
    joined = _(" and ") if inputs.get("combine") == "all" else _(" or ")
    return joined.join(amount_of(code, value, currency) for code, value in entry.items())


def _day(value: str) -> str:
    return str(date_format(dt.date.fromisoformat(value), "DATE_FORMAT"))
