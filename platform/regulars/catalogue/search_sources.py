"""Products, found by name, SKU or bar code by those who may change them."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.columns import Asker
from regulars.backoffice.search import MOST, Hit, searchable
from regulars.catalogue.selectors import matching
from regulars.money import format_money


@searchable("products", label=_("Products"), permission="catalogue.change", order=35)
def products(typed: str, asker: Asker) -> Iterator[Hit]:
    """Each with its list price."""
    for product in matching(typed.replace("\0", "")[:60])[:MOST]:
        yield Hit(
            label=str(product),
            detail=f"{product.sku} · {format_money(product.price, product.currency)}",
            url=reverse("office_catalogue:product", args=(product.public_id,)),
            icon="tag",
        )
