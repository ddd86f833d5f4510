"""A small catalogue, and books of prices that a test fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regulars.catalogue.models import DealerLevel, PriceBook, Product
from regulars.catalogue.services.dealers import accept, apply_as_dealer, save_level
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_product
from regulars.organisation.models import Staff
from regulars.people.models import Member

Sell = Callable[..., Product]
Open = Callable[..., PriceBook]
Make = Callable[..., Any]


@pytest.fixture
def selling(business: Any) -> Sell:
    """`selling("TEA", price=…)`: a product in the catalogue."""

    def sell(sku: str = "TEA", **over: Any) -> Product:
        values: dict[str, Any] = {"words": {"en": f"The {sku}"}, "price": 10_000}
        return save_product(sku=sku, **{**values, **over})

    return sell


@pytest.fixture
def tea(selling: Sell) -> Product:
    """A product for 100.00."""
    return selling("TEA", words={"en": "Longjing", "zh-hans": "龙井"})


@pytest.fixture
def book(business: Any) -> Open:
    """`book("list", {tea: 9_000}, name="Sale")`: a book of prices; a price alone holds from one piece on."""

    def opened(kind: str, prices: dict[Product, Any], name: str = "", **over: Any) -> PriceBook:
        made = save_book(kind=kind, words={"en": name or f"{kind} price"}, **over)
        for product, wanted in prices.items():
            made = set_prices(book=made, product=product, prices=wanted if isinstance(wanted, dict) else {1: wanted})
        return made

    return opened


@pytest.fixture
def level(business: Any) -> DealerLevel:
    """The lower of the levels that a test makes."""
    return save_level(words={"en": "Dealer", "zh-hans": "经销商"}, rank=10)


@pytest.fixture
def made_dealer(owner: Staff, level: DealerLevel) -> Make:
    """`made_dealer(member)`: a member becomes a dealer."""

    def make(member: Member, of: DealerLevel | None = None, **over: Any) -> Any:
        asked = apply_as_dealer(member=member, company="Tea Traders Ltd", tax_number="9131")
        return accept(application=asked, level=of or level, by=owner, **over)

    return make
