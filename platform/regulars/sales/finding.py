"""How sales are found by a number: it holds the day and the row, so no index of its own is needed."""

from __future__ import annotations

import datetime as dt
import re

from django.db.models import Q

NUMBER = re.compile(r"(?P<day>\d{6})-(?P<row>\d{1,18})?")


def numbered(typed: str) -> Q | None:
    """The sales that a receipt number, its second part, or its first (the day) means; None for other words."""
    words = "".join(typed.split())
    if match := NUMBER.fullmatch(words):
        day = _day(match["day"])
        by_day = Q(business_date=day) if day else Q(pk__in=[])
        return Q(pk=int(match["row"]), number=words) if match["row"] else by_day
    if not re.fullmatch(r"\d{1,18}", words):
        return None
    day = _day(words)
    return Q(pk=int(words)) | Q(business_date=day) if day else Q(pk=int(words))


def _day(figures: str) -> dt.date | None:
    if len(figures) != 6:
        return None
    try:
        return dt.datetime.strptime(figures, "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
