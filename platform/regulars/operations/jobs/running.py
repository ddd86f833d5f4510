"""How the workers get on with the jobs: one piece, one transaction; a worker that dies leaves the piece for the next.

A piece is claimed by its row's lock and skipped by everybody else, so no two workers do the same one. The counts of the
job are raised in the transaction of the piece, under the lock of the job: the last piece sees that it is the last.
"""

from __future__ import annotations

import datetime as dt
import time

import structlog
from django.db import transaction
from django.db.models import F, Min
from django.utils import translation

from regulars.operations.jobs.kinds import kind_of
from regulars.operations.models import ChunkState, Job, JobChunk, JobState

log = structlog.get_logger(__name__)

DUE = (ChunkState.WAITING, ChunkState.TO_UNDO)
ATTEMPTS = 3
PAUSE = dt.timedelta(seconds=20)
"""How long a piece that failed waits before it is tried again; after the last attempt its records count as failed."""
SECONDS = 3.0
"""How long one turn goes on with jobs while facts and messages wait, and other businesses for the worker."""
FILE_LIFE = dt.timedelta(days=7)
KEPT = dt.timedelta(days=90)
"""How long a job that has ended can be looked at and undone."""


def run_waiting(now: dt.datetime, limit: int) -> dt.datetime | None:
    """Do at most `limit` pieces that are due; returns when there is more to do, None for nothing."""
    enough = time.monotonic() + SECONDS
    for _piece in range(limit):
        if not run_one(now=now):
            break
        if time.monotonic() > enough:
            return now
    tidy(now=now)
    return next_due(now=now)


def next_due(*, now: dt.datetime) -> dt.datetime | None:
    """When a piece or the end of a file's life is due."""
    instants = (
        JobChunk.objects.filter(state__in=DUE).aggregate(first=Min("next_attempt_at"))["first"],
        Job.objects.filter(expires_at__isnull=False).aggregate(first=Min("expires_at"))["first"],
    )
    return min((instant for instant in instants if instant is not None), default=None)


@transaction.atomic
def tidy(*, now: dt.datetime) -> None:
    """Throw away files whose time is over, and jobs that ended long ago."""
    Job.objects.filter(expires_at__lte=now).update(result=None, expires_at=None)
    Job.objects.filter(ended_at__lte=now - KEPT).delete()


@transaction.atomic
def run_one(*, now: dt.datetime) -> bool:
    """Do the next piece, fairly between jobs; False when none is due or all of them are in other hands."""
    due = JobChunk.objects.filter(state__in=DUE, next_attempt_at__lte=now).order_by("number", "job_id")
    chunk = due.select_for_update(skip_locked=True).first()
    if chunk is None:
        return False
    job = Job.objects.defer("result").get(pk=chunk.job_id)
    try:
        with transaction.atomic(), translation.override(job.language):
            if chunk.state == ChunkState.WAITING:
                _run(job, chunk, now)
            else:
                _put_back(job, chunk, now)
    except Exception as error:  # noqa: BLE001 - a piece that fails is noted; the others go on
        _note_failure(job.pk, chunk, now, error)
    return True


def _run(job: Job, chunk: JobChunk, now: dt.datetime) -> None:
    ran = kind_of(job.kind).run_chunk(job, chunk.items)
    chunk.kept, chunk.state = ran.kept, ChunkState.DONE
    chunk.save(update_fields=["kept", "state"])
    _count(job.pk, chunk, now, done=ran.done, failed=ran.failed, error=ran.error)


def _put_back(job: Job, chunk: JobChunk, now: dt.datetime) -> None:
    back = kind_of(job.kind).undo_chunk(job, chunk.kept)
    chunk.state = ChunkState.UNDONE
    chunk.save(update_fields=["state"])
    _count(job.pk, chunk, now, undone=back.undone, left_alone=back.left_alone)


def _note_failure(job: int, chunk: JobChunk, now: dt.datetime, error: Exception) -> None:
    """Try again later; what failed too often counts as failed, or as left alone on the way back."""
    chunk.refresh_from_db()  # what the piece wrote was taken back
    was_undoing = chunk.state == ChunkState.TO_UNDO
    chunk.attempts += 1
    chunk.next_attempt_at = now + PAUSE
    is_over = chunk.attempts >= ATTEMPTS
    log.error("job_piece_failed", chunk=chunk.pk, attempt=chunk.attempts, is_over=is_over, exc_info=error)
    if not is_over:
        chunk.save(update_fields=["attempts", "next_attempt_at"])
        return
    chunk.state = ChunkState.FAILED
    chunk.save(update_fields=["attempts", "state"])
    said = type(error).__name__
    if was_undoing:
        _count(job, chunk, now, left_alone=len(chunk.items), error=said)
    else:
        _count(job, chunk, now, failed=len(chunk.items), error=said)


def _count(
    job: int,
    chunk: JobChunk,
    now: dt.datetime,
    *,
    done: int = 0,
    failed: int = 0,
    undone: int = 0,
    left_alone: int = 0,
    error: str = "",
) -> None:
    """Raise the counts under the lock of the job; the last piece ends it."""
    Job.objects.filter(pk=job).update(
        done=F("done") + done,
        failed=F("failed") + failed,
        undone=F("undone") + undone,
        left_alone=F("left_alone") + left_alone,
    )
    counted = Job.objects.defer("result").get(pk=job)
    counted.error = counted.error or error[:300]
    counted.started_at = counted.started_at or now
    if counted.state == JobState.WAITING:
        counted.state = JobState.RUNNING
    if counted.state == JobState.UNDOING and chunk.state == ChunkState.DONE:  # it ended after the undoing began
        JobChunk.objects.filter(pk=chunk.pk).update(state=ChunkState.TO_UNDO, next_attempt_at=now)
    if not JobChunk.objects.filter(job=job, state__in=DUE).exists():
        _end(counted, now)
    counted.save(
        update_fields=["state", "error", "started_at", "ended_at", "expires_at", "result_name"]
        + (["result"] if "result" in counted.__dict__ else [])
    )


def _end(job: Job, now: dt.datetime) -> None:
    if job.state == JobState.UNDOING:
        job.state = JobState.UNDONE
    elif job.state == JobState.RUNNING:
        if job.done:
            kind_of(job.kind).finish(job)
        job.state = JobState.DONE if job.done or not job.failed else JobState.FAILED
    if job.result_name and job.expires_at is None:
        job.expires_at = now + FILE_LIFE
    job.ended_at = now
