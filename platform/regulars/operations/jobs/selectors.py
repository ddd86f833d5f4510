"""Questions about jobs: which are mine, how far one is, and what is left of its time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from regulars import clock
from regulars.errors import NotFound
from regulars.operations.models import Job, JobState
from regulars.organisation.models import Staff

MOVING = (JobState.WAITING, JobState.RUNNING, JobState.UNDOING)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is: records through, of how many, in whole percent, and seconds to go (None: nobody knows yet)."""

    through: int
    total: int
    percent: int
    seconds_left: int | None
    is_moving: bool

    @property
    def minutes_left(self) -> int:
        """Whole minutes to go, at least one."""
        return max(1, round((self.seconds_left or 0) / 60))


def job_by_public_id(public_id: str, *, of: Staff) -> Job:
    """A job of somebody's own. Raises `NotFound` for anybody else's."""
    found = Job.objects.defer("result").filter(public_id=public_id[:40], requested_by=of.public_id).first()
    if found is None:
        raise NotFound
    return found


def jobs_of(staff: Staff, *, limit: int = 50) -> list[Job]:
    """Somebody's own jobs, newest first."""
    return list(Job.objects.defer("result").filter(requested_by=staff.public_id)[:limit])


def is_busy(staff: Staff) -> bool:
    """Whether a job of somebody's is under way."""
    return Job.objects.filter(requested_by=staff.public_id, state__in=MOVING).exists()


def file_of(job: Job, *, now: dt.datetime | None = None) -> bytes:
    """The file a job made. Raises `NotFound` when there is none or its time is over."""
    kept = Job.objects.filter(pk=job.pk, expires_at__gt=now or clock.now()).values_list("result", flat=True).first()
    if kept is None:
        raise NotFound
    return bytes(kept)


def progress_of(job: Job) -> Progress:
    """How far a job is, on the way there or, while it is undone, on the way back."""
    is_back = job.state in {JobState.UNDOING, JobState.UNDONE}
    total = job.done if is_back else job.total
    through = (job.undone + job.left_alone) if is_back else (job.done + job.failed)
    seconds: int | None = None
    if job.state in MOVING and job.started_at and through:
        passed = (clock.now() - job.started_at).total_seconds()
        seconds = max(1, round(passed / through * (total - through)))
    return Progress(
        through=through,
        total=total,
        percent=min(100, through * 100 // total) if total else 100,
        seconds_left=seconds,
        is_moving=job.state in MOVING,
    )
