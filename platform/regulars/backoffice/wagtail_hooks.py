"""The back office in the words of a shop: its menu, its first page, its colours and icons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from regulars import hooks as questions
from regulars import plugins
from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem, OfficeMenu
from regulars.backoffice.needs import ANYBODY
from regulars.organisation.selectors import organisation, staff_of

KEPT = (
    "today",
    "members",
    "loyalty",
    "catalogue",
    "sales",
    "marketing",
    "money",
    "explorer",
    "modules",
    "team",
    "shop-settings",
    "office-help",
)
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
    return OfficeItem(
        _("Today"), reverse("wagtailadmin_home"), name="today", icon="today", order=100, permission=ANYBODY
    )


@answers("register_admin_menu_item")
def marketing() -> MenuItem:
    """What is told to members."""
    return OfficeMenu(_("Marketing"), name="marketing", icon="sparkles", order=450)


@answers("register_admin_menu_item")
def money() -> MenuItem:
    """What was sold, what is owed."""
    return OfficeMenu(_("Money"), name="money", icon="cash", order=480)


@answers("register_admin_menu_item")
def modules() -> MenuItem:
    """The shelf of modules."""
    url = reverse("backoffice:modules")
    return OfficeItem(_("Modules"), url, name="modules", icon="module", order=700, permission="modules.view")


@answers("register_admin_menu_item")
def team() -> MenuItem:
    """Who works here, where, and what they did."""
    return OfficeMenu(_("Team"), name="team", icon="members", order=800)


@answers("register_admin_menu_item")
def shop_settings() -> MenuItem:
    """Everything an owner sets."""
    return OfficeMenu(_("Settings"), name="settings", icon="settings", order=900)


@answers("register_settings_menu_item")
def business() -> MenuItem:
    """Name, language, zone."""
    url = reverse("office_settings:business")
    return OfficeItem(_("Business"), url, name="business", icon="settings", order=10, permission="settings.change")


@answers("register_settings_menu_item")
def brand() -> MenuItem:
    """Logo and colours."""
    url = reverse("office_settings:brand")
    return OfficeItem(_("Brand"), url, name="brand", icon="sparkles", order=20, permission="brand.change")


@answers("register_settings_menu_item")
def pictures() -> MenuItem:
    """Pictures of the site."""
    url = reverse("wagtailimages:index")
    return OfficeItem(_("Pictures"), url, name="pictures", icon="image", order=60, permission="site.change")


@answers("register_settings_menu_item")
def files() -> MenuItem:
    """Files of the site."""
    url = reverse("wagtaildocs:index")
    return OfficeItem(_("Files"), url, name="files", icon="doc-full-inverse", order=70, permission="site.change")


@answers("register_team_menu_item")
def people() -> MenuItem:
    """Who works here."""
    url = reverse("office_team:people")
    return OfficeItem(_("People"), url, name="people", icon="members", order=10, permission="team.view")


@answers("register_team_menu_item")
def roles() -> MenuItem:
    """What each role may do."""
    url = reverse("office_team:roles")
    return OfficeItem(_("Roles"), url, name="roles", icon="shield", order=20, permission="team.view")


@answers("register_team_menu_item")
def places() -> MenuItem:
    """Regions, branches and tills."""
    url = reverse("office_settings:places")
    return OfficeItem(_("Places"), url, name="places", icon="branch", order=30, permission="team.view")


@answers("construct_main_menu", order=1000)
def in_the_words_of_a_shop(request: HttpRequest, menu_items: list[Any]) -> None:
    """Keep what a shop needs, call pages the site, and add what modules of this business ask for."""
    kept = [item for item in menu_items if item.name in KEPT]
    for item in kept:
        if item.name == "explorer":
            item.label, item.icon_name, item.order = _("Site"), "globe", 500
    staff = staff_of(request.user)
    added = [
        OfficeItem(
            entry.label,
            entry.url,
            name=f"module-{number}",
            icon=entry.icon if entry.icon in ICONS else "module",
            order=600 + number,
            permission=entry.permission or ANYBODY,
        )
        for number, entry in enumerate(
            sorted(
                plugins.ask(questions.menu_items, door="backoffice", staff=staff, member=None),
                key=lambda entry: entry.order,
            )
        )
    ]
    menu_items[:] = [*kept, *(item for item in added if item.is_shown(request))]


@answers("insert_global_admin_css")
def styles() -> SafeString:
    """The brand's colour and our own type."""
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}?{}">',
        static("backoffice/office.css"),
        reverse("backoffice:brand_style"),
        f"v={organisation().brand_version}",
    )


@answers("insert_global_admin_js")
def scripts() -> SafeString:
    """What Wagtail writes into its pages as scripts, from a file of ours: the policy allows no others."""
    files = (static("backoffice/office.js"), static("backoffice/named.js"))
    return format_html_join("", '<script src="{}" defer></script>', ((file,) for file in files))


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


@answers("insert_global_admin_js")
def palette() -> SafeString:
    """The search over everything, on every page."""
    return render_to_string("backoffice/search/palette.html")
