"""What a report is asked for: how sales are told apart, which days, what they stand beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.insights.selectors import Span
from regulars.insights.sheets import STARTS, WAYS

MOST_DAYS = 1100
"""Three years: as many days as one table shows."""
EARLIEST = dt.date(2000, 1, 1)

PERIODS = (
    ("today", gettext_lazy("Today")),
    ("7", gettext_lazy("Last 7 days")),
    ("30", gettext_lazy("Last 30 days")),
    ("90", gettext_lazy("Last 90 days")),
    ("365", gettext_lazy("Last 365 days")),
    ("month", gettext_lazy("This month")),
    ("last_month", gettext_lazy("Last month")),
    ("own", gettext_lazy("From … to …")),
)
COMPARISONS = (
    ("", gettext_lazy("Nothing")),
    ("before", gettext_lazy("Days before")),
    ("year", gettext_lazy("Year before")),
)


class DaysForm(forms.Form):
    """Which days are looked at; every field may be left out: the last 30 days, by day."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        known = {name: asked.get(name, "") for name in self.base_fields}
        super().__init__(known | {"by": known["by"] or "day", "period": known["period"] or "30"})

    by = forms.ChoiceField(
        label=gettext_lazy("Show points"), choices=[(way, WAYS[way]) for way in STARTS], required=False
    )
    period = forms.ChoiceField(label=gettext_lazy("Which days"), choices=PERIODS, required=False)
    first = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """Days of one's own are both there, in order and not too many."""
        known: dict[str, Any] = super().clean() or {}
        if known.get("period") != "own" or self.errors:
            return known
        first, last = known.get("first"), known.get("last")
        if first is None or last is None:
            self.add_error("first" if first is None else "last", _("Choose a day."))
        elif first < EARLIEST:
            self.add_error("first", _("Choose a day of this century."))
        elif last < first:
            self.add_error("last", _("Choose a day that is not before the first."))
        elif (last - first).days >= MOST_DAYS:
            self.add_error("last", _("At most three years fit into one report."))
        return known

    def span(self) -> Span:
        """The days asked for, today included; the last 30 where the form has errors."""
        today = clock.today()
        known = self.cleaned_data if self.is_valid() else {}
        period = known.get("period") or "30"
        if period == "own":
            return Span(first=known["first"], last=known["last"])
        if period == "today":
            return Span(first=today, last=today)
        if period == "month":
            return Span(first=today.replace(day=1), last=today)
        if period == "last_month":
            end = today.replace(day=1) - dt.timedelta(days=1)
            return Span(first=end.replace(day=1), last=end)
        return Span(first=today - dt.timedelta(days=int(period) - 1), last=today)

    def way(self) -> str:
        """How days or sales are told apart."""
        return (self.cleaned_data.get("by") if self.is_valid() else "") or "day"


class SalesReportForm(DaysForm):
    """Sales may also be told apart by place, tier and hour, and stand beside other days."""

    by = forms.ChoiceField(label=gettext_lazy("Show sales"), choices=list(WAYS.items()), required=False)
    beside = forms.ChoiceField(label=gettext_lazy("Compare with"), choices=COMPARISONS, required=False)

    def compared(self) -> Span | None:
        """The days beside them, None for none."""
        beside = self.cleaned_data.get("beside") if self.is_valid() else ""
        if not beside:
            return None
        return self.span().before() if beside == "before" else self.span().a_year_before()
