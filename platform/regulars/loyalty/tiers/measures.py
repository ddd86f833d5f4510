"""What can be counted towards a tier: the core's own measures, counted in SQL, and those that modules add."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars import clock, hooks, plugins
from regulars.loyalty.tiers.models import Standing, Track, TrackStanding, Window
from regulars.people.models import Member

CORE: dict[str, str | Promise] = {
    "spend": _("Spend"),
    "points_earned": _("Points earned"),
    "visits": _("Purchases"),
    "activity": _("Days with a purchase"),
}
"""The measures the database counts itself, by code."""

KINDS = {"spend": "money", "points_earned": "points"}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure as people see it; `kind` (`money`, `points`, `count`) says how its figures are written."""

    code: str
    label: str | Promise
    kind: str = "count"


SPEND = Measure(code="spend", label=CORE["spend"], kind="money")


def measures() -> list[Measure]:
    """Everything a track of this business may count: the core's, then what modules that are on add."""
    own = [Measure(code=code, label=label, kind=KINDS.get(code, "count")) for code, label in CORE.items()]
    return own + [Measure(code=each.code, label=each.label, kind=each.kind) for each in _of_modules().values()]


def measure(code: str) -> Measure:
    """One measure; one that a module no longer answers for is told by its code."""
    return next((each for each in measures() if each.code == code), Measure(code=code, label=code))


def counted_after(track: Track, today: dt.date, since: dt.datetime | None) -> dt.date | None:
    """The last day that no longer counts on a track, None when all counts (days of the business)."""
    if track.window == Window.ROLLING:
        return today - relativedelta(months=track.window_months)
    if track.window == Window.YEAR:
        return dt.date(today.year - 1, 12, 31)
    if track.window == Window.TIER and since is not None:
        return clock.day_of(since)
    return None


def given_by_modules(member: Member, tracks: Iterable[Track]) -> dict[str, dict[str, int | None]]:
    """What modules count for one member, by track and measure; None where a module does not answer."""
    given: dict[str, dict[str, int | None]] = {}
    for track in tracks:
        for code in foreign(track):
            answering = _of_modules().get(code)
            after = counted_after(track, clock.today(), _since(member, track))
            value = answering.value(member, after) if answering is not None else None
            given.setdefault(track.code, {})[code] = value
    return given


def given_to_many(members: Sequence[int], track: Track) -> Mapping[int, dict[str, int | None]]:
    """What modules count for many members (database ids) on a track; nothing is asked where none is needed."""
    given: dict[int, dict[str, int | None]] = {pk: {} for pk in members}
    for code in foreign(track):
        answering = _of_modules().get(code)
        after = None if track.window == Window.TIER else counted_after(track, clock.today(), None)
        values = answering.values(members, after) if answering is not None else None
        for pk in members:
            given[pk][code] = values.get(pk, 0) if values is not None else None
    return given


def foreign(track: Track) -> list[str]:
    """The measures of a track that the database does not count itself."""
    return [code for code in track.measures if code not in CORE]


def _since(member: Member, track: Track) -> dt.datetime | None:
    model: Any = Standing if track.is_default else TrackStanding
    rows = model.objects.filter(member=member, **({} if track.is_default else {"track": track}))
    found: dt.datetime | None = rows.values_list("since", flat=True).first()
    return found


def _of_modules() -> dict[str, hooks.TierMeasure]:
    return {each.code: each for each in plugins.ask(hooks.tier_measures) if each.code not in CORE}
