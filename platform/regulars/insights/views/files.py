"""Charts and reports as files, for those who may take them away; each download is noted in the trail."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from regulars import clock
from regulars.backoffice.needs import needs
from regulars.backoffice.views.today import looked_at
from regulars.insights import points, sheets
from regulars.insights.charts import FILES, Sheet
from regulars.insights.forms import DaysForm, SalesReportForm
from regulars.operations import trail
from regulars.organisation.selectors import organisation

PERMISSION = "reports.export"


def _file(request: HttpRequest, sheet: Sheet, ending: str) -> HttpResponse:
    """Raises `Http404` for an ending we do not write."""
    if ending not in FILES:
        raise Http404
    write, kind = FILES[ending]
    staff = request.staff  # type: ignore[attr-defined]
    trail.seen(by=staff, subject=f"report.{sheet.name}", what="export", detail={"rows": len(sheet.rows)})
    answer = HttpResponse(write(sheet), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{sheet.name}-{clock.today().isoformat()}.{ending}"'
    return answer


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(each) for each in sheets.GROWTH_DAYS} else sheets.GROWTH_DAYS[0]


@needs(PERMISSION)
def members_file(request: HttpRequest, ending: str) -> HttpResponse:
    """How the number of members grew."""
    look = looked_at(request, request.scope)  # type: ignore[attr-defined]
    return _file(request, sheets.growth(look.scope, _days(request)).sheet, ending)


@needs(PERMISSION)
def tiers_file(request: HttpRequest, ending: str) -> HttpResponse:
    """What members of each tier bought."""
    look = looked_at(request, request.scope)  # type: ignore[attr-defined]
    chart = sheets.purchases_by_tier(look.scope, _days(request), organisation().currency)
    return _file(request, chart.sheet, ending)


@needs(PERMISSION)
def sales_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The report of sales as the page shows it."""
    form = SalesReportForm(request.GET)
    report = sheets.sales_report(
        looked_at(request, request.scope),  # type: ignore[attr-defined]
        by=form.way(),
        span=form.span(),
        compared=form.compared(),
        currency=organisation().currency,
    )
    return _file(request, report.chart.sheet, ending)


@needs(PERMISSION)
def points_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The report of points as the page shows it, for whoever sees the whole business."""
    if not request.scope.is_whole:  # type: ignore[attr-defined]
        raise Http404
    form = DaysForm(request.GET)
    return _file(request, points.points_report(by=form.way(), span=form.span()).held.sheet, ending)
