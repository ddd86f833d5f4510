"""Take the examples of the trade into an empty catalogue, and take them away again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from regulars.catalogue.examples import SHELVES, WARES, likely_price, usual_tax
from regulars.catalogue.models import Category, PriceEntry, Product, Taking
from regulars.catalogue.services.products import forget_window, save_category, save_product
from regulars.errors import InvalidInput
from regulars.loyalty.saving import figures
from regulars.operations.trail import record
from regulars.organisation.models import Organisation
from regulars.organisation.selectors import organisation


@transaction.atomic
def take_examples(*, by: str = "") -> list[Product]:
    """Put the examples of the trade into the catalogue; the same ones where they are there already.

    Raises `InvalidInput` where something else is sold already: examples would stand between what is real.
    """
    business = Organisation.objects.select_for_update().get()  # two presses at once take them once
    known = {product.sku: product for product in Product.objects.all()}
    wares = WARES[business.trade]
    if known:
        if {ware.sku for ware in wares} <= known.keys():
            return [known[ware.sku] for ware in wares]
        raise InvalidInput(_("There are products already. Examples are for an empty catalogue."))
    shelves = [
        _shelf(place, english, chinese, business, by=by)
        for place, (english, chinese) in enumerate(SHELVES[business.trade])
    ]
    return [
        save_product(
            sku=ware.sku,
            words=ware.words,
            price=likely_price(ware.yuan, business.currency),
            kind=ware.kind,
            category=shelves[ware.shelf],
            tax_rate=usual_tax(business.country, ware.kind),
            by=by,
        )
        for ware in wares
    ]


def _shelf(place: int, english: str, chinese: str, business: Organisation, *, by: str) -> Category:
    words = {"en": english, "zh-hans": chinese}
    known = Category.objects.filter(kind__in=words.values()).first()
    return known or save_category(kind=words[business.language], words=words, position=place, by=by)


def examples_here() -> list[Product]:
    """The examples that nobody has changed or written into a price book."""
    names = {ware.sku: ware.words for ware in WARES[organisation().trade]}
    found = Product.objects.filter(
        ~Exists(PriceEntry.objects.filter(product=OuterRef("pk"))),
        ~Exists(Taking.objects.filter(product=OuterRef("pk"))),
        sku__in=names,
        version=1,
    )
    return [product for product in found if product.words == names[product.sku]]


def _never_sold(examples: list[Product]) -> list[Product]:
    from regulars.sales.models import SaleLine

    sold = SaleLine.objects.filter(product__in=[product.public_id for product in examples])
    known = set(sold.values_list("product", flat=True)) if examples else set()
    return [product for product in examples if product.public_id not in known]


@transaction.atomic
def remove_examples(*, by: str = "") -> int:
    """Take the examples away that nobody has changed, priced or sold, with the categories that held nothing else.

    Answers how many products went.
    """
    Organisation.objects.select_for_update().get()
    examples = _never_sold(examples_here())
    shelves = [product.category_id for product in examples if product.category_id is not None]
    for product in examples:
        record(act="product.removed", actor=by, subject=product.public_id, before=figures(product))
        product.delete()
    names = [{"en": english, "zh-hans": chinese} for english, chinese in SHELVES[organisation().trade]]
    for category in Category.objects.filter(pk__in=shelves, products=None):
        if category.words in names:
            record(act="category.removed", actor=by, subject=category.public_id, before=figures(category))
            category.delete()
    forget_window()
    return len(examples)
