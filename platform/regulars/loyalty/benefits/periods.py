"""The periods in which uses are counted: on the business's calendar, each with a key and a last day."""

from __future__ import annotations

import datetime as dt

from dateutil.relativedelta import relativedelta

from regulars.loyalty.benefits.models import Period

DAY = dt.timedelta(days=1)


def key_of(period: str, day: dt.date) -> str:
    """The name of the period in which a day lies: "2026-06-15", "2026-W25", "2026-06", "2026-Q2", "2026", "ever"."""
    year, week, _weekday = day.isocalendar()
    return {
        Period.DAY: day.isoformat(),
        Period.WEEK: f"{year}-W{week:02d}",
        Period.MONTH: f"{day:%Y-%m}",
        Period.QUARTER: f"{day.year}-Q{(day.month + 2) // 3}",
        Period.YEAR: f"{day.year}",
        Period.EVER: "ever",
    }[Period(period)]


def last_day_of(period: str, day: dt.date) -> dt.date | None:
    """The last day of the period in which a day lies, None for the one without end."""
    if period == Period.EVER:
        return None
    if period == Period.DAY:
        return day
    if period == Period.WEEK:
        return day + (7 - day.isoweekday()) * DAY
    first = day.replace(day=1)
    if period == Period.MONTH:
        return first + relativedelta(months=1) - DAY
    if period == Period.QUARTER:
        return first.replace(month=(day.month - 1) // 3 * 3 + 1) + relativedelta(months=3) - DAY
    return day.replace(month=12, day=31)
