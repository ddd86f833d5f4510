"""The picture of a product: kept in the library of the business and shown square, as those of rewards are."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from wagtail.images import get_image_model
from wagtail.images.models import SourceImageIOError

from regulars.catalogue.models import Product
from regulars.loyalty.rewards.pictures import SQUARE, Picture
from regulars.words import in_language


def with_pictures(products: QuerySet[Product]) -> QuerySet[Product]:
    """The same products, with what their pictures need fetched at once."""
    images = get_image_model().objects.prefetch_renditions(SQUARE)
    return products.prefetch_related(Prefetch("picture", queryset=images))


def picture_of(product: Product) -> Picture | None:
    """The picture of a product, None where it has none or its file is gone."""
    if product.picture is None:
        return None
    try:
        shown = product.picture.get_rendition(SQUARE)
    except (SourceImageIOError, OSError):
        return None
    return Picture(url=shown.url, alt=in_language(product.picture_words))
