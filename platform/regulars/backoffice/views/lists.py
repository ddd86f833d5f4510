"""What is done with a list: choosing columns, keeping views, downloading many rows, acting on many records."""

from __future__ import annotations

import functools
import re
import secrets
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages

from regulars.backoffice import saved_views
from regulars.backoffice.bulk import ActForm, BulkAct
from regulars.backoffice.columns import Asker
from regulars.backoffice.needs import admitted
from regulars.backoffice.records import RecordViewSet, kept_query
from regulars.backoffice.views.acts import OfficePage
from regulars.errors import NotFound, RegularsError
from regulars.operations import jobs
from regulars.operations.approvals import export_or_ask
from regulars.organisation import approvals
from regulars.organisation.models import Branch, Staff
from regulars.organisation.scope import Scope

MOST_TICKED = 500
CODE = re.compile(r"[a-z]+_[0-9a-z]{1,30}")
"""What a public id looks like."""


class ListAct(View):
    """A small act on a list, sent by a form on it; it leads back to the list."""

    viewset: RecordViewSet | None = None
    permission = ""
    http_method_names = ["post"]
    staff: Staff
    scope: Scope

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Raises `PermissionDenied`."""
        self.staff, self.scope = admitted(request, self.permission)
        return super().dispatch(request, *args, **options)

    @property
    def of(self) -> RecordViewSet:
        """The list this is about."""
        assert self.viewset is not None
        return self.viewset

    def back(self, query: str = "") -> HttpResponse:
        """To the list, as it stood."""
        kept = kept_query(QueryDict(query or self.request.POST.get("query", "")[:2000]))
        return HttpResponseRedirect(self.of.url("list") + (f"?{kept}" if kept else ""))


class ChooseColumns(ListAct):
    """Keep the columns that somebody wants to see."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """The names of the columns come as `column`; none chosen means the standard ones."""
        known = {column.name for column in self.of.record_columns[1:]}
        chosen = [name for name in request.POST.getlist("column") if name in known]
        saved_views.choose_columns(staff=self.staff, of_list=self.of.url_namespace, columns=chosen)
        return self.back()


class SaveView(ListAct):
    """Keep the list as it stands under a name."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Leads to the view; a refusal is said and nothing is kept."""
        query = kept_query(QueryDict(request.POST.get("query", "")[:4000]))
        columns = self.of.chosen_columns(saved_views.columns_of(self.staff, self.of.url_namespace))
        try:
            kept = saved_views.save_view(
                staff=self.staff,
                of_list=self.of.url_namespace,
                name=request.POST.get("name", ""),
                query=query,
                columns=[column.name for column in columns[1:]],
                is_shared=request.POST.get("is_shared") == "on",
            )
        except RegularsError as refusal:
            messages.error(request, str(refusal))
            return self.back()
        messages.success(request, _("The view “%(name)s” is kept above the list.") % {"name": kept.name})
        return HttpResponseRedirect(f"{self.of.url('list')}?{kept.query}&view={kept.public_id}")


class ChangeView(ListAct):
    """Throw a view of one's own away, or have it back."""

    def post(self, request: HttpRequest, code: str, act: str) -> HttpResponse:
        """`act` is `delete` or `restore`. Raises `Http404` for anything else and for the views of others."""
        acts = {"delete": saved_views.throw_away, "restore": saved_views.have_back}
        if act not in acts:
            raise Http404
        try:
            view = acts[act](staff=self.staff, of_list=self.of.url_namespace, public_id=code)
        except NotFound:
            raise Http404 from None
        except RegularsError:
            messages.error(request, _("Another view has this name now. Delete or rename that one first."))
            return self.back()
        if act == "delete":
            words = _("The view “%(name)s” is deleted.") % {"name": view.name}
            undo = format_html(
                ' <button type="submit" form="office-undo" formaction="{}" class="button button-small">{}</button>',
                self.of.url("view", code, "restore"),
                _("Undo"),
            )
            messages.success(request, format_html("{}{}", words, undo))
            return HttpResponseRedirect(self.of.url("list"))
        return HttpResponseRedirect(f"{self.of.url('list')}?{view.query}&view={view.public_id}")


class ListPage(OfficePage):
    """A page that belongs to a list."""

    viewset: RecordViewSet | None = None

    @property
    def of(self) -> RecordViewSet:
        """The list this is about."""
        assert self.viewset is not None
        return self.viewset

    @functools.cached_property
    def asker(self) -> Asker:
        """For whom the list is made."""
        return Asker.of(self.staff, self.scope)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The list comes before its pages."""
        *above, here = super().get_breadcrumbs_items()
        return [*above, {"url": self.of.url("list"), "label": self.of.menu_label}, here]

    @property
    def header_icon(self) -> str:  # type: ignore[override]
        """The list's own."""
        return str(self.of.icon)


class ExportPage(ListPage):
    """A long list is written by the workers: how many rows, and whether that is meant."""

    template_name = "backoffice/records/export.html"

    def get_page_title(self) -> str:
        """What this is about."""
        return _("Download the list")

    @functools.cached_property
    def asked(self) -> QueryDict:
        """The list as it stood."""
        return self.request.GET if self.request.method == "GET" else self.request.POST

    @property
    def params(self) -> dict[str, Any]:
        """What the job is given."""
        columns = saved_views.columns_of(self.staff, self.of.url_namespace)
        if view := saved_views.find(self.staff, self.of.url_namespace, self.asked.get("view", "")):
            columns = view.columns
        return {
            "list": self.of.url_namespace,
            "query": kept_query(_without(self.asked, "format", "csrfmiddlewaretoken")),
            "columns": columns,
            "format": "csv" if self.asked.get("format") == "csv" else "xlsx",
            "held": sorted(self.asker.held),
        }

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """How many rows there are."""
        params = self.params
        count = self.of.matching(params["query"], self.asker).count()
        found: dict[str, Any] = super().get_context_data(
            counted=self.of.count_words(count),
            count=count,
            file_format=params["format"].upper(),
            is_beyond=approvals.exceeds(self.staff, self.of.export_permission, count, branch=self.staff.branch),
            key=secrets.token_hex(16),
            asked=[
                (name, value)
                for name, values in self.asked.lists()
                for value in values
                if name not in {"export", "csrfmiddlewaretoken", "reason", "key"}
            ],
            back=f"{self.of.url('list')}?{params['query']}",
            **context,
        )
        return found

    def post(self, request: HttpRequest) -> HttpResponse:
        """Leave it to the workers and lead to the job, or ask somebody where it goes beyond a limit."""
        params = self.params
        try:
            done = export_or_ask(
                act=self.of.export_permission,
                kind="records.export",
                params=params,
                rows=self.of.matching(params["query"], self.asker).count(),
                by=self.staff,
                reason=request.POST.get("reason", "") or _("Download: %(list)s") % {"list": self.of.menu_label},
                key=_key_of(request),
            )
        except RegularsError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.of.url("list"))
        if isinstance(done, approvals.Done):
            return HttpResponseRedirect(job_url(done.result.public_id))
        messages.success(
            request, _("This goes beyond your limit. Somebody who may decide was asked; you hear from them.")
        )
        return HttpResponseRedirect(self.of.url("list"))


class ManyPage(ListPage):
    """An act on many records: how many, what it will do to the first ten, and only then the doing."""

    template_name = "backoffice/records/many.html"
    act: BulkAct | None = None

    @property
    def doing(self) -> BulkAct:
        """The act this page is for."""
        assert self.act is not None
        return self.act

    def get_page_title(self) -> str:
        """What is done."""
        return str(self.doing.label)

    @functools.cached_property
    def selection(self) -> dict[str, Any]:
        """The records chosen: those ticked, or all that a list holds; never more than whoever asks may see."""
        asked = self.request.GET if self.request.method == "GET" else self.request.POST
        chosen: dict[str, Any] = {"list": self.of.url_namespace, "held": sorted(self.asker.held)}
        if asked.get("all"):
            return chosen | {"query": kept_query(QueryDict(asked.get("query", "")[:4000]))}
        return chosen | {"ids": [code for code in asked.getlist("id") if CODE.fullmatch(code)][:MOST_TICKED]}

    def job_params(self, form: Form) -> dict[str, Any]:
        """What the job is given."""
        assert isinstance(form, ActForm)
        return {**form.params(), "selection": self.selection}

    def bound_form(self) -> Form:
        """The form of the act, filled in when it was sent."""
        is_sent = self.request.method == "POST"
        return self.doing.form(self.request.POST if is_sent else None, asker=self.asker)

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """How many, and the form."""
        return self.render_to_response(self.get_context_data(form=self.bound_form()))

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """First the preview; with `confirm` it is done."""
        form = self.bound_form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            if request.POST.get("confirm"):
                return self.begin(form)
            preview = jobs.kind_of(self.doing.kind).preview(self.job_params(form), self.scope)
        except RegularsError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return self.render_to_response(self.get_context_data(form=form, preview=preview, is_preview=True))

    def begin(self, form: Form) -> HttpResponse:
        """Start the job, or ask somebody else where it goes beyond a limit."""
        params, key = self.job_params(form), _key_of(self.request)
        if not self.doing.approval:
            return HttpResponseRedirect(job_url(self._start(params, key)))
        count = self.count()
        assert isinstance(form, ActForm)
        branch = self.staff.branch or Branch.objects.filter(pk__in=self.scope.branch_ids).order_by("pk").first()
        done = approvals.do_or_ask(
            act=self.doing.approval,
            by=self.staff,
            amount=form.amount(count) or count,
            weighed=form.weighed(self.staff, branch),
            payload={"kind": self.doing.kind, "params": params, "count": count},
            reason=form.cleaned_data.get("reason", ""),
            branch=branch,
            key=key,
        )
        if isinstance(done, approvals.Done):
            return HttpResponseRedirect(job_url(done.result.public_id))
        messages.success(
            self.request, _("This goes beyond your limit. Somebody who may decide was asked; you hear from them.")
        )
        return HttpResponseRedirect(self.of.url("list"))

    def _start(self, params: dict[str, Any], key: str) -> str:
        return str(jobs.start(kind=self.doing.kind, by=self.staff, params=params, key=key).public_id)

    def count(self) -> int:
        """How many records are chosen."""
        return jobs.kind_of(self.doing.kind).count({"selection": self.selection}, self.scope)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """How many are chosen, and what carries the choice on."""
        count = self.count()
        carried = [("id", code) for code in self.selection.get("ids", [])]
        if "query" in self.selection:
            carried = [("all", "1"), ("query", self.selection["query"])]
        found: dict[str, Any] = super().get_context_data(
            act=self.doing,
            count=count,
            counted=self.of.count_words(count),
            carried=carried,
            key=_key_of(self.request) or secrets.token_hex(16),
            back=f"{self.of.url('list')}?{self.selection.get('query', '')}",
            language=get_language(),
            **context,
        )
        return found


def _key_of(request: HttpRequest) -> str:
    """What makes a second click do nothing twice; empty for what none of our pages sent."""
    key = request.POST.get("key", "")
    return key if re.fullmatch(r"[\w-]{8,80}", key) else ""


def _without(given: QueryDict, *names: str) -> QueryDict:
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    return kept


def job_url(public_id: str) -> str:
    """The page of a job."""
    from django.urls import reverse

    return reverse("office_jobs:job", args=(public_id,))
