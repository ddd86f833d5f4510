"""The trail in the back office: a list to search and to download, and how far it is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.backoffice.needs import needs
from regulars.backoffice.spreadsheets import FORMATS, Format, spreadsheet
from regulars.backoffice.views.acts import OfficePage
from regulars.operations.models import TrailEntry
from regulars.operations.sealing import sealer
from regulars.operations.sealing.chains import TRAIL
from regulars.operations.trail import seen
from regulars.operations.trail.reading import Change, Line, lines_for
from regulars.operations.trail.searching import TrailFilters
from regulars.organisation.models import Staff

AT_ONCE = 50
MOST_ROWS = 10_000
"""A download holds so many entries, the newest."""
CHUNK = 1000
COUNTED = 1000


class Trail(OfficePage):
    """Who did what, the newest first."""

    template_name = "operations/trail.html"
    page_title = gettext_lazy("Trail")
    header_icon = "history"
    permission = "trail.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """A page of entries in words, and how far they are sealed."""
        form = TrailFilters(self.request.GET, scope=self.scope)
        found = _page(form.entries(staff=self.staff, scope=self.scope), self.request.GET.get("before", ""))
        entries = list(found[: AT_ONCE + 1])
        lines = lines_for(entries[:AT_ONCE], reader=self.staff)
        asked = self.request.GET.copy()
        asked.pop("before", None)
        older = asked.copy()
        older["before"] = str(lines[-1].id) if lines else ""
        newest = sealer.newest(TRAIL)
        values: dict[str, Any] = super().get_context_data(
            form=form,
            lines=lines,
            older=f"?{older.urlencode()}" if len(entries) > AT_ONCE else "",
            asked=asked.urlencode(),
            is_filtered=any(asked.values()),
            has_filters=any(value for name, value in asked.items() if name != "q"),
            is_later_page=bool(self.request.GET.get("before")),
            newest=newest,
            unsealed=sealer.waiting(TRAIL)[:COUNTED].count(),
            most_rows=MOST_ROWS,
            **context,
        )
        return values


@needs("trail.export")
def download(request: HttpRequest) -> HttpResponse:
    """The entries that match as a file, which is itself noted in the trail."""
    staff, scope = request.staff, request.scope  # type: ignore[attr-defined]
    wanted = request.GET.get("format", "")
    file_format = cast(Format, wanted if wanted in FORMATS else "xlsx")
    form = TrailFilters(request.GET, scope=scope)
    with transaction.atomic():
        rows = list(_rows(form.entries(staff=staff, scope=scope), staff))
        asked = request.GET.copy()
        for name in ("q", "format", "before"):
            asked.pop(name, None)
        seen(
            by=staff, subject="trail", what="export", detail={"records": len(rows), "filters": asked.urlencode()[:200]}
        )
    headings = [_("When"), _("Who"), _("What"), _("Record"), _("Branch"), _("Through"), _("Till"), _("Address")]
    body = spreadsheet([*headings, _("Changes"), _("Details"), _("Sealed")], rows, file_format=file_format)
    response = HttpResponse(body, content_type=FORMATS[file_format])
    response["Content-Disposition"] = f'attachment; filename="trail-{clock.today().isoformat()}.{file_format}"'
    return response


def _page(entries: QuerySet[TrailEntry], before: str) -> QuerySet[TrailEntry]:
    is_key = before.isascii() and before.isdigit() and len(before) < 19
    return entries.filter(pk__lt=int(before)) if is_key else entries


def _rows(entries: QuerySet[TrailEntry], staff: Staff) -> Iterator[list[str]]:
    """The cells of a download, a part at a time."""
    begin = ""
    for _part in range(MOST_ROWS // CHUNK):
        lines = lines_for(_page(entries, begin)[:CHUNK], reader=staff)
        yield from (_cells(line) for line in lines)
        if len(lines) < CHUNK:
            return
        begin = str(lines[-1].id)


def _cells(line: Line) -> list[str]:
    when = date_format(localtime(line.occurred_at), "Y-m-d H:i:s")
    return [
        when,
        line.who,
        line.sentence,
        line.record,
        line.branch,
        line.door,
        line.terminal,
        line.address,
        "; ".join(_changed(change) for change in line.changes),
        "; ".join(f"{note.label}: {note.after}" for note in line.notes),
        _("yes") if line.is_sealed else _("no"),
    ]


def _changed(change: Change) -> str:
    return f"{change.label}: {change.before} → {change.after}"
