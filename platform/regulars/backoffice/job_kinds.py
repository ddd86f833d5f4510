"""A list as a file, written by the workers where it is long."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.columns import Asker, RecordColumn
from regulars.backoffice.records import RecordViewSet, list_called
from regulars.backoffice.spreadsheets import as_json, from_json, spreadsheet
from regulars.operations.jobs import JobKind, Ran, job_kind
from regulars.operations.models import Job, JobChunk
from regulars.organisation.scope import Scope


@job_kind("records.export", label=gettext_lazy("Download a list"), permission="members.export")
class Export(JobKind):
    """Writes what a list holds at the start, row by row, in its order: exactly its columns, behind the public id."""

    size = 1000

    def permission_of(self, params: dict[str, Any]) -> str:
        """The list says which permission its downloads need."""
        return str(self._list(params).export_permission)

    def items(self, params: dict[str, Any], scope: Scope) -> list[int]:
        """The records in the order of the list."""
        found = self._list(params).matching(params["query"], self._asker(params, scope))
        return list(found.values_list("pk", flat=True))

    def run_chunk(self, job: Job, items: list[int]) -> Ran:
        """The rows of one piece; a record that left the scope since is left out."""
        scope = Scope(None if job.scope is None else frozenset(job.scope))
        viewset, asker = self._list(job.params), self._asker(job.params, scope)
        records = viewset.prepared(scope.limit(viewset.model.objects.filter(pk__in=items), viewset.scope_field))
        by_id = {record.pk: record for record in records}
        columns = self._columns(job)
        rows = [[as_json(column.value(by_id[pk], asker)) for column in columns] for pk in items if pk in by_id]
        return Ran(done=len(rows), failed=len(items) - len(rows), kept=rows)

    def finish(self, job: Job) -> None:
        """The file, from the rows of all pieces."""
        pieces = JobChunk.objects.filter(job=job).order_by("number")
        rows = ([from_json(cell) for cell in row] for piece in pieces.iterator(chunk_size=5) for row in piece.kept)
        headings = [str(column.label) for column in self._columns(job)]
        job.result = spreadsheet(headings, rows, file_format=job.params["format"])
        job.result_name = f"{self._list(job.params).export_filename}.{job.params['format']}"
        pieces.update(kept=[])

    def title(self, params: dict[str, Any]) -> str:
        """With the name of the list."""
        return _("Download: %(list)s") % {"list": self._list(params).menu_label}

    def _list(self, params: dict[str, Any]) -> RecordViewSet:
        return list_called(params["list"])

    def _asker(self, params: dict[str, Any], scope: Scope) -> Asker:
        return Asker(frozenset(params["held"]), scope)

    def _columns(self, job: Job) -> list[RecordColumn]:
        viewset = self._list(job.params)
        return viewset.export_columns(viewset.chosen_columns(job.params["columns"]))
