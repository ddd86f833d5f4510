"""Amounts in the counter's templates: as people read them, and as a field takes them."""

from __future__ import annotations

from django import template

from regulars import money

register = template.Library()


@register.filter(name="money")
def written(minor: int | None, currency: str) -> str:
    """Minor units as the reader's locale writes them; empty for None."""
    return "" if minor is None else money.format_money(minor, currency)


@register.filter
def plain(minor: int | None, currency: str) -> str:
    """Minor units as a field takes them, `128.50`: no sign of the currency, no grouping; empty for None."""
    return "" if minor is None else f"{money.to_decimal(minor, currency):f}"


@register.filter
def thousands(number: int | None) -> str:
    """A count with its thousands apart."""
    return "" if number is None else f"{number:,}"
