"""Amounts and days in the portal's templates, as the reader's language writes them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from regulars import money
from regulars.portal import amounts, days
from regulars.words import in_language

register = template.Library()
register.filter(amounts.count)
register.filter(amounts.signed)
register.filter(amounts.rounded_money)


register.filter("in_words", in_language)


@register.filter(name="money")
def money_words(amount: int, currency: str) -> str:
    """Minor units as money: `{{ sale.total|money:sale.currency }}`."""
    return money.format_money(amount, currency)


@register.filter
def day(when: dt.date | dt.datetime) -> SafeString:
    """A day or an instant as people say it, exact on hover."""
    if not isinstance(when, dt.datetime):
        words, title, machine = days.said(when), days.exact(when), when.isoformat()
    else:
        local = timezone.localtime(when)
        words, title, machine = days.said_instant(when), f"{days.exact(local.date())} {local:%H:%M}", local.isoformat()
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, title, words)
