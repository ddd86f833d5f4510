"""What runs behind the doors, in the back office: the trail, and the jobs that somebody started."""

from __future__ import annotations

from typing import Any

from django.urls import include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.answers import answers
from regulars.backoffice.menu import OfficeItem
from regulars.backoffice.needs import ANYBODY
from regulars.backoffice.views import jobs
from regulars.operations.trail.pages import Trail, download

ADDRESSES = [
    path("", Trail.as_view(), name="trail"),
    path("download/", download, name="download"),
]

JOBS = [
    path("", jobs.JobsPage.as_view(), name="jobs"),
    path("<slug:code>/", jobs.JobPage.as_view(), name="job"),
    path("<slug:code>/progress/", jobs.JobProgress.as_view(), name="progress"),
    path("<slug:code>/file/", jobs.JobFile.as_view(), name="file"),
    path("<slug:code>/do/<slug:act>/", jobs.JobAct.as_view(), name="act"),
]


@answers("register_admin_urls")
def trail_addresses() -> list[Any]:
    """Everything below `/office/trail/`."""
    return [path("trail/", include((ADDRESSES, "office_trail")))]


@answers("register_team_menu_item")
def trail_entry() -> OfficeItem:
    """Who did what."""
    url = reverse_lazy("office_trail:trail")
    return OfficeItem(_("Trail"), url, name="trail", icon="history", order=60, permission="trail.view")


@answers("register_admin_urls")
def job_addresses() -> list[Any]:
    """Everything below `/office/jobs/`."""
    return [path("jobs/", include((JOBS, "office_jobs")))]


@answers("register_settings_menu_item")
def jobs_entry() -> OfficeItem:
    """One's own jobs."""
    url = reverse_lazy("office_jobs:jobs")
    return OfficeItem(_("Your jobs"), url, name="jobs", icon="activity", order=80, permission=ANYBODY)
