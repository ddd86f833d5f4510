"""Amounts, percentages and card numbers as the back office writes them."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from regulars.ledger.kinds import words_of_kind
from regulars.ledger.selectors import Entry
from regulars.money import format_count, format_money
from regulars.money import percent as plain_percent

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """An amount in minor units as the reader's locale writes it."""
    return format_money(minor or 0, currency)


@register.filter
def percent(hundredths: int) -> str:
    """550 as `5.5%`."""
    return f"{plain_percent(hundredths)}%"


@register.filter
def card_groups(number: str) -> str:
    """A card number in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


@register.filter
def figure(number: int | None) -> str:
    """A count as the reader's locale writes it."""
    return format_count(number or 0)


@register.filter
def why(entry: Entry) -> str:
    """Why points came or went: what kind of act it was, and the reason that was noted with it."""
    return " · ".join(word for word in (words_of_kind(entry.kind), entry.reason) if word) or _("Another reason")
