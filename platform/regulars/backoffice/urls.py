"""Addresses of the back office that come before Wagtail's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path
from wagtail.admin.auth import require_admin_access

from regulars.backoffice.views import brand, conditions, door, modules, search, set_aside, site, today


def _inside(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page that keeps saying which permission it needs, behind Wagtail's own check."""
    return update_wrapper(require_admin_access(view), view)


app_name = "backoffice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", door.front_door, name="today"),
    path("login/", door.sign_in, name="sign_in"),
    re_path(r"^password_reset/.*$", door.not_here, name="password_reset"),
    path("brand.css", brand.brand_style, name="brand_style"),
    path("today/live/", today.live_figures, name="live"),
    path("failed-work/", _inside(set_aside.SetAside.as_view()), name="set_aside"),
    path("conditions/members/", _inside(conditions.FindMembers.as_view()), name="find_members"),
    path("conditions/count/", _inside(conditions.count), name="condition_count"),
    path("search/", _inside(search.SearchPage.as_view()), name="search"),
    path("site/", _inside(site.SiteLook.as_view()), name="site"),
    path("modules/", _inside(modules.Shelf.as_view()), name="modules"),
    path("modules/<slug:name>/", _inside(modules.ModulePage.as_view()), name="module"),
    path("modules/<slug:name>/on/", _inside(modules.SwitchPage.as_view(to="on")), name="module_on"),
    path("modules/<slug:name>/closing/", _inside(modules.SwitchPage.as_view(to="closing")), name="module_closing"),
    path("modules/<slug:name>/off/", _inside(modules.SwitchPage.as_view(to="off")), name="module_off"),
]
