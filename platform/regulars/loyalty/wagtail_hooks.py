"""The loyalty programme in the back office: its addresses and its place in the menu."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.views.loyalty import PointsRulePage, Programme, TierPage

ADDRESSES = [
    path("", Programme.as_view(), name="programme"),
    path("tiers/new/", TierPage.as_view(), name="new_tier"),
    path("tiers/<slug:code>/", TierPage.as_view(), name="tier"),
    path("rules/new/", PointsRulePage.as_view(), name="new_rule"),
    path("rules/<slug:public_id>/", PointsRulePage.as_view(), name="rule"),
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/loyalty/`."""
    return [path("loyalty/", include((ADDRESSES, "office_loyalty")))]


@answers("register_admin_menu_item")
def menu_item() -> MenuItem:
    """Its place in the menu."""
    return OfficeItem(
        _("Loyalty"),
        reverse("office_loyalty:programme"),
        name="loyalty",
        icon="tier",
        order=300,
        permission="loyalty.view",
    )
