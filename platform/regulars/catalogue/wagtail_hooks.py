"""The catalogue in the back office: its addresses and its places in the menu."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.catalogue.views import beginning, combining, dealers, prices, products

ADDRESSES = [
    *beginning.ADDRESSES,
    *combining.ADDRESSES,
    *products.ADDRESSES,
    *prices.ADDRESSES,
    *dealers.ADDRESSES,
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/catalogue/`."""
    return [path("catalogue/", include((ADDRESSES, "office_catalogue")))]


@answers("register_admin_menu_item")
def menu_item() -> MenuItem:
    """Its place in the menu."""
    return OfficeItem(
        _("Products"),
        reverse("office_catalogue:products"),
        name="catalogue",
        icon="tag",
        order=350,
        permission="catalogue.view",
    )
