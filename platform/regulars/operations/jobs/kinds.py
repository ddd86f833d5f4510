"""What can be done to many records at once: one class for each kind of job, found by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from regulars.operations.models import Job
from regulars.organisation.scope import Scope

CHUNK = 500
"""Records in one piece: a second or so of work, one transaction."""


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """What would happen to one record: its public id, its words, and the value before and after."""

    public_id: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a piece did: how many records, how many it could not do, and what it takes to put them back (JSON)."""

    done: int
    failed: int = 0
    kept: list[Any] = field(default_factory=list)
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class PutBack:
    """What an undoing did: records as they were before, and those left alone because somebody changed them since."""

    undone: int
    left_alone: int = 0


class JobKind:
    """A kind of job. `permission` is asked of whoever starts it; `params` are JSON values and name no database id."""

    name: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""
    permission: ClassVar[str] = ""
    can_undo: ClassVar[bool] = False
    size: ClassVar[int] = CHUNK

    def items(self, params: dict[str, Any], scope: Scope) -> list[Any]:
        """What it would touch, by database id, in a fixed order; nothing beyond the scope."""
        raise NotImplementedError

    def count(self, params: dict[str, Any], scope: Scope) -> int:
        """How many records it would touch."""
        return len(self.items(params, scope))

    def preview(self, params: dict[str, Any], scope: Scope, limit: int = 10) -> list[PreviewRow]:
        """What would happen to the first of them."""
        return []

    def chunks(self, job: Job, scope: Scope) -> Iterable[list[Any]]:
        """The pieces, asked for once, at the start: what is touched is settled then."""
        items = self.items(job.params, scope)
        return (items[start : start + self.size] for start in range(0, len(items), self.size))

    def run_chunk(self, job: Job, items: list[Any]) -> Ran:
        """Do one piece, inside one transaction, with as few statements as can be."""
        raise NotImplementedError

    def undo_chunk(self, job: Job, kept: list[Any]) -> PutBack:
        """Put one piece back by what `run_chunk` kept, inside one transaction."""
        raise NotImplementedError

    def finish(self, job: Job) -> None:
        """What is done once, after the last piece; the job is saved by the caller."""

    def permission_of(self, params: dict[str, Any]) -> str:
        """The permission that is asked of whoever starts it with these parameters."""
        return self.permission

    def title(self, params: dict[str, Any]) -> str:
        """What this job is about, in the reader's language."""
        return str(self.label)


_KINDS: dict[str, JobKind] = {}
_is_complete = False
Kind = TypeVar("Kind", bound=type[JobKind])


def job_kind(name: str, *, label: str | Promise, permission: str, can_undo: bool = False) -> Callable[[Kind], Kind]:
    """Declare a kind of job under a name of its own. Raises `ValueError` for a name that is taken."""

    def declared(kind: Kind) -> Kind:
        if name in _KINDS and type(_KINDS[name]).__qualname__ != kind.__qualname__:
            raise ValueError(f"two kinds of job are called {name}")
        kind.name, kind.label, kind.permission, kind.can_undo = name, label, permission, can_undo
        _KINDS[name] = kind()
        return kind

    return declared


def kind_of(name: str) -> JobKind:
    """The kind of this name. Raises `KeyError` for one that no installed room declares."""
    global _is_complete
    if not _is_complete:
        autodiscover_modules("job_kinds")
        _is_complete = True
    return _KINDS[name]
