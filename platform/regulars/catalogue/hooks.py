"""What the catalogue answers: applications that wait for a person, and the way to the shop window in the portal."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.catalogue.models import Product
from regulars.catalogue.selectors import takes_dealers, waiting_applications
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
    """In the portal: the shop window where there is something in it, and what dealers ask for."""
    if door != "portal" or member is None:
        return []
    found = []
    if Product.objects.filter(is_active=True).exists():
        found.append(MenuItem(label=_("Shop window"), url=reverse("portal:shop"), icon="sale", order=10))
    if takes_dealers():
        found.append(MenuItem(label=_("Buy as a dealer"), url=reverse("portal:dealer"), icon="dealers", order=20))
    return found
