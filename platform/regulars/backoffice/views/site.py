"""A look at one's own site before customers see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.models import Page, Site

from regulars import hooks, plugins
from regulars.backoffice.views.acts import OfficePage, actor_of
from regulars.organisation import services


class SiteLook(OfficePage):
    """The site in both languages at the width of a phone; looking it over is a step of setting up."""

    template_name = "backoffice/site.html"
    page_title = _("Your site")
    header_icon = "globe"
    permission = "site.change"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The home page of each language."""
        site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
        homes: list[Page] = []
        if site:
            homes = [site.root_page, *site.root_page.get_translations().live().select_related("locale")]
        found: dict[str, Any] = super().get_context_data(
            homes=homes, address=plugins.first(hooks.site_address, path="/") or "/", **context
        )
        return found

    def post(self, request: HttpRequest) -> HttpResponse:
        """The owner has looked it over."""
        services.change(by=actor_of(request), is_published=True)
        messages.success(request, _("Good. Your site is ready for customers; you can change it at any time."))
        return HttpResponseRedirect("/office/")
