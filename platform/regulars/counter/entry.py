"""What the one field of the till was given: an amount, a code of a reward or coupon, or words to search for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.coupons.codes import looks_like_code as looks_like_coupon
from regulars.loyalty.rewards.codes import looks_like_code
from regulars.money import parse_money
from regulars.text import plain_text

LONGEST_TEXT = 100
LARGEST_QUANTITY = 9999
_AMOUNT = re.compile(r"(?:(?P<quantity>\d{1,4})[*x×](?=.))?(?P<sign>[¥￥$€£]?)(?P<figures>-?[\d,]*\.?\d+\.?)元?", re.I)
_TELLING = re.compile(r"[.¥￥$€£*x×元-]", re.I)


@dataclass(frozen=True)
class Amount:
    """A bare amount (minor units each). `is_doubtful`: the same figures could be the end of a phone number."""

    unit_price: int
    quantity: int
    is_doubtful: bool


@dataclass(frozen=True)
class Code:
    """The code of a redemption that is to be collected, as it was typed or scanned."""

    text: str


@dataclass(frozen=True)
class CouponCode:
    """The code of one coupon, as it was typed or scanned."""

    text: str


@dataclass(frozen=True)
class Search:
    """Words that stand for a member (card, phone or its end, e-mail, name) or a product (bar code, SKU, name)."""

    words: str


def read(text: str, currency: str) -> Amount | Code | CouponCode | Search | None:
    """Understand what was typed or scanned; None for nothing.

    Up to three figures, or figures with a decimal point, a sign of a currency or a quantity (`3*12.5`) are an amount;
    four to seven bare figures may be either; longer ones are a phone or a card. Raises `InvalidInput` (field `text`).
    """
    typed = plain_text(unicodedata.normalize("NFKC", text or ""), field="text", longest=LONGEST_TEXT, required=False)
    if not typed:
        return None
    if looks_like_code(typed):
        return Code(typed)
    if looks_like_coupon(typed):
        return CouponCode(typed)
    typed = re.sub(r"(?<=\d)。(?=\d)", ".", typed)  # the decimal point of a Chinese keyboard
    squeezed = re.sub(r"(?<=[\d*x×¥$€£.])\s+(?=[\d*x×¥$€£.元])", "", typed)
    match = _AMOUNT.fullmatch(squeezed)
    if match is None:
        return Search(typed)
    figures = match["figures"]
    is_telling = bool(_TELLING.search(squeezed))
    if not is_telling and len(figures.replace(",", "")) > 7:
        return Search(typed)
    return Amount(
        unit_price=_positive(figures, currency),
        quantity=_quantity(match["quantity"]),
        is_doubtful=not is_telling and len(figures.replace(",", "")) > 3,
    )


def _positive(figures: str, currency: str) -> int:
    amount = parse_money(figures, currency, field="text")
    if amount <= 0:
        raise InvalidInput(
            _("An amount must be above zero. To give money back, press R and choose the sale."), field="text"
        )
    return amount


def _quantity(figures: str | None) -> int:
    quantity = int(figures) if figures else 1
    if quantity < 1:
        raise InvalidInput(_("The quantity must be at least 1."), field="text")
    return quantity
