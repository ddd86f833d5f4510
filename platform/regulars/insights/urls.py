"""Addresses of reports, below `/office/reports/`."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.urls import URLPattern, path
from wagtail.admin.auth import require_admin_access

from regulars.insights.views import files, points, sales


def _inside(view: Any) -> Any:
    """A page that keeps saying which permission it needs, behind Wagtail's own check."""
    return update_wrapper(require_admin_access(view), view)


app_name = "insights"
urlpatterns: list[URLPattern] = [
    path("sales/", _inside(sales.SalesReport.as_view()), name="sales"),
    path("sales.<slug:ending>", files.sales_file, name="sales_file"),
    path("points/", _inside(points.PointsReportPage.as_view()), name="points"),
    path("points.<slug:ending>", files.points_file, name="points_file"),
    path("members.<slug:ending>", files.members_file, name="members_file"),
    path("tiers.<slug:ending>", files.tiers_file, name="tiers_file"),
]
