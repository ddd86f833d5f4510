"""The search over everything: a page of its own, and the part of it that the palette shows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from regulars.backoffice.columns import Asker
from regulars.backoffice.needs import ANYBODY
from regulars.backoffice.search import find
from regulars.backoffice.views.acts import OfficePage


class SearchPage(OfficePage):
    """What is found by the words in `q`, by kind. With `part` only the hits, for the palette."""

    permission = ANYBODY
    template_name = "backoffice/search/page.html"
    page_title = gettext_lazy("Search")
    header_icon = "search"

    def get_template_names(self) -> list[str]:
        """The page, or its hits alone."""
        return ["backoffice/search/hits.html" if "part" in self.request.GET else self.template_name]

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The hits."""
        typed = self.request.GET.get("q", "")[:100]
        found: dict[str, Any] = super().get_context_data(
            typed=typed, groups=find(typed, Asker.of(self.staff, self.scope)), **context
        )
        return found
