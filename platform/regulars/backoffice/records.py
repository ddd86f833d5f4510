"""Lists of records that are read in the back office and changed only by their services: search, filters, export.

Addresses carry public ids. A download is written at once, inside the business, and no cell of it starts a formula.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import URLPattern, path, reverse
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views.generic import InspectView
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

FORMULA_STARTS = ("=", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Chinese in a CSV file as noise."""


def without_formula(value: Any) -> Any:
    """A cell that a spreadsheet will not take for a formula; figures and phone numbers stay as they are."""
    if not isinstance(value, str) or not value:
        return value
    is_signed_words = value[0] in "+-" and not value[1:].replace(" ", "").isdigit()
    return f"'{value}" if value.startswith(FORMULA_STARTS) or is_signed_words else value


class RecordIndexView(IndexView):  # type: ignore[misc]
    """A list whose rows lead to the record's own page."""

    @property
    def columns(self) -> list[BaseColumn]:
        """The columns named by the list, without boxes to tick: there is no act on many yet."""
        return [
            column if isinstance(column, BaseColumn) else self._get_title_column(column) for column in self.list_display
        ]

    def get_inspect_url(self, instance: Any) -> str:
        """The record's page, by public id."""
        return reverse(self.inspect_url_name, args=(instance.public_id,))

    def get_edit_url(self, instance: Any) -> None:
        """Nothing here is edited."""

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        """The row itself is the way to the record."""
        return []

    def to_row_dict(self, item: Any) -> OrderedDict[str, Any]:
        """One row of a download."""
        return OrderedDict((name, without_formula(value)) for name, value in super().to_row_dict(item).items())

    def write_csv_response(self, queryset: Any) -> HttpResponse:
        """The whole file at once: a stream would be read after this request has left the business."""
        lines = b"".join(self.stream_csv(queryset))
        response = HttpResponse(BYTE_ORDER_MARK.encode() + lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.get_filename()}.csv"'
        return response


class RecordInspectView(InspectView):  # type: ignore[misc]
    """The page of one record."""

    def get_object(self, queryset: Any = None) -> Any:
        """The record of this public id, 404 for none."""
        found = self.model.objects.filter(public_id=str(self.pk)[:40]).first()
        if found is None:
            raise Http404
        return found

    def get_fields(self) -> list[str]:
        """The page has its own template."""
        return []


class RecordViewSet(SnippetViewSet):  # type: ignore[misc]
    """A list, its downloads and the page of each record; no form adds, changes, copies or deletes one."""

    index_view_class = RecordIndexView
    inspect_view_class = RecordInspectView
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    add_to_admin_menu = True
    search_backend_name = None
    list_per_page = 50
    pk_path_converter = "slug"

    def get_urlpatterns(self) -> list[URLPattern]:
        """List, its results alone, and one record."""
        return [
            path("", self.index_view, name="list"),
            path("results/", self.index_results_view, name="list_results"),
            path("<slug:pk>/", self.inspect_view, name="inspect"),
        ]

    def register_chooser_viewset(self) -> None:
        """Records of people and money are chosen nowhere in pages."""
