"""The settings of the business in the back office."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.views import approvals, points
from regulars.backoffice.views.brand import BrandPage, brand_preview, brand_reading
from regulars.backoffice.views.places import ChangeBranch, NewBranch, NewTill, PlaceAct, Places, SaveRegion
from regulars.backoffice.views.settings import BusinessPage
from regulars.backoffice.views.team import (
    Invite,
    People,
    Person,
    PersonAct,
    RoleDelete,
    Roles,
    SaveRole,
)
from regulars.backoffice.waiting import ApprovalsItem

ADDRESSES = [
    path("business/", BusinessPage.as_view(), name="business"),
    path("brand/", BrandPage.as_view(), name="brand"),
    path("brand/preview/", brand_preview, name="brand_preview"),
    path("brand/reading/", brand_reading, name="brand_reading"),
    path("places/", Places.as_view(), name="places"),
    path("places/new-branch/", NewBranch.as_view(), name="new_branch"),
    path("places/new-till/", NewTill.as_view(), name="new_till"),
    path("places/new-region/", SaveRegion.as_view(), name="new_region"),
    path("places/branches/<slug:public_id>/", ChangeBranch.as_view(), name="branch"),
    path("places/regions/<slug:public_id>/", SaveRegion.as_view(), name="region"),
    path("places/<slug:public_id>/<slug:act>/", PlaceAct.as_view(), name="place_act"),
]
TEAM = [
    path("", People.as_view(), name="people"),
    path("invite/", Invite.as_view(), name="invite"),
    path("roles/", Roles.as_view(), name="roles"),
    path("roles/new/", SaveRole.as_view(), name="new_role"),
    path("roles/<slug:public_id>/", SaveRole.as_view(), name="role"),
    path("roles/<slug:public_id>/delete/", RoleDelete.as_view(), name="delete_role"),
    path("people/<slug:public_id>/", Person.as_view(), name="person"),
    path("people/<slug:public_id>/<slug:act>/", PersonAct.as_view(), name="person_act"),
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/settings/` and `/office/team/`."""
    return [
        path("settings/", include((ADDRESSES, "office_settings"))),
        path("team/", include((TEAM, "office_team"))),
    ]


@answers("register_admin_urls")
def approval_addresses() -> list[Any]:
    """Everything below `/office/approvals/`, and giving points on a member's page."""
    return [
        path("approvals/", include((approvals.ADDRESSES, "office_approvals"))),
        path("members/", include((points.ADDRESSES, "office_points"))),
    ]


@answers("register_team_menu_item")
def approvals_entry() -> ApprovalsItem:
    """What waits for a decision."""
    url = reverse_lazy("office_approvals:inbox")
    return ApprovalsItem(_("Approvals"), url, name="approvals", icon="shield", order=20, permission="approvals.decide")


@answers("register_settings_menu_item")
def limits_entry() -> OfficeItem:
    """Up to which amount who acts alone."""
    url = reverse_lazy("office_approvals:limits")
    return OfficeItem(_("Limits"), url, name="limits", icon="shield", order=40, permission="settings.change")
