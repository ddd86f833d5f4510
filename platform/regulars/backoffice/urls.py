"""Addresses of the back office that come before Wagtail's own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from wagtail.admin.auth import require_admin_access

from regulars.backoffice.views import brand, door, site

app_name = "backoffice"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", door.front_door, name="today"),
    path("login/", door.sign_in, name="sign_in"),
    re_path(r"^password_reset/.*$", door.not_here, name="password_reset"),
    path("brand.css", brand.brand_style, name="brand_style"),
    path("site/", require_admin_access(site.SiteLook.as_view()), name="site"),
]
