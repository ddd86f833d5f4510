"""Which address of the back office opens to whom: one check before every page below `/office/`.

Our own pages name their permission. Wagtail's do not know ours, so they stand in the table here; what is in neither is
not there at all (404): a shop has no use for an editor's workflows, collections, groups and reports.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from regulars.backoffice.needs import ANYBODY, admitted
from regulars.organisation.rights import OFFICE_RIGHT
from regulars.organisation.selectors import staff_of
from regulars.organisation.team import second_factor
from regulars.organisation.team.pins import BY_PIN, TILL_LOCKED

PREFIX = "office/"
EVERYBODY = "everybody"
"""For what comes before signing in, or holds nothing of the business."""

WAGTAIL: dict[str, str] = {
    "backoffice:today": EVERYBODY,  # shows everybody to their own door
    "backoffice:sign_in": EVERYBODY,
    "backoffice:password_reset": EVERYBODY,
    "backoffice:brand_style": EVERYBODY,
    "wagtailadmin_sprite": EVERYBODY,
    "wagtailadmin_javascript_catalog": EVERYBODY,
    "wagtailadmin_logout": EVERYBODY,
    "wagtailadmin_home": ANYBODY,
    "wagtailadmin_account": ANYBODY,
    "wagtailadmin_dismissibles": ANYBODY,
    "wagtailadmin_api:*": "site.change",
    "wagtailadmin_explore*": "site.change",
    "wagtailadmin_pages:*": "site.change",
    "wagtailadmin_choose_page*": "site.change",
    "wagtailadmin_tag*": "site.change",
    "wagtailadmin_editing_sessions:*": "site.change",
    "wagtailadmin_block_preview": "site.change",
    "wagtail_bulk_action": "site.change",
    "wagtaildocs*": "site.change",
    "wagtailimages*": "site.change",
    "wagtailembeds:*": "site.change",
}
"""Addresses that are not our own pages, by name, and what each needs."""


def permission_of(name: str, view: Callable[..., Any]) -> str | None:
    """What an address of the back office needs, None where it does not exist for a shop."""
    declared = (
        getattr(view, "permission", None)
        or getattr(view, "view_initkwargs", {}).get("permission")
        or getattr(getattr(view, "view_class", None), "permission", None)
    )
    if isinstance(declared, str) and declared:
        return declared
    return next((needed for pattern, needed in WAGTAIL.items() if fnmatchcase(name, pattern)), None)


def _is_beyond_till(route: str) -> bool:
    return route.startswith((PREFIX, "account/")) and not route.startswith("account/logout")


class OfficeDoors:
    """Stops whoever does not hold what a page of the back office needs, before the page does anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _options: Any
    ) -> HttpResponse | None:
        """Raises `Http404` for what a shop has no use for, `PermissionDenied` for whoever lacks the permission.

        Who came in by the code of a till goes no further than the till; who lacks the second factor sets it up first.
        """
        match = request.resolver_match
        if match is None or not _is_beyond_till(match.route):
            return None  # before the session is looked at: pages that ask nobody stay the same for everybody
        if TILL_LOCKED in request.session:
            return redirect("counter:switch")
        if BY_PIN in request.session:
            return redirect("counter:full_sign_in")
        if not match.route.startswith(PREFIX):
            return None
        needed = permission_of(match.view_name or "", view)
        if needed is None:
            raise Http404
        if needed == EVERYBODY or not request.user.is_authenticated or not request.user.has_perm(OFFICE_RIGHT):
            return None  # strangers and those without a back office are shown to their own door by the page itself
        staff = staff_of(request.user)
        if staff is not None and second_factor.is_missing(staff):
            messages.warning(request, _("Your role needs a second factor. Set it up once, then the back office opens."))
            return redirect("team_sign_in")
        admitted(request, needed)
        return None
