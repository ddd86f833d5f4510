"""The report of points: what was issued, spent and expired, and what members hold, which the business owes them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.insights import selectors
from regulars.insights.charts import Cell, Chart, Sheet
from regulars.insights.selectors import NOTHING, Span, Totals
from regulars.insights.sheets import HEADS, WAYS, count, rows_by_days
from regulars.loyalty.points.gifts import points_settings
from regulars.money import format_money
from regulars.organisation.scope import WHOLE
from regulars.organisation.selectors import organisation

ISSUED, HELD = 1, 6
"""The columns that the charts show."""


@dataclass(frozen=True, kw_only=True)
class PointsReport:
    """Two charts of one table, the sums of the days, and the points held before them and at their end.

    `worth` is what the points held at the end are owed for, in words; empty where the owner has not said what they are
    worth.
    """

    held: Chart
    used: Chart
    now: Totals
    held_before: int
    held_after: int
    worth: str = ""


def points_report(*, by: str, span: Span) -> PointsReport:
    """Points of the whole business on a span of days, told apart by day, week or month; three questions."""
    rows = rows_by_days(selectors.by_day(WHOLE, span), by)
    before = running = selectors.points_held(span.first - dt.timedelta(days=1))
    lines: list[tuple[Cell, ...]] = []
    for cell, totals in rows:
        running += totals.points_moved
        lines.append((cell, *_moved(totals), count(running)))
    now = sum((totals for _cell, totals in rows), NOTHING)
    sheet = Sheet(
        name="points",
        title=_("Points"),
        heads=(
            HEADS[by],
            _("Issued"),
            _("Taken back"),
            _("Spent"),
            _("Expired"),
            _("Given by hand"),
            _("Held by members at the end"),
        ),
        rows=tuple(lines),
        sums=(Cell(value=_("Together")), *_moved(now), count(running)),
    )
    used = Sheet(
        name="points-used",
        title=_("Spent and expired points"),
        heads=(HEADS[by], _("Spent"), _("Expired")),
        rows=tuple((cell, count(totals.points_spent), count(totals.points_expired)) for cell, totals in rows),
    )
    return PointsReport(
        held=Chart(
            kind="growth",
            sheet=sheet,
            shown=(HELD, ISSUED),
            summary=_("What members hold, and what was issued %(by)s.") % {"by": WAYS[by]},
        ),
        used=Chart(
            kind="columns",
            sheet=used,
            shown=(1, 2),
            summary=_("What members spent, and what expired (dashed), %(by)s.") % {"by": WAYS[by]},
        ),
        now=now,
        held_before=before,
        held_after=running,
        worth=_worth(running),
    )


def _worth(points: int) -> str:
    """What so many points are worth by the owner's own word, rounded down to whole minor units."""
    hundred = points_settings().hundred_worth
    return format_money(points * hundred // 100, organisation().currency) if hundred and points > 0 else ""


def _moved(totals: Totals) -> tuple[Cell, ...]:
    return (
        count(totals.points_issued),
        count(totals.points_taken_back),
        count(totals.points_spent),
        count(totals.points_expired),
        count(totals.points_adjusted),
    )
