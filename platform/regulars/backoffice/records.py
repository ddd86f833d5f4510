"""Lists of records that are read in the back office and changed only by their services.

A list says what its columns, filters and acts on many are; search, views that people keep, downloads and the choice of
columns come with it. Addresses carry public ids, and everything keeps to the scope of whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views.generic import InspectView
from wagtail.admin.viewsets import viewsets
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from regulars.backoffice import saved_views
from regulars.backoffice.bulk import BulkAct
from regulars.backoffice.columns import Asker, RecordColumn, RecordTable, RecordTitle, TickColumn
from regulars.backoffice.list_heads import PLAIN
from regulars.backoffice.models import SavedView
from regulars.backoffice.needs import admitted
from regulars.backoffice.sentences import Phrase, phrases_of
from regulars.backoffice.spreadsheets import FORMATS, spreadsheet
from regulars.operations import trail
from regulars.organisation import approvals
from regulars.organisation.models import Staff
from regulars.organisation.scope import Scope

AT_ONCE = 1000
"""Rows that are downloaded at once; more are a job."""
NOT_FILTERS = {"p", "view", "export", "_w_filter_fragment", "id", "all", "query"}
"""What an address of a list may carry beside search, filters and order."""


def without_nul(given: QueryDict) -> QueryDict:
    """What an address says, without the one character that the database refuses in any text."""
    if not any("\0" in value for _name, values in given.lists() for value in values):
        return given
    clean = given.copy()
    for name, values in given.lists():
        clean.setlist(name, [value.replace("\0", "") for value in values])
    return clean


def kept_query(given: QueryDict) -> str:
    """Search, filters and order of an address, without the page and what else it carries."""
    kept = without_nul(given).copy()
    for name in list(kept):
        if name in NOT_FILTERS or not any(kept.getlist(name)):
            del kept[name]
    return kept.urlencode()


class RecordIndexView(IndexView):  # type: ignore[misc]
    """A list whose rows lead to the record's own page."""

    permission = ""
    viewset: Any = None
    table_class = RecordTable
    staff: Staff
    scope: Scope
    asker: Asker

    def setup(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        """As Wagtail's; who asks is known from here on. Raises `PermissionDenied`."""
        given = getattr(request, "asker", None)
        if given is None:
            self.staff, self.scope = admitted(request, self.permission)
            self.asker = Asker.of(self.staff, self.scope)
        else:
            self.asker, self.scope = given, given.scope
        request.scope = self.scope  # type: ignore[attr-defined]
        request.GET = without_nul(request.GET)  # type: ignore[assignment]
        super().setup(request, *args, **options)

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The list, or its download; one that is long is asked about first."""
        if self.is_export:
            return self.download()
        response = super().get(request, *args, **options)
        assert isinstance(response, HttpResponse)
        return response

    def download(self) -> HttpResponse:
        """The rows of the list as it stands. Raises `PermissionDenied`."""
        if not self.asker.may(self.viewset.export_permission):
            raise PermissionDenied
        records, file_format = self.get_queryset(), self.request.GET["export"]
        count = records.count()
        if count > AT_ONCE or approvals.exceeds(
            self.staff, self.viewset.export_permission, count, branch=self.staff.branch
        ):
            query = self.request.GET.copy()
            query["format"] = file_format
            return HttpResponseRedirect(f"{self.viewset.url('export')}?{query.urlencode()}")
        columns = self.viewset.export_columns(self.shown_columns)
        rows = ([column.value(record, self.asker) for column in columns] for record in records)
        file = spreadsheet([str(column.label) for column in columns], rows, file_format=file_format)
        trail.seen(by=self.staff, subject=self.viewset.url_namespace, what="export", detail={"records": count})
        response = HttpResponse(file, content_type=FORMATS[file_format])
        response["Content-Disposition"] = f'attachment; filename="{self.viewset.export_filename}.{file_format}"'
        return response

    # What is shown --------------------------------------------------------------------------------------------------

    def get_base_queryset(self) -> QuerySet[Any]:
        """The records of the scope of whoever asks."""
        records: QuerySet[Any] = super().get_base_queryset()
        found: QuerySet[Any] = self.viewset.prepared(self.scope.limit(records, self.viewset.scope_field))
        columns = self.shown_columns if hasattr(self, "staff") else self.viewset.record_columns
        for prepare in (column.prepare for column in columns if column.prepare is not None):
            found = prepare(found)
        return found

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """What the search finds; the list says where it looks."""
        return self.viewset.search(queryset, self.search_query.strip(), self.asker) if self.is_searching else queryset

    @cached_property
    def view_of_mine(self) -> SavedView | None:
        """The saved view that the address names."""
        code = self.request.GET.get("view", "")
        return saved_views.find(self.staff, self.viewset.url_namespace, code) if code else None

    @cached_property
    def kept_of_mine(self) -> tuple[list[str], list[SavedView]]:
        """The columns that this person chose, and the views above the list."""
        return saved_views.kept_of(self.staff, self.viewset.url_namespace)

    @cached_property
    def shown_columns(self) -> list[RecordColumn]:
        """The columns that this person chose, or that the view was saved with."""
        if not hasattr(self, "staff"):
            standard: list[RecordColumn] = self.viewset.chosen_columns([])
            return standard
        kept = self.view_of_mine.columns if self.view_of_mine else []
        chosen: list[RecordColumn] = self.viewset.chosen_columns(kept or self.kept_of_mine[0])
        return chosen

    def get_valid_orderings(self) -> list[str]:
        """By every column that can be sorted by, shown or not."""
        keys = [column.sort_key for column in self.viewset.record_columns if column.sort_key]
        return [*keys, *(f"-{key}" for key in keys)]

    @cached_property
    def acts(self) -> list[BulkAct]:
        """What this person may do to many of these."""
        return [act for act in self.viewset.bulk_acts if self.asker.may(act.permission)]

    @cached_property
    def columns(self) -> list[BaseColumn]:
        """A box to tick, the name that leads to the record, and the columns chosen."""
        first, *others = self.shown_columns
        title = self._get_title_column("__str__", label=first.label, sort_key=first.sort_key or None)
        title.accessor = lambda record: (first.shown or first.value)(record, self.asker)
        drawn = [column.as_table_column(self.asker, is_late=place >= 2) for place, column in enumerate(others)]
        return [*([TickColumn("tick", label=_("Choose"))] if self.acts else []), title, *drawn]

    def _get_title_column(self, field_name: str, *args: Any, **options: Any) -> BaseColumn:
        return RecordTitle("title", get_url=self.get_inspect_url, **options)

    def get_inspect_url(self, instance: Any) -> str:
        """The record's page, by public id: below the list, where every viewset has it."""
        return f"{self.index_url}{instance.public_id}/"

    @cached_property
    def show_export_buttons(self) -> bool:
        """Whether this person may download the list."""
        return self.asker.may(self.viewset.export_permission)

    @cached_property
    def phrases(self) -> list[Phrase]:
        """The search and the filters that are on, each as a part of one sentence with a way to drop it."""
        return phrases_of(self)

    def get_paginator(self, queryset: QuerySet[Any], per_page: int, **options: Any) -> Any:
        """Pages of the list; how many there are in all is not counted where facts are kept of it."""
        pages = super().get_paginator(queryset, per_page, **options)
        kept = self.viewset.count_of_all(self.scope) if PLAIN.issuperset(self.request.GET) else None
        if kept is not None:
            pages.count = kept
        return pages

    def get_context_data(self, *args: Any, **context: Any) -> dict[str, Any]:
        """Adds views, sentence, count, columns and acts."""
        found: dict[str, Any] = super().get_context_data(*args, **context)
        if self.is_searching:
            detail = {"found": found["items_count"]}
            trail.seen(by=self.staff, subject=self.viewset.url_namespace, what="search", detail=detail)
        query = kept_query(self.request.GET)
        shown = {column.name for column in self.shown_columns}
        viewset = self.viewset
        found |= {
            "viewset": viewset,
            "query": query,
            "list_url": self.index_url,
            "views": self.kept_of_mine[1],
            "view_of_mine": self.view_of_mine,
            "phrases": self.phrases,
            "counted": viewset.count_words(found["items_count"]),
            "choices": [(column, column.name in shown) for column in viewset.record_columns[1:]],
            "acts": self.acts,
            "all_words": viewset.all_words(found["items_count"]),
            "is_choosing": bool(self.phrases),
            "columns_url": viewset.url("columns"),
            "save_url": viewset.url("views"),
        }
        return found


class RecordInspectView(InspectView):  # type: ignore[misc]
    """The page of one record."""

    permission = ""
    scope_field = ""
    staff: Staff
    scope: Scope
    asker: Asker

    def setup(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        """As Wagtail's. Raises `PermissionDenied`, and `Http404` beyond the scope of whoever asks."""
        self.staff, self.scope = admitted(request, self.permission)
        self.asker = Asker.of(self.staff, self.scope)
        super().setup(request, *args, **options)

    def get_object(self, queryset: Any = None) -> Any:
        """The record of this public id, 404 for none in the scope."""
        records = self.scope.limit(self.model.objects.all(), self.scope_field)
        found = records.filter(public_id=str(self.pk)[:40]).first()
        if found is None:
            raise Http404
        return found

    def get_fields(self) -> list[str]:
        """The page has its own template."""
        return []


class RecordViewSet(SnippetViewSet):  # type: ignore[misc]
    """A list, its downloads and the page of each record; no form adds, changes, copies or deletes one.

    `permission` opens list and records, `export_permission` the downloads; `scope_field` leads to the branch.
    """

    index_view_class = RecordIndexView
    inspect_view_class = RecordInspectView
    breadcrumbs_items = [{"url": reverse_lazy("wagtailadmin_home"), "label": gettext_lazy("Home")}]
    index_template_name = "backoffice/records/index.html"
    index_results_template_name = "backoffice/records/results.html"
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    add_to_admin_menu = True
    search_backend_name = None
    search_fields = ("public_id",)
    list_per_page = 50
    pk_path_converter = "slug"
    permission = ""
    export_permission = ""
    scope_field = "branch"
    record_columns: tuple[RecordColumn, ...] = ()
    bulk_acts: tuple[BulkAct, ...] = ()
    export_filename = "records"
    empty_title: str | Promise = ""
    empty_words: str | Promise = ""
    empty_url: str | Promise = ""
    empty_label: str | Promise = ""
    sentence_start: str | Promise = ""

    # What a list says ------------------------------------------------------------------------------------------------

    def prepared(self, records: QuerySet[Any]) -> QuerySet[Any]:
        """The records with what the columns need, in one question however many they are."""
        return records

    def search(self, records: QuerySet[Any], typed: str, asker: Asker) -> QuerySet[Any]:
        """What somebody finds by a few characters."""
        raise NotImplementedError

    def count_of_all(self, scope: Scope) -> int | None:
        """How many records there are within a scope, where facts say so; None where they are to be counted."""
        return None

    def count_words(self, count: int) -> str:
        """`128 members`, with the measure word of the language."""
        raise NotImplementedError

    def all_words(self, count: int) -> str:
        """`All 128 that match`."""
        return _("All that match: %(count)s") % {"count": self.count_words(count)}

    def chosen_words(self) -> str:
        """The words beside the count of ticked boxes, `%s` for the count."""
        return _("%s chosen")

    # What comes with it ----------------------------------------------------------------------------------------------

    def url(self, name: str, *args: str) -> str:
        """An address below this list."""
        return reverse(self.get_url_name(name), args=args)

    def chosen_columns(self, names: Iterable[str]) -> list[RecordColumn]:
        """The first column and those named, in the order of the list; the standard ones for no names."""
        wanted = set(names)
        first, *others = self.record_columns
        return [first, *(column for column in others if (column.name in wanted if wanted else column.is_standard))]

    def export_columns(self, shown: Iterable[RecordColumn]) -> list[RecordColumn]:
        """The columns of a download: the public id, then what the list shows."""
        return [RecordColumn(name="public_id", label=_("Public id"), value=lambda one, _asker: one.public_id), *shown]

    def matching(self, query: str, asker: Asker) -> QuerySet[Any]:
        """The records that a list with this search, these filters and this order holds for somebody."""
        request = HttpRequest()
        request.method, request.GET = "GET", QueryDict(query)
        request.path = "/"
        request.asker = asker  # type: ignore[attr-defined]
        view = self.index_view_class(**self._kwargs_of(self.index_view_class, self.get_index_view_kwargs()))
        view.setup(request)
        found: QuerySet[Any] = view.get_queryset()
        return found

    def _kwargs_of(self, view: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in {**self.get_common_view_kwargs(), **kwargs}.items()
            if hasattr(view, name) or name == "viewset"
        }

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """The list knows its viewset."""
        found: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        return {**found, "permission": self.permission, "viewset": self}

    def get_inspect_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """The page keeps to the same permission and scope."""
        found: dict[str, Any] = super().get_inspect_view_kwargs(**kwargs)
        return {**found, "permission": self.permission, "scope_field": self.scope_field}

    def get_urlpatterns(self) -> list[URLPattern]:
        """List, its results alone, what is done with it, and one record."""
        from regulars.backoffice.views import lists

        def at(view: Any, permission: str) -> Any:
            return view.as_view(viewset=self, permission=permission)

        return [
            path("", self.index_view, name="list"),
            path("results/", self.index_results_view, name="list_results"),
            path("columns/", at(lists.ChooseColumns, self.permission), name="columns"),
            path("views/", at(lists.SaveView, self.permission), name="views"),
            path("views/<slug:code>/<slug:act>/", at(lists.ChangeView, self.permission), name="view"),
            path("export/", at(lists.ExportPage, self.export_permission), name="export"),
            *(
                path(
                    f"many-{act.code}/",
                    lists.ManyPage.as_view(viewset=self, act=act, permission=act.permission),
                    name=f"many_{act.code}",
                )
                for act in self.bulk_acts
            ),
            *self.more_urlpatterns(),
            path("<slug:pk>/", self.inspect_view, name="inspect"),
        ]

    @property
    def view_url_name(self) -> str:
        """The name of the address of one saved view."""
        return str(self.get_url_name("view"))

    def more_urlpatterns(self) -> list[URLPattern]:
        """Further addresses below the list."""
        return []

    def register_chooser_viewset(self) -> None:
        """Records of people and money are chosen nowhere in pages."""


def list_called(name: str) -> RecordViewSet:
    """The list of this namespace. Raises `KeyError` for none, as a worker does that never drew a page."""
    if not viewsets.viewsets:
        from django.urls import get_resolver

        get_resolver("wagtail.admin.urls").url_patterns  # noqa: B018 - whoever asks for the addresses makes the lists
    for viewset in viewsets.viewsets:
        if isinstance(viewset, RecordViewSet) and viewset.url_namespace == name:
            return viewset
    raise KeyError(name)
