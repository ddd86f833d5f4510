"""Money as integers: minor units of one currency, never a float.

A business has one currency. Amounts travel as whole minor units (fen, cents, yen); only the edges turn them into words
(`format_money`) and back (`parse_money`). Splits always add up to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision, get_currency_symbol, list_currencies
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput

LARGEST_AMOUNT = 10**13
"""No single amount may be larger (minor units); wide enough for any till, small enough to add up safely."""

MINUS = "−"
"""Before what is less than nothing, wherever people read it; a field and a file take the hyphen of a keyboard."""

GROUPED = re.compile(r"-?\d{1,3}(?:[\s,，]\d{2,3})*[\s,，]\d{3}(?:[.．]\d*)?")
"""Figures in groups, the last of three: `1,280.50`, `1 280`, `1,00,000`. A comma before two figures (`12,50`) is none
of them: who types that means twelve and a half."""


def digits_of(currency: str) -> int:
    """How many decimals a currency has by ISO 4217: 2 for CNY, 0 for JPY, 3 for KWD."""
    return int(get_currency_precision(currency))


def is_currency(code: str) -> bool:
    """Whether a code is a currency of ISO 4217."""
    return code in list_currencies()


def babel_locale(language: str | None = None) -> str:
    """Babel's name of a language of ours: `zh-hans` → `zh_Hans_CN`, `en` → `en`."""
    code = (language or get_language() or "en").lower()
    return "zh_Hans_CN" if code.startswith("zh") else "en"


def to_decimal(minor: int, currency: str) -> Decimal:
    """An amount in major units, exact."""
    return Decimal(minor).scaleb(-digits_of(currency))


def format_money(minor: int, currency: str, language: str | None = None) -> str:
    """An amount as the reader's locale writes it, a real minus before what went: `¥1,280.00`, `−¥7.50`."""
    before, after, digits = _around(currency, babel_locale(language), minor < 0)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{before}{whole:,}.{part:0{digits}d}{after}" if digits else f"{before}{whole:,}{after}"


@lru_cache(maxsize=512)
def _around(currency: str, locale: str, is_negative: bool) -> tuple[str, str, int]:
    """What Babel writes before and after the figures of an amount, and its decimals; asked once for a currency.

    Babel takes as long for one amount as a page for a whole row; both our languages group figures by three.
    """
    written = format_currency(Decimal(-1 if is_negative else 1), currency, locale=locale)
    written = written.replace("-", MINUS)
    written = written.replace("CN¥", "¥")  # a business has one currency: nobody needs to tell two yens apart
    before, after = re.split(r"\d[\d.,]*", written, maxsplit=1)
    return before, after, digits_of(currency)


def format_count(number: int) -> str:
    """A count as the reader's locale writes it, which is the same in both our languages: `1,280`, `−40`."""
    return f"{number:,}".replace("-", MINUS)


def symbol_of(currency: str, language: str | None = None) -> str:
    """The sign a reader knows the currency by."""
    return get_currency_symbol(currency, locale=babel_locale(language)).replace("CN¥", "¥")


def parse_money(text: str, currency: str, *, field: str = "amount") -> int:
    """What a person typed ("1,280.5", "¥12", "１２") as minor units.

    Raises `InvalidInput` for anything that is no plain amount, has too many decimals or is larger than
    `LARGEST_AMOUNT`; the message says what would be right.
    """
    cleaned = re.sub(r"[¥￥$€£元]", "", text or "").replace(MINUS, "-").strip()
    if GROUPED.fullmatch(cleaned):
        cleaned = re.sub(r"[\s,，]", "", cleaned)
    digits = digits_of(currency)
    example = f"{Decimal(128):.{digits}f}"
    try:
        if not re.fullmatch(r"-?\d{1,15}(\.\d*)?|-?\.\d+", cleaned.replace("．", ".")):
            raise InvalidOperation
        amount = Decimal(cleaned.replace("．", "."))
    except InvalidOperation:
        raise InvalidInput(
            _("Enter an amount in figures, for example %(example)s.") % {"example": example}, field=field
        )
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise InvalidInput(
            _("This currency has %(digits)s decimals; enter for example %(example)s.")
            % {"digits": digits, "example": example},
            field=field,
        )
    if abs(minor) > LARGEST_AMOUNT:
        raise InvalidInput(_("This amount is too large. Check the number of zeros."), field=field)
    return int(minor)


def percent(hundredths: int) -> str:
    """Hundredths of a percent as people write it, without sign: 500 → `5`, 1250 → `12.5`."""
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole over weights so that the parts add up to it exactly (largest remainder, earlier parts first).

    Raises `ValueError` when no weight is positive or one is negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and at least one is positive")
    sign, amount = (-1, -total) if total < 0 else (1, total)
    parts = [amount * weight // whole for weight in weights]
    remainders = [amount * weight % whole for weight in weights]
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[: amount - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def portion(amount: int, part: int, whole: int) -> int:
    """`amount × part ÷ whole`, rounded down, for cumulative proportions: differences of it add up to `amount`."""
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError("a part lies between nothing and the whole")
    return amount * part // whole
