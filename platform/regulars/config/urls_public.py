"""Addresses on the base domain: the public site, sign-up and the operator's console."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("operator/", admin.site.urls),
    path("language/", include("regulars.config.urls_language")),
    path("", include("tenants.urls")),
    *i18n_patterns(path("", include("tenants.urls_site")), prefix_default_language=True),
]

handler400 = "regulars.config.refusals.bad_request"
handler403 = "regulars.config.refusals.forbidden"
handler404 = "regulars.config.refusals.not_found"
handler500 = "regulars.config.refusals.server_error"
