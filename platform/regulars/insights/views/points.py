"""The report of points: issued, spent, expired and held, as charts, tables and files."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.views.acts import OfficePage
from regulars.insights import points, sheets
from regulars.insights.forms import DaysForm


class PointsReportPage(OfficePage):
    """Points of the whole business: what is held was earned and can be spent anywhere in it."""

    template_name = "insights/points_report.html"
    page_title = _("Points report")
    header_icon = "chart"
    permission = "reports.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The days asked for and what happened on them; only for whoever sees the whole business."""
        if not self.scope.is_whole:
            raise Http404
        form = DaysForm(self.request.GET)
        span = form.span()
        found: dict[str, Any] = super().get_context_data(
            form=form,
            report=points.points_report(by=form.way(), span=span),
            span=(sheets.day_in_full(span.first), sheets.day_in_full(span.last)),
            query=self.request.GET.copy().urlencode(),
            **context,
        )
        return found
