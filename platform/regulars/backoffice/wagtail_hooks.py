"""The back office in the words of a shop: its menu, its first page, its colours and icons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from regulars import hooks as questions
from regulars import plugins
from regulars.backoffice.answers import answers
from regulars.backoffice.panels import PANELS
from regulars.organisation.selectors import organisation, staff_of

KEPT = ("today", "members", "loyalty", "sales", "explorer", "shop-settings")
"""What Wagtail or a library registers beside these is not shown; plugins ask for a place through `menu_items`."""

ICON_FOLDER = Path(__file__).parent / "templates" / "backoffice" / "icons"
ICONS = tuple(sorted(file.stem for file in ICON_FOLDER.glob("*.svg")))
"""Our own outline icons, by the names of the shared sprite."""


@answers("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    """Our own outline icons beside Wagtail's."""
    return [*icons, *(f"backoffice/icons/{name}.svg" for name in ICONS)]


@answers("register_admin_menu_item")
def today() -> MenuItem:
    """The first page."""
    return MenuItem(_("Today"), reverse("wagtailadmin_home"), name="today", icon_name="today", order=1)


@answers("register_admin_menu_item")
def shop_settings() -> MenuItem:
    """Everything an owner sets."""
    items = [
        MenuItem(_("Business"), reverse("office_settings:business"), name="business", icon_name="settings", order=10),
        MenuItem(_("Places and staff"), reverse("office_settings:places"), name="places", icon_name="branch", order=20),
        MenuItem(_("Pictures"), reverse("wagtailimages:index"), name="pictures", icon_name="image", order=30),
        MenuItem(_("Files"), reverse("wagtaildocs:index"), name="files", icon_name="doc-full-inverse", order=40),
        MenuItem(_("Sign-in and second factor"), reverse("mfa_index"), name="sign-in", icon_name="shield", order=50),
    ]
    return SubmenuMenuItem(_("Settings"), Menu(items=items), name="shop-settings", icon_name="settings", order=9000)


@answers("construct_main_menu", order=1000)
def in_the_words_of_a_shop(request: HttpRequest, menu_items: list[Any]) -> None:
    """Keep what a shop needs, call pages the site, and add what modules of this business ask for."""
    kept = [item for item in menu_items if item.name in KEPT]
    for item in kept:
        if item.name == "explorer":
            item.label, item.icon_name, item.order = _("Site"), "globe", 500
    staff = staff_of(request.user)
    added = [
        MenuItem(
            entry.label,
            entry.url,
            name=f"module-{number}",
            icon_name=entry.icon if entry.icon in ICONS else "module",
            order=600 + number,
        )
        for number, entry in enumerate(
            sorted(
                plugins.ask(questions.menu_items, door="backoffice", staff=staff, member=None),
                key=lambda entry: entry.order,
            )
        )
    ]
    menu_items[:] = [*kept, *added]


@answers("construct_homepage_panels")
def first_page(request: HttpRequest, panels: list[Any]) -> None:
    """Our own parts instead of an editor's."""
    panels[:] = [panel() for panel in PANELS]


@answers("insert_global_admin_css")
def styles() -> SafeString:
    """The brand's colour and our own type."""
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}?{}">',
        static("backoffice/office.css"),
        reverse("backoffice:brand_style"),
        organisation().accent.lstrip("#"),
    )


@answers("insert_global_admin_js")
def scripts() -> SafeString:
    """What Wagtail writes into its pages as scripts, from a file of ours: the policy allows no others."""
    return format_html('<script src="{}" defer></script>', static("backoffice/office.js"))


@answers("register_account_menu_item")
def second_factor(request: HttpRequest) -> dict[str, Any]:
    """The second factor, from the page of one's own account."""
    return {
        "url": reverse("mfa_index"),
        "label": _("Second factor"),
        "help_text": _("A code from your phone besides the password, and codes for the day it is lost."),
    }


@answers("before_delete_page")
def home_pages_stay(request: HttpRequest, page: Any) -> HttpResponse | None:
    """A page that a site begins with is not deleted by hand."""
    if page.depth != 2:
        return None
    messages.error(request, _("A home page cannot be deleted. Change its words, or take it off the site instead."))
    return HttpResponseRedirect(reverse("wagtailadmin_explore", args=(page.get_parent().pk,)))
