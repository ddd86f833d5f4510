"""Help in the back office: its addresses, its place in the menu, its style and the script of the tour."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.needs import ANYBODY
from regulars.help import views

ADDRESSES = [
    path("", views.Shelf.as_view(), name="shelf"),
    path("toured/", views.office_toured, name="toured"),
    path("<slug:code>/", views.OnePage.as_view(), name="page"),
]


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """Everything below `/office/help/`."""
    return [path("help/", include((ADDRESSES, "office_help")))]


@answers("register_admin_menu_item")
def menu_item() -> MenuItem:
    """Its place in the menu."""
    url = reverse("office_help:shelf")
    return OfficeItem(_("Help"), url, name="office-help", icon="help", order=950, permission=ANYBODY)


@answers("insert_global_admin_css")
def style() -> SafeString:
    """How help, the tour and the banner of a practice place look."""
    return format_html('<link rel="stylesheet" href="{}">', static("help/help.css"))


@answers("insert_global_admin_js")
def script() -> SafeString:
    """The tour."""
    return format_html('<script src="{}" defer></script>', static("help/tour.js"))
