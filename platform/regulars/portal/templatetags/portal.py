"""Amounts and days in the portal's templates, as the reader's language writes them."""

from __future__ import annotations

import datetime as dt

from babel.numbers import format_decimal
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from regulars import money
from regulars.portal import days

register = template.Library()


@register.filter(name="money")
def money_words(amount: int, currency: str) -> str:
    """Minor units as money: `{{ sale.total|money:sale.currency }}`."""
    return money.format_money(amount, currency)


@register.filter
def count(number: int) -> str:
    """A whole number with its thousands apart: `1,280`."""
    return format_decimal(number, locale=money.babel_locale())


@register.filter
def signed(number: int) -> str:
    """A whole number with its sign, a real minus before what went: `+120`, `−40`."""
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{count(abs(number))}"


@register.filter
def day(when: dt.date | dt.datetime) -> SafeString:
    """A day or an instant as people say it, exact on hover."""
    if isinstance(when, dt.datetime):
        local = timezone.localtime(when)
        title = f"{days.exact(local.date())} {local:%H:%M}"
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', local.isoformat(), title, days.said_instant(when)
        )
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), days.exact(when), days.said(when))
