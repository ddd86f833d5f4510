"""The pages of one's own jobs: how far each is, what came of it, stopping and undoing it, fetching its file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages

from regulars.backoffice.needs import ANYBODY, admitted
from regulars.backoffice.spreadsheets import FORMATS
from regulars.backoffice.views.acts import OfficePage
from regulars.errors import NotFound, RegularsError
from regulars.operations import jobs, trail
from regulars.operations.jobs import selectors
from regulars.operations.jobs.services import ENDED
from regulars.operations.models import Job, JobState
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows


def _own_job(staff: Staff, code: str) -> Job:
    try:
        return selectors.job_by_public_id(code, of=staff)
    except NotFound:
        raise Http404 from None


def _drawn(job: Job) -> dict[str, Any]:
    """A job as its page and the list show it."""
    kind = jobs.kind_of(job.kind)
    progress = selectors.progress_of(job)
    return {
        "job": job,
        "title": kind.title(job.params),
        "progress": progress,
        "can_stop": job.state in {JobState.WAITING, JobState.RUNNING},
        "can_undo": kind.can_undo and job.state in ENDED and job.done > 0,
        "has_file": job.expires_at is not None,
        "refresh": reverse("office_jobs:progress", args=(job.public_id,)) if progress.is_moving else "",
    }


class JobsPage(OfficePage):
    """One's own jobs, newest first."""

    permission = ANYBODY
    template_name = "backoffice/jobs/list.html"
    page_title = gettext_lazy("Your jobs")
    header_icon = "history"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Each with its progress."""
        found: dict[str, Any] = super().get_context_data(
            jobs=[_drawn(job) for job in selectors.jobs_of(self.staff)], **context
        )
        return found


class JobPage(OfficePage):
    """One job, kept fresh while it moves."""

    permission = ANYBODY
    template_name = "backoffice/jobs/job.html"
    header_icon = "history"
    trail = ((reverse_lazy("office_jobs:jobs"), gettext_lazy("Your jobs")),)

    @cached_property
    def drawn(self) -> dict[str, Any]:
        """The job of the address. Raises `Http404` for anybody else's."""
        return _drawn(_own_job(self.staff, self.kwargs["code"]))

    def get_page_title(self) -> str:
        """What it does."""
        return str(self.drawn["title"])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The job."""
        found: dict[str, Any] = super().get_context_data(**self.drawn, **context)
        return found


class JobProgress(JobPage):
    """The moving part of the page alone."""

    template_name = "backoffice/jobs/progress.html"


class JobAct(View):
    """Stop a job or undo it."""

    permission = ANYBODY
    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str, act: str) -> HttpResponse:
        """`act` is `stop` or `undo`. Raises `Http404` for anything else and for the jobs of others."""
        staff, _scope = admitted(request, self.permission)
        job = _own_job(staff, code)
        acts = {"stop": jobs.stop, "undo": jobs.undo}
        if act not in acts:
            raise Http404
        try:
            acts[act](job=job, by=staff)
        except RegularsError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("office_jobs:job", args=(job.public_id,)))


class JobFile(View):
    """The file a job made, for whoever asked for it and still may have it."""

    permission = ANYBODY

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """The file. Raises `Http404` when its time is over or it never was."""
        staff, _scope = admitted(request, self.permission)
        job = _own_job(staff, code)
        if not allows(staff, jobs.kind_of(job.kind).permission_of(job.params)):
            raise Http404
        try:
            file = selectors.file_of(job)
        except NotFound:
            raise Http404 from None
        trail.record(act="job.file_fetched", actor=staff.public_id, subject=job.public_id)
        response = HttpResponse(file, content_type=FORMATS.get(job.result_name.rpartition(".")[2], "text/plain"))
        response["Content-Disposition"] = f'attachment; filename="{job.result_name}"'
        return response
