"""The filters that are on, as parts of one sentence: "Members of the tier Gold who have not bought for 60 days"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """A part of the sentence; `url` is the list without it, `field` the filter it speaks of."""

    words: str
    url: str
    field: str
    plain_url: str = ""


def phrases_of(view: Any) -> list[Phrase]:
    """What the search and the filters of a list say. A filter set says its phrases in `phrase_of(name, value)`."""
    found = []
    if view.is_searching:
        words = _("found by “%(typed)s”") % {"typed": view.search_query}
        whole = _without(view, ["q"]).replace(view.index_results_url, view.index_url)
        found = [Phrase(words=words, url="", field="", plain_url=whole)]
    filters = view.filters
    if not filters or not filters.is_valid():
        return found
    for name in filters.form.changed_data:
        value = filters.form.cleaned_data.get(name)
        if value in (None, "", []):
            continue
        widget = filters.form.fields[name].widget
        names = [widget.suffixed(name, suffix) for suffix in getattr(widget, "suffixes", ())] or [name]
        words = filters.phrase_of(name, value)
        found.append(Phrase(words=words, url=_without(view, names), field=filters.form[name].auto_id))
    return found


def _without(view: Any, names: list[str]) -> str:
    """The results of the list without these, the filters above it drawn again."""
    query = view.request.GET.copy()
    for name in [*names, "p", "view", "_w_filter_fragment"]:
        query.pop(name, None)
    query["_w_filter_fragment"] = "1"
    return f"{view.index_results_url}?{query.urlencode()}"
