"""The loyalty programme in the back office: its addresses and its place in the menu."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.views.loyalty import PointsRulePage, Programme, TierPage

ADDRESSES = [
    path("", Programme.as_view(), name="programme"),
    path("tiers/new/", TierPage.as_view(), name="new_tier"),
    path("tiers/<slug:code>/", TierPage.as_view(), name="tier"),
    path("rules/new/", PointsRulePage.as_view(), name="new_rule"),
    path("rules/<slug:public_id>/", PointsRulePage.as_view(), name="rule"),
]


class LoyaltyMenuItem(MenuItem):  # type: ignore[misc]
    """Shown to those who may see tiers."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether this user may see tiers."""
        return bool(request.user.has_perm("loyalty.view_tier"))


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/loyalty/`."""
    return [path("loyalty/", include((ADDRESSES, "office_loyalty")))]


@answers("register_admin_menu_item")
def menu_item() -> MenuItem:
    """Its place in the menu."""
    return LoyaltyMenuItem(
        _("Loyalty"), reverse("office_loyalty:programme"), name="loyalty", icon_name="tier", order=300
    )
