"""The settings of the business in the back office."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from regulars.backoffice.answers import answers
from regulars.backoffice.views.settings import BusinessPage, NewBranch, NewStaff, NewTill, Places

ADDRESSES = [
    path("business/", BusinessPage.as_view(), name="business"),
    path("places/", Places.as_view(), name="places"),
    path("places/new-branch/", NewBranch.as_view(), name="new_branch"),
    path("places/new-till/", NewTill.as_view(), name="new_till"),
    path("places/invite/", NewStaff.as_view(), name="invite"),
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/settings/`."""
    return [path("settings/", include((ADDRESSES, "office_settings")))]
