"""The notes and coins that a drawer of a currency is counted by."""

from __future__ import annotations

from decimal import Decimal

from regulars.money import digits_of

IN_USE = {
    "AED": "1000 500 200 100 50 20 10 5 1 0.5 0.25",
    "AUD": "100 50 20 10 5 2 1 0.5 0.2 0.1 0.05",
    "CAD": "100 50 20 10 5 2 1 0.25 0.1 0.05",
    "CHF": "200 100 50 20 10 5 2 1 0.5 0.2 0.1 0.05",
    "CNY": "100 50 20 10 5 1 0.5 0.1",
    "EUR": "200 100 50 20 10 5 2 1 0.5 0.2 0.1 0.05 0.02 0.01",
    "GBP": "50 20 10 5 2 1 0.5 0.2 0.1 0.05 0.02 0.01",
    "HKD": "1000 500 100 50 20 10 5 2 1 0.5 0.2 0.1",
    "INR": "500 200 100 50 20 10 5 2 1",
    "JPY": "10000 5000 2000 1000 500 100 50 10 5 1",
    "KRW": "50000 10000 5000 1000 500 100 50 10",
    "KWD": "20 10 5 1 0.5 0.25 0.1 0.05 0.02 0.01 0.005",
    "MOP": "1000 500 100 50 20 10 5 2 1 0.5 0.2 0.1",
    "MYR": "100 50 20 10 5 1 0.5 0.2 0.1 0.05",
    "SGD": "100 50 10 5 2 1 0.5 0.2 0.1 0.05",
    "THB": "1000 500 100 50 20 10 5 2 1 0.5 0.25",
    "TWD": "2000 1000 500 200 100 50 20 10 5 1",
    "USD": "100 50 20 10 5 2 1 0.5 0.25 0.1 0.05 0.01",
    "VND": "500000 200000 100000 50000 20000 10000 5000 2000 1000 500",
}
"""In major units, the largest first. Pieces that hardly anybody gives (two-dollar notes of some places) are kept: a
field left empty costs nothing; what has no field is added up in the last one."""
ELSEWHERE, SMALL_CHANGE = "1000 500 200 100 50 20 10 5 2 1", "0.5 0.2 0.1"
"""For every other currency; small change only where it has decimals."""


def denominations_of(currency: str) -> list[int]:
    """What one piece of each kind is worth, minor units, the largest first."""
    digits = digits_of(currency)
    known = IN_USE.get(currency, f"{ELSEWHERE} {SMALL_CHANGE}" if digits else ELSEWHERE)
    return [int(Decimal(worth).scaleb(digits)) for worth in known.split()]
