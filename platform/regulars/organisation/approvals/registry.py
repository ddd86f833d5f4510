"""Which acts may need somebody's approval: what they are called, how they are measured, and how they are done.

Filled when a room's `approvals.py` is imported, which Django does at start for every app that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from django.utils.functional import Promise

from regulars.organisation.approvals.refusals import UnknownAct

if TYPE_CHECKING:
    from regulars.organisation.models import Staff

Unit = Literal["points", "money", "rows"]
EVERYBODY = ""
"""In `limits`: whoever has no limit of their own."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of what an act will do: what it is, as it is now, and as it will be. `before` empty: it is new."""

    label: str | Promise
    before: str = ""
    after: str


class Perform(Protocol):
    """Does the act inside the caller's transaction. The same key does nothing twice; returns what it made."""

    def __call__(self, *, payload: dict[str, Any], by: Staff, key: str) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act that may need approval.

    `limits` are its defaults by role in whole units (points, rows, or major units of the currency), None for no limit.
    `says` words one request more closely than `label` does the act. `preview` says what would happen, or raises what
    the act itself would raise. `place` is the address where whoever asked sees how it went; without one it is the page
    of the approval.
    """

    code: str
    label: str | Promise
    unit: Unit
    permission: str
    perform: Perform
    limits: Mapping[str, int | None] = field(default_factory=dict)
    preview: Callable[[dict[str, Any]], Sequence[Change]] | None = None
    place: Callable[[dict[str, Any]], str] | None = None
    says: Callable[[dict[str, Any]], str] | None = None


_acts: dict[str, Act] = {}


def approvable(
    code: str,
    *,
    label: str | Promise,
    unit: Unit,
    permission: str = "",
    limits: Mapping[str, int | None] | None = None,
    preview: Callable[[dict[str, Any]], Sequence[Change]] | None = None,
    place: Callable[[dict[str, Any]], str] | None = None,
    says: Callable[[dict[str, Any]], str] | None = None,
) -> Callable[[Perform], Perform]:
    """Register a function as an act that may need approval; `permission` is the code itself where none is given."""

    def register(perform: Perform) -> Perform:
        _acts[code] = Act(
            code=code,
            label=label,
            unit=unit,
            permission=permission or code,
            perform=perform,
            limits=dict(limits or {}),
            preview=preview,
            place=place,
            says=says,
        )
        return perform

    return register


def act_of(code: str) -> Act:
    """One act. Raises `UnknownAct`."""
    found = _acts.get(code)
    if found is None:
        raise UnknownAct
    return found


def acts() -> tuple[Act, ...]:
    """Every act that may need approval, in the order of registration."""
    return tuple(_acts.values())


def forget(prefix: str) -> None:
    """Leave out the acts of a module whose registration broke off half way."""
    for code in [code for code in _acts if code.startswith(f"{prefix}.")]:
        del _acts[code]
