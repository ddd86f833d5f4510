"""The report of sales: by day, week, month, branch, tier or hour, beside other days, as chart, table and file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from regulars.backoffice.views.acts import OfficePage
from regulars.backoffice.views.today import looked_at
from regulars.insights import selectors, sheets
from regulars.insights.forms import SalesReportForm
from regulars.organisation.selectors import organisation


class SalesReport(OfficePage):
    """Sales told apart as somebody asks, within the places they may see."""

    template_name = "insights/sales_report.html"
    page_title = _("Sales report")
    header_icon = "chart"
    permission = "reports.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The form as it was filled in, and what it asks for."""
        form = SalesReportForm(self.request.GET)
        look = looked_at(self.request, self.scope)
        span, compared = form.span(), form.compared()
        report = sheets.sales_report(
            look, by=form.way(), span=span, compared=compared, currency=organisation().currency
        )
        asked = self.request.GET.copy()
        found: dict[str, Any] = super().get_context_data(
            form=form,
            look=look,
            report=report,
            chart=report.chart,
            span=(sheets.day_in_full(span.first), sheets.day_in_full(span.last)),
            is_one_day=span.days == 1,
            compared=compared and (sheets.day_in_full(compared.first), sheets.day_in_full(compared.last)),
            net_change=sheets.change(report.now.net, report.before.net) if report.before else "",
            is_new_here=selectors.first_day() is None,
            query=asked.urlencode(),
            **context,
        )
        return found
