"""What the counter's templates ask for: amounts as people read them and as a field takes them, and when to lock."""

from __future__ import annotations

from django import template

from regulars import money
from regulars.counter.locking import minutes_until_locked
from regulars.organisation.models import Staff

register = template.Library()


@register.filter(name="money")
def written(minor: int | str | None, currency: str) -> str:
    """Minor units as the reader's locale writes them; empty where a template has none."""
    return money.format_money(minor, currency) if isinstance(minor, int) else ""


@register.filter
def plain(minor: int | str | None, currency: str) -> str:
    """Minor units as a field takes them, `128.50`: no sign of the currency, no grouping; empty where there are none."""
    return f"{money.to_decimal(minor, currency):f}" if isinstance(minor, int) else ""


@register.filter
def thousands(number: int | str | None) -> str:
    """A count with its thousands apart."""
    return money.format_count(number) if isinstance(number, int) else ""


@register.simple_tag
def lock_after(staff: Staff) -> int:
    """After how many idle minutes the page locks itself for whoever stands here, 0 for never."""
    return minutes_until_locked(staff)
