"""Addresses on a business's own host: back office, counter, portal, API, modules and the member-facing pages."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtail_admin_urls
from wagtail.documents import urls as wagtail_documents_urls

from regulars import plugins

urlpatterns = [
    path("office/", include("regulars.backoffice.urls")),
    path("office/reports/", include("regulars.insights.urls")),
    path("office/", include(wagtail_admin_urls)),
    path("documents/", include(wagtail_documents_urls)),
    path("account/", include("regulars.organisation.urls")),
    path("account/", include("allauth.urls")),
    path("language/", include("regulars.config.urls_language")),
    path("counter/help/", include("regulars.help.urls_counter")),
    path("counter/", include("regulars.counter.urls")),
    path("me/", include("regulars.portal.urls")),
    path("u/", include("regulars.outreach.urls")),
    path("api/v1/", include("regulars.api.urls")),
    path("modules/", include(plugins.urls())),
    path("", include("tenants.urls_business")),
    path("", include("cms.urls")),
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=True),
]

handler400 = "regulars.config.refusals.bad_request"
handler403 = "regulars.config.refusals.forbidden"
handler404 = "regulars.config.refusals.not_found"
handler500 = "regulars.config.refusals.server_error"
