"""What the editor of pages needs for two trees: the way from a page to its version in the other language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import Button
from wagtail.models import Locale

from cms.office import OtherLanguage
from regulars.backoffice.answers import answers


@answers("register_admin_urls")
def addresses() -> list[Any]:
    """The page that offers to make the version that is not there yet."""
    return [path("pages/<int:number>/other-language/", OtherLanguage.as_view(), name="cms_other_language")]


@answers("register_page_header_buttons")
def other_language(page: Any, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """To the page's version in the other language, or to making it."""
    if page.depth < 2 or not page.permissions_for_user(user).can_edit():
        return
    twin = page.get_translations().first()
    if twin:
        url = reverse("wagtailadmin_pages:edit", args=(twin.pk,))
    elif Locale.objects.exclude(pk=page.locale_id).exists():
        url = reverse("cms_other_language", args=(page.pk,))
    else:
        return
    yield Button(_("Version in the other language"), url, icon_name="globe", priority=15)
