"""When rules that wait for no sale give: the triggers, the periods, and birthdays that fall on 29 February."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars import hooks, plugins
from regulars.loyalty.points.models import Period

SALE, FIRST_PURCHASE, SPENDING = "sale", "first_purchase", "spend_threshold"
AT_SALES = frozenset({SALE, FIRST_PURCHASE, SPENDING})
"""Triggers that a sale answers, in the act of selling."""
JOINED, PROFILE, BIRTHDAY, ANNIVERSARY, TASK = "joined", "profile_completed", "birthday", "anniversary", "task_done"
TASK_PREFIX, EVENT_PREFIX = "task:", "event:"
YEARLY = frozenset({BIRTHDAY, ANNIVERSARY})
NOT_AGAIN_FOR = dt.timedelta(days=330)
"""A birthday that is moved after its award does not come a second time within the year."""

TRIGGERS: Mapping[str, str | Promise] = {
    SALE: _("a purchase"),
    FIRST_PURCHASE: _("the first purchase"),
    SPENDING: _("spending that reaches an amount"),
    JOINED: _("becoming a member"),
    PROFILE: _("filling in the profile"),
    BIRTHDAY: _("the birthday"),
    ANNIVERSARY: _("the anniversary of joining"),
    TASK: _("any task that is done"),
}


def triggers() -> dict[str, str]:
    """Every trigger that a rule may name here, in words: the house's own, and those of modules that are on."""
    found = {code: str(label) for code, label in TRIGGERS.items()}
    found |= {each.code: str(each.label) for each in plugins.ask(hooks.points_triggers)}
    return found


def period_key(period: str, on: dt.date) -> str:
    """What a period is called that holds a day: `day:2026-11-24`, `week:2026-W48`, `month:2026-11`, `year:2026`."""
    year, week, _weekday = on.isocalendar()
    return {
        Period.ONCE: "once",
        Period.DAY: f"day:{on.isoformat()}",
        Period.WEEK: f"week:{year}-W{week:02d}",
        Period.MONTH: f"month:{on.year}-{on.month:02d}",
        Period.YEAR: f"year:{on.year}",
    }[Period(period)]


def day_in(year: int, first: dt.date) -> dt.date:
    """The day on which a birthday or an anniversary falls in a year; one of 29 February on the 28th in common years."""
    if (first.month, first.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 2, 28)
    return first.replace(year=year)


def nearest_day(first: dt.date, to: dt.date) -> dt.date:
    """The birthday that lies nearest to a day, in this year or over the turn of it."""
    return min((day_in(year, first) for year in (to.year - 1, to.year, to.year + 1)), key=lambda day: abs(day - to))
