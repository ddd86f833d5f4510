"""The loyalty programme in the back office: its addresses and its place in the menu."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.views import benefits, coupon_batches, coupons, points_beside, rewards
from regulars.backoffice.views.loyalty import Programme
from regulars.backoffice.views.nights import NightRulesPage
from regulars.backoffice.views.points_rules import PointsRulePage
from regulars.backoffice.views.tiers import ChangePage, LiftNow, MemberTier, TierPage, TrackPage, Tracks

ADDRESSES = [
    path("", Programme.as_view(), name="programme"),
    path("tiers/new/", TierPage.as_view(), name="new_tier"),
    path("tiers/<slug:code>/", TierPage.as_view(), name="tier"),
    path("tiers/<slug:code>/change/", ChangePage.as_view(), name="change_tier"),
    path("tracks/", Tracks.as_view(), name="tracks"),
    path("tracks/new/", TrackPage.as_view(), name="new_track"),
    path("tracks/<slug:track>/", TrackPage.as_view(), name="track"),
    path("tracks/<slug:track>/lift/", LiftNow.as_view(), name="lift"),
    path("members/<slug:public_id>/", MemberTier.as_view(), name="member_tier"),
    path("when-points-end/", NightRulesPage.as_view(), name="nights"),
    path("rules/new/", PointsRulePage.as_view(), name="new_rule"),
    path("rules/<slug:public_id>/", PointsRulePage.as_view(), name="rule"),
    *points_beside.ADDRESSES,
    *benefits.ADDRESSES,
    *rewards.ADDRESSES,
    *coupons.ADDRESSES,
    *coupon_batches.ADDRESSES,
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
