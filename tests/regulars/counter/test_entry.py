"""What the one field understands: an amount, a member, or neither, in words."""

from __future__ import annotations

import pytest

from regulars.counter.entry import Amount, Search, read
from regulars.errors import InvalidInput

pytestmark = [pytest.mark.capability(164), pytest.mark.clause("2.5")]


@pytest.mark.parametrize(
    ("typed", "unit_price", "quantity"),
    [
        ("128.5", 12_850, 1),
        ("9", 900, 1),
        ("128", 12_800, 1),
        ("¥1,280", 128_000, 1),
        ("１２．５", 1_250, 1),
        ("12。5元", 1_250, 1),
        ("3*12", 1_200, 3),
        ("3 × 12.50", 1_250, 3),
        (" 0.01 ", 1, 1),
    ],
)
def test_figures_that_cannot_be_a_phone_are_an_amount(typed: str, unit_price: int, quantity: int) -> None:
    assert read(typed, "CNY") == Amount(unit_price=unit_price, quantity=quantity, is_doubtful=False)


@pytest.mark.parametrize("typed", ["8000", "12345", "1234567"])
def test_four_to_seven_bare_figures_may_be_either(typed: str) -> None:
    assert read(typed, "CNY") == Amount(unit_price=int(typed) * 100, quantity=1, is_doubtful=True)


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "+86 138 0013 8000", "6222021234567890", "rc-abcdef", "abc", "李明", "a@b.example", "138-0013"],
)
def test_longer_figures_and_words_stand_for_a_member(typed: str) -> None:
    assert read(typed, "CNY") == Search(typed)


def test_nothing_is_nothing() -> None:
    assert read(" \t\u200b", "CNY") is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("-5", "above zero"),
        ("0", "above zero"),
        ("1.234", "2 decimals"),
        ("10000000000000.00", "too large"),
        ("0*5", "at least 1"),
        ("x" * 500, "at most 100"),
    ],
)
def test_what_cannot_be_says_what_would_be_right(typed: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        read(typed, "CNY")
    assert refused.value.field == "text"


def test_a_currency_without_decimals_takes_whole_amounts() -> None:
    assert read("1280", "JPY") == Amount(unit_price=1280, quantity=1, is_doubtful=True)
    with pytest.raises(InvalidInput, match="0 decimals"):
        read("12.5", "JPY")
