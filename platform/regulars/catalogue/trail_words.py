"""What the acts of the catalogue are called in the trail."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from regulars.catalogue.models import Audience, BookKind, ProductKind
from regulars.organisation.models import PricePolicy

ACTS = (
    ("sales", "category.saved", _("%(who)s saved the category %(record)s")),
    ("sales", "category.removed", _("%(who)s took the category %(record)s away")),
    ("sales", "product.removed", _("%(who)s took the example %(record)s away")),
    ("sales", "product.saved", _("%(who)s saved the product %(record)s")),
    ("sales", "product.restocked", _("%(who)s changed the stock of the product %(record)s")),
    ("sales", "price_book.saved", _("%(who)s saved the price book %(record)s")),
    ("sales", "price_book.prices_set", _("%(who)s changed prices of the price book %(record)s")),
    ("sales", "holiday.saved", _("%(who)s wrote the holiday %(record)s into the calendar")),
    ("sales", "holiday.removed", _("%(who)s took the holiday %(record)s out of the calendar")),
    ("members", "dealer_level.saved", _("%(who)s saved the dealer level %(record)s")),
    (
        "members",
        "dealer_application.requested",
        _("%(who)s applied for %(record)s to become a dealer"),
        _("%(who)s applied to become a dealer"),
    ),
    (
        "members",
        "dealer_application.withdrawn",
        _("%(who)s took back the application of %(record)s to become a dealer"),
        _("%(who)s took back the application to become a dealer"),
    ),
    ("members", "dealer_application.approved", _("%(who)s made %(record)s a dealer")),
    ("members", "dealer_application.refused", _("%(who)s refused to make %(record)s a dealer")),
    ("members", "dealer.changed", _("%(who)s changed %(record)s as a dealer")),
)

LABELS = {
    "answer": _("answer"),
    "application": _("application"),
    "audience": _("who may see it"),
    "barcode": _("bar code"),
    "category": _("category"),
    "company": _("company"),
    "ends_on": _("until"),
    "level": _("dealer level"),
    "member": _("member"),
    "month_days": _("days of the month"),
    "on_holidays": _("only on holidays"),
    "coupons_on_book_prices": _("coupons count on own prices"),
    "phases": _("who may buy from when on"),
    "position": _("place"),
    "price": _("list price"),
    "price_policy": _("prices and discounts"),
    "rank": _("rank"),
    "sku": _("SKU"),
    "starts_on": _("from"),
    "tax_included": _("tax is in the price"),
    "tax_number": _("tax number"),
    "tax_rate": _("tax rate"),
    "version": _("version"),
    "weekdays": _("weekdays"),
}

CHOICES: dict[tuple[str, str], type[TextChoices]] = {
    ("product", "kind"): ProductKind,
    ("product", "audience"): Audience,
    ("price_book", "kind"): BookKind,
    ("organisation", "price_policy"): PricePolicy,
}
"""What the codes in these fields stand for."""
