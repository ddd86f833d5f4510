"""Figures as the portal writes them: counts with thousands apart, changes with a sign, round sums without decimals."""

from __future__ import annotations

from regulars import money


def count(number: int) -> str:
    """A whole number with its thousands apart: `1,280`."""
    return money.format_count(number)


def signed(number: int) -> str:
    """A whole number with its sign: `+120`, `−40`."""
    return f"{'+' if number > 0 else ''}{count(number)}"


def rounded_money(minor: int, currency: str) -> str:
    """A sum for a sentence: `¥320` where there are no odd pence, `¥320.50` where there are."""
    written = money.format_money(minor, currency)
    digits = money.digits_of(currency)
    tail = "." + "0" * digits
    return written.replace(tail, "") if digits and written.endswith(tail) else written
