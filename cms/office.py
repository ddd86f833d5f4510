"""Making a page's version in the other language: a draft with the same content, to be translated by hand."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.models import Locale, Page

from regulars.backoffice.views.acts import OfficePage


class OtherLanguage(OfficePage):
    """Offers the version that is missing and makes it."""

    template_name = "cms/other_language.html"
    page_title = gettext_lazy("Version in the other language")
    header_icon = "globe"
    permission = "site.change"

    @cached_property
    def original(self) -> Any:
        """The page whose version is missing. Raises `PermissionDenied` for who may not edit it."""
        page = get_object_or_404(Page, pk=self.kwargs["number"], depth__gte=2).specific
        if not page.permissions_for_user(self.request.user).can_edit():
            raise PermissionDenied
        return page

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The page and the language it is missing in."""
        found: dict[str, Any] = super().get_context_data(original=self.original, locale=self._missing(), **context)
        return found

    def post(self, request: HttpRequest, number: int) -> HttpResponse:
        """Make it, or go to the one there is."""
        twin = self.original.get_translations().first()
        locale = self._missing()
        if twin is None and locale is not None:
            twin = self.original.copy_for_translation(locale, copy_parents=True)
            words = _("The page is there in %(language)s. Translate its words, then publish it.")
            messages.success(request, words % {"language": locale.get_display_name()})
        return HttpResponseRedirect(reverse("wagtailadmin_pages:edit", args=((twin or self.original).pk,)))

    def _missing(self) -> Locale | None:
        found: Locale | None = Locale.objects.exclude(pk=self.original.locale_id).first()
        return found
