"""Acts on many records: counted and shown before, done piece by piece by the workers, undone as a whole.

A room declares what it can do to many in its `job_kinds.py` with `@job_kind`; a screen counts and previews, then calls
`start`. `run_waiting` is how the workers get on with it.
"""

from __future__ import annotations

from regulars.operations.jobs.kinds import JobKind, PreviewRow, PutBack, Ran, job_kind, kind_of
from regulars.operations.jobs.services import CannotUndo, Nothing, start, stop, undo

__all__ = [
    "CannotUndo",
    "JobKind",
    "Nothing",
    "PreviewRow",
    "PutBack",
    "Ran",
    "job_kind",
    "kind_of",
    "start",
    "stop",
    "undo",
]
