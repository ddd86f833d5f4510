"""The rule of tiers as a pure function: what was counted, the thresholds and the settings in, the tier and why out.

`loyalty_decide` in `loyalty/sql/evaluate.sql` is the same rule; every stored move keeps its inputs, so that this
function recomputes it. Days are the business's; nothing here asks the clock or a database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dateutil.relativedelta import relativedelta

At = Literal["sale", "night", "refund", "change"]
Why = Literal[
    "held", "risen", "waits", "unchanged", "override_ended", "unknown", "guaranteed", "kept", "grace", "fallen"
]
DAY = dt.timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
OWN = frozenset({"spend", "points_earned", "visits", "activity"})
"""The measures the database counts itself. What a module counts, a plan that is paid for, may end on any day."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A tier as the rule sees it: what reaches it and what keeps it, by measure."""

    code: str
    entry: Mapping[str, int]
    retain: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Override:
    """A tier set by hand: until and with a day (None: until a person ends it); a floor may be outgrown."""

    until: dt.date | None
    is_floor: bool


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that decides. `values` by measure, None where a module did not answer; `rungs` ascending, base first."""

    at: At
    today: dt.date
    rungs: tuple[Rung, ...]
    values: Mapping[str, int | None]
    current: str
    combine: str = "any"
    kept_until: dt.date | None = None
    grace_until: dt.date | None = None
    review_on: dt.date | None = None
    override: Override | None = None
    window: str = "rolling"
    timing: str = "at_once"
    evaluated: str = "month"
    keep_months: int = 12
    downgrade: str = "step"
    grace_days: int = 30
    refunds: str = "next"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The tier from now on, why, how long it is kept, and on which day the night looks again."""

    tier: str
    why: Why
    kept_until: dt.date | None = None
    grace_until: dt.date | None = None
    review_on: dt.date | None = None
    ends_override: bool = field(default=False)


def meets(needs: Mapping[str, int], values: Mapping[str, int | None], combine: str) -> bool:
    """Whether what was counted is enough; where nothing is needed, nothing reaches it."""
    met = [(values.get(measure) is not None and (values[measure] or 0) >= enough) for measure, enough in needs.items()]
    return bool(met) and (all(met) if combine == "all" else any(met))


def highest(rungs: tuple[Rung, ...], values: Mapping[str, int | None], combine: str) -> int:
    """The index of the highest rung that is reached; everyone has the first."""
    return max((n for n, rung in enumerate(rungs) if n == 0 or meets(rung.entry, values, combine)), default=0)


def next_evaluation(today: dt.date, evaluated: str) -> dt.date:
    """The first evaluation day after a day."""
    months = MONTHS[evaluated]
    begun = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    return begun + relativedelta(months=months)


def decide(inputs: Inputs) -> Decision:
    """Where a member stands from now on. More of a measure never lowers the answer."""
    now_on = next((n for n, rung in enumerate(inputs.rungs) if rung.code == inputs.current), 0)
    reached = highest(inputs.rungs, inputs.values, inputs.combine)
    stays = Decision(
        tier=inputs.rungs[now_on].code,
        why="unchanged",
        kept_until=inputs.kept_until,
        grace_until=inputs.grace_until,
        review_on=inputs.review_on,
    )
    override = inputs.override
    is_held = override is not None and (override.until is None or inputs.today <= override.until)
    if override is not None and is_held and not (reached > now_on and override.is_floor):
        return replace(stays, why="held", review_on=override.until + DAY if override.until else None)
    following = next_evaluation(inputs.today, inputs.evaluated)
    if reached > now_on:
        if inputs.timing == "at_once" or inputs.at in ("night", "change"):
            return _placed(inputs, reached, "risen", ends_override=override is not None)
        return replace(stays, why="waits", review_on=min(inputs.review_on or following, following))
    if inputs.at == "sale":
        return stays
    if now_on == 0:
        ended: Why = "override_ended" if override is not None else "unchanged"
        return Decision(tier=stays.tier, why=ended, ends_override=override is not None)
    if None in inputs.values.values():
        return replace(stays, why="unknown", review_on=following)
    if override is not None:
        return _placed(inputs, reached, "override_ended", ends_override=True)
    return _kept_or_fallen(inputs, stays, now_on, reached)


def _kept_or_fallen(inputs: Inputs, stays: Decision, now_on: int, reached: int) -> Decision:
    """What becomes of a tier above the first that is not outgrown, looked at by the night, a change or a refund."""
    holds = reached >= now_on or meets(inputs.rungs[now_on].retain, inputs.values, inputs.combine)
    if inputs.at == "refund":
        if holds or inputs.refunds != "at_once":
            return stays
    else:
        if inputs.kept_until is not None and inputs.kept_until >= inputs.today:
            return replace(stays, why="guaranteed", review_on=inputs.kept_until + DAY)
        if holds:
            return _placed(inputs, now_on, "kept")
        grace = inputs.grace_until or (inputs.kept_until or inputs.today - DAY) + inputs.grace_days * DAY
        if inputs.grace_days and grace >= inputs.today:
            return replace(stays, why="grace", grace_until=grace, review_on=grace + DAY)
    return _placed(inputs, {"step": now_on - 1, "requalify": reached}.get(inputs.downgrade, 0), "fallen")


def _placed(inputs: Inputs, rung: int, why: Why, *, ends_override: bool = False) -> Decision:
    """On a rung anew, with the days for which it is kept from today."""
    kept = review = None
    if rung and not _is_for_ever(inputs, rung):
        if inputs.keep_months:
            kept = inputs.today + relativedelta(months=inputs.keep_months, day=31)
            review = kept + DAY
        else:
            review = next_evaluation(inputs.today, inputs.evaluated)
    return Decision(
        tier=inputs.rungs[rung].code, why=why, kept_until=kept, review_on=review, ends_override=ends_override
    )


def _is_for_ever(inputs: Inputs, rung: int) -> bool:
    """Whether nothing but a refund, which then counts at once, could lower the figures that hold a rung."""
    if inputs.window != "lifetime" or inputs.refunds == "next" or not OWN.issuperset(inputs.values):
        return False
    reached = highest(inputs.rungs, inputs.values, inputs.combine)
    return reached >= rung or meets(inputs.rungs[rung].retain, inputs.values, inputs.combine)


def inputs_of(stored: Mapping[str, Any]) -> Inputs:
    """The inputs as a stored explanation has them (its key `inputs`)."""
    days = {name: _day(stored.get(name)) for name in ("kept_until", "grace_until", "review_on")}
    override = stored.get("override")
    return Inputs(
        **{
            **stored,
            **days,
            "today": dt.date.fromisoformat(stored["today"]),
            "rungs": tuple(Rung(**rung) for rung in stored["rungs"]),
            "override": Override(until=_day(override["until"]), is_floor=override["is_floor"]) if override else None,
        }
    )


def as_stored(decision: Decision) -> dict[str, Any]:
    """A decision as JSON values, as `loyalty_decide` answers and an explanation keeps it (its key `result`)."""
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in vars(decision).items()}


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None
