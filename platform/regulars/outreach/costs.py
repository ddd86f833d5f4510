"""What messages cost, in words: a text costs a fraction of the smallest coin, so costs are kept in millionths."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal

from regulars.money import babel_locale, symbol_of
from regulars.organisation.selectors import organisation
from regulars.outreach.selectors import MICRO


def cost_words(cost: int) -> str:
    """A cost in millionths of the currency's unit as the reader's locale writes it; empty for nothing."""
    if not cost:
        return ""
    figure = format_decimal(Decimal(cost) / MICRO, format="#,##0.00####", locale=babel_locale())
    return f"{symbol_of(organisation().currency)}{figure}"
