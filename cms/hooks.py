"""What the pages answer when the house asks: the entries of the site's own menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

from regulars.hooks import Door, MenuItem, hookimpl

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from regulars.people.models import Member


@hookimpl
def menu_items(door: Door, staff: Staff | None, member: Member | None) -> list[MenuItem]:
    """The pages that their editor wants in the menu, in the reader's language."""
    if door != "site":
        return []
    from cms.models import ContentPage

    pages = ContentPage.objects.live().in_menu().filter(locale__language_code=get_language()).order_by("path")
    return [
        MenuItem(label=page.title, url=page.url, icon="chevron-right", order=100 + number)
        for number, page in enumerate(pages.select_related("locale").defer_streamfields()[:8])
        if page.url
    ]
