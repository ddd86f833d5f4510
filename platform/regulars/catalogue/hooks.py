"""What the catalogue answers: applications that wait for a person, and the way to the shop window in the portal."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.catalogue.identity import identity_of
from regulars.catalogue.selectors import MOST_IN_WINDOW, has_window, takes_dealers, visible_to, waiting_applications
from regulars.catalogue.services.dealers import DECIDE
from regulars.hooks import Door, MenuItem, NeedsYou, hookimpl
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows
from regulars.people.models import Member


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """Applications, for those who may decide them."""
    if not allows(staff, DECIDE):
        return []
    count = waiting_applications().count()
    return [
        NeedsYou(label=_("Applications of dealers"), count=count, url=reverse("office_catalogue:dealers"), order=60)
    ]


@hookimpl
def menu_items(door: Door, staff: Staff | None, member: Member | None) -> list[MenuItem]:
    """On the site: the shop window, where guests find something in it. In the portal: what dealers ask for, and the
    window for those for whom alone there is something in it; where it is for all, it stands in the bar of every page.
    """
    window = MenuItem(label=_("Shop window"), url=reverse("portal:shop"), icon="sale", order=10)
    if door == "site":
        return [window] if has_window(for_guests=True) else []
    if door != "portal" or member is None:
        return []
    found = []
    if not has_window():
        identity = identity_of(member)
        if any(identity.may_see(product) for product in visible_to(identity)[:MOST_IN_WINDOW]):
            found.append(window)
    if takes_dealers():
        found.append(MenuItem(label=_("Buy as a dealer"), url=reverse("portal:dealer"), icon="dealers", order=20))
    return found
