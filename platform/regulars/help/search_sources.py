"""Pages of help, found by the words in them."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.columns import Asker
from regulars.backoffice.search import MOST, Hit, searchable
from regulars.help import library


@searchable("help", label=_("Help"), order=70)
def help_pages(typed: str, asker: Asker) -> Iterator[Hit]:
    """In the language of whoever reads."""
    for found in library.search(typed, library.spoken())[:MOST]:
        page = found.page
        url = reverse("office_help:page", args=(page.code,))
        yield Hit(label=page.title, detail=page.summary, url=url, icon="help")
