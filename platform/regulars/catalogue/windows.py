"""On which days a price book holds: its span, its weekdays and days of the month, and the calendar of holidays."""

from __future__ import annotations

import datetime as dt

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.catalogue.models import Holiday, PriceBook


def is_holiday(day: dt.date) -> bool:
    """Whether a day stands in the calendar of the business."""
    return Holiday.objects.filter(starts_on__lte=day, ends_on__gte=day).exists()


def holds_on(book: PriceBook, day: dt.date, *, is_holiday: bool) -> bool:
    """Whether a book holds on a day of the business. Asks the database nothing."""
    return (
        book.is_active
        and (book.starts_on is None or book.starts_on <= day)
        and (book.ends_on is None or day <= book.ends_on)
        and (not book.weekdays or day.weekday() in book.weekdays)
        and (not book.month_days or day.day in book.month_days)
        and (not book.on_holidays or is_holiday)
    )


def words_of_days(book: PriceBook) -> str:
    """When a book holds, for people: `from 1 June · Tuesdays`."""
    said = []
    if book.starts_on is not None:
        said.append(_("from %(day)s") % {"day": date_format(book.starts_on, "DATE_FORMAT")})
    if book.ends_on is not None:
        said.append(_("until %(day)s") % {"day": date_format(book.ends_on, "DATE_FORMAT")})
    if book.weekdays:
        said.append(_(", ").join(str(WEEKDAYS[day]) for day in book.weekdays))
    if book.month_days:
        days = _(", ").join(str(day) for day in book.month_days)
        said.append(_("on day %(days)s of the month") % {"days": days})
    if book.on_holidays:
        said.append(_("on holidays"))
    return " · ".join(said) or _("always")
