"""Acts on jobs: start one, stop it, undo what it did."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils.translation import get_language, gettext_lazy

from regulars import clock
from regulars.errors import RegularsError
from regulars.operations.jobs.kinds import JobKind, kind_of
from regulars.operations.models import ChunkState, Job, JobChunk, JobState
from regulars.operations.outbox import wake_after_commit
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.organisation.permissions import require
from regulars.organisation.scope import Scope, scope_of

ENDED = (JobState.DONE, JobState.STOPPED, JobState.FAILED)


class Nothing(RegularsError):
    """The choice holds no record."""

    message = gettext_lazy("There is nobody and nothing to do this to. Choose at least one record.")


class CannotUndo(RegularsError):
    """The job still runs, was undone before, or is of a kind that leaves nothing to undo."""

    message = gettext_lazy("This cannot be undone now.")


@transaction.atomic
def start(*, kind: str, by: Staff, params: dict[str, Any], key: str = "") -> Job:
    """Settle what will be touched, as far as the scope of whoever asks goes, and leave it to the workers.

    The same key starts one job, however often it comes: the first is given again.
    Raises `NotAllowed` without the permission of the kind, `Nothing` for an empty choice, `KeyError` for no such kind.
    """
    found = kind_of(kind)
    require(by, found.permission_of(params))
    if key and (known := _started_with(key, by)) is not None:
        return known
    scope = scope_of(by)
    now = clock.now()
    job = Job.objects.create(
        kind=kind,
        params={**params, "key": key} if key else params,
        requested_by=by.public_id,
        language=get_language() or "en",
        scope=None if scope.is_whole else sorted(scope.branch_ids),
        requested_at=now,
    )
    job.total = _write_chunks(job, found, scope)
    if not job.total:
        raise Nothing
    job.save(update_fields=["total", "params"])
    record(act="job.started", actor=by.public_id, subject=job.public_id, detail={"kind": kind, "records": job.total})
    wake_after_commit()
    return job


def _started_with(key: str, by: Staff) -> Job | None:
    """The job that this person started with this key; two at once wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(%s))", [key])
    return Job.objects.filter(requested_by=by.public_id, params__key=key).first()


def _write_chunks(job: Job, kind: JobKind, scope: Scope) -> int:
    chunks = [
        JobChunk(job=job, number=number, items=items, next_attempt_at=job.requested_at)
        for number, items in enumerate(kind.chunks(job, scope))
    ]
    JobChunk.objects.bulk_create(chunks, batch_size=200)
    return sum(len(chunk.items) for chunk in chunks)


@transaction.atomic
def stop(*, job: Job, by: Staff) -> Job:
    """Begin no further piece; what is done stays done and can be undone. A job that has ended is left as it is."""
    # the pieces before the job: a worker locks them in the same order
    waiting = JobChunk.objects.filter(job=job, state=ChunkState.WAITING).select_for_update(skip_locked=True)
    JobChunk.objects.filter(pk__in=[chunk.pk for chunk in waiting.only("pk")]).delete()
    stopped = Job.objects.filter(pk=job.pk, state__in=(JobState.WAITING, JobState.RUNNING)).update(
        state=JobState.STOPPED, ended_at=clock.now()
    )
    if stopped:
        record(act="job.stopped", actor=by.public_id, subject=job.public_id)
    return Job.objects.get(pk=job.pk)


@transaction.atomic
def undo(*, job: Job, by: Staff) -> Job:
    """Put everything back piece by piece. Raises `CannotUndo`, and `NotAllowed` without the permission of the kind."""
    kind = kind_of(job.kind)
    require(by, kind.permission_of(job.params))
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if not kind.can_undo or locked.state not in ENDED:
        raise CannotUndo
    now = clock.now()
    pieces = JobChunk.objects.filter(job=locked, state=ChunkState.DONE)
    pieces.update(state=ChunkState.TO_UNDO, next_attempt_at=now, attempts=0)
    locked.state, locked.started_at, locked.ended_at = JobState.UNDOING, now, None
    if not JobChunk.objects.filter(job=locked, state=ChunkState.TO_UNDO).exists():
        locked.state, locked.ended_at = JobState.UNDONE, now
    locked.save(update_fields=["state", "started_at", "ended_at"])
    record(act="job.undone", actor=by.public_id, subject=job.public_id)
    wake_after_commit()
    return locked
