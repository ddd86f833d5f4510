"""Days as people say them ("tomorrow", "Friday", "31 Mar"), with the exact day beside it for those who want it."""

from __future__ import annotations

import datetime as dt

from babel.dates import get_day_names
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars import clock
from regulars.money import babel_locale


def exact(day: dt.date) -> str:
    """The whole date, as everywhere else: `31 Mar 2027`, `2027年3月31日`."""
    return date_format(day, "DATE_FORMAT")


def said(day: dt.date) -> str:
    """A day as it is said today: the near ones by name, those of this year without the year."""
    today = clock.today()
    distance = (day - today).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if distance in near:
        return near[distance]
    if 1 < distance < 7:
        return str(get_day_names("wide", locale=babel_locale())[day.weekday()])
    if day.year == today.year:
        return date_format(day, "MONTH_DAY_FORMAT")
    return exact(day)


def said_instant(instant: dt.datetime) -> str:
    """An instant in the business's zone: the day as it is said, and the time."""
    local = timezone.localtime(instant)
    words = said(local.date())
    return _("%(day)s, %(time)s") % {"day": words[:1].upper() + words[1:], "time": local.strftime("%H:%M")}
