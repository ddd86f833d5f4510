"""The trail: who did or saw what, when, from where, before and after; written with the act itself and never changed.

Each entry is hashed as it is written and sealed soon afterwards, see `operations.sealing`. What stands in it about a
member (words and dates of `before` and `after`, and the address a member came from) is encrypted with that member's
key; `detail` is not, so it holds codes, figures and reasons only.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

from regulars import clock, hooks, plugins
from regulars.after_commit import after_commit
from regulars.operations import origin
from regulars.operations.models import TrailEntry
from regulars.operations.sealing import sealer
from regulars.operations.sealing.canonical import hash_of
from regulars.operations.sealing.chains import TRAIL
from regulars.people import keys

if TYPE_CHECKING:
    from regulars.operations.trail.reading import Line
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

SEAL_AFTER = dt.timedelta(seconds=30)
"""How long an entry may wait for others to be sealed with it."""
SEAL_AT_ONCE = 500
"""So many waiting entries are sealed without waiting longer."""
SEEN_AGAIN = dt.timedelta(minutes=10)
"""Looking at the same thing again within this time is the same look."""
ENCRYPTED = "~"
"""Marks a value that a member's key reads: `{"~": public id, "text": ...}`, and an address `~public id~text`."""
NOT_PERSONAL = frozenset({"language", "source", "tier", "state", "branch", "agreed", "channel"})
"""Words about a member that are no secret."""

What = Literal["page", "search", "export", "list"]

_is_paused: ContextVar[bool] = ContextVar("trail_is_paused", default=False)


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        return str(value) if isinstance(value, Promise) else super().default(value)


_written = _Encoder().encode


def record(
    *,
    act: str,
    actor: str = "",
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    member: Member | None = None,
    branch: Branch | None = None,
) -> None:
    """Write one entry inside the act's own transaction.

    `actor` and `subject` are public ids, the rest holds JSON values. `member` is whom the act is about: words and dates
    in `before` and `after` are then encrypted for that member. `branch` is where it counts; without it the member's
    own branch or that of the till.
    """
    if _is_paused.get():
        return
    written = entry(
        act=act,
        actor=actor,
        subject=subject,
        detail=detail,
        before=before,
        after=after,
        member=member,
        branch_id=branch.pk if branch is not None else None,
    )
    TrailEntry.objects.create(**written)
    after_commit(_wake, once="seal_waiting")


def record_many(said: Iterable[Mapping[str, Any]]) -> None:
    """Write an entry for each of these in one statement; each says what `record` takes."""
    if _is_paused.get():
        return
    written = [TrailEntry(**entry(**one)) for one in said]
    if written:
        TrailEntry.objects.bulk_create(written, batch_size=500)
        after_commit(_wake, once="seal_waiting")


def entry(
    *,
    act: str,
    actor: str = "",
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    member: Member | None = None,
    branch_id: int | None = None,
) -> dict[str, Any]:
    """The columns of an entry with its hash, for `record` and for the functions in SQL that write one themselves."""
    present = origin.present()
    if branch_id is None:
        branch_id = (member.branch_id if member is not None else None) or present.branch_id
    columns: dict[str, Any] = {
        "act": act,
        "actor": actor[:80],
        "subject": subject[:40],
        "detail": _json(detail or {}),
        "before": _for(member, before),
        "after": _for(member, after),
        "branch_id": branch_id,
        "door": present.door,
        "terminal": present.terminal,
        "address": _address(present, actor=actor, member=member),
        "occurred_at": clock.now(),
    }
    return {**columns, "hash": hash_of([columns[name] for name in TRAIL.columns])}


def document(**said: Any) -> dict[str, Any]:
    """An entry (see `entry`) as a function in SQL reads it, for acts that are one call of the database."""
    written = entry(**said)
    return {**written, "occurred_at": written["occurred_at"].isoformat()}


def _json(values: Mapping[str, Any]) -> Any:
    return json.loads(_written(values))


def _for(member: Member | None, values: Mapping[str, Any] | None) -> Any:
    """Values as they are kept: what is personal of a member only for who holds the member's key."""
    if values is None:
        return None
    plain = _json(values)
    if member is None:
        return plain
    return {field: _closed(member, value) if _is_personal(field, value) else value for field, value in plain.items()}


def _is_personal(field: str, value: Any) -> bool:
    return field not in NOT_PERSONAL and value not in (None, "") and not isinstance(value, bool | int)


def _closed(member: Member, value: Any) -> dict[str, str]:
    return {ENCRYPTED: member.public_id, "text": keys.encrypted(member, value) or ""}


def _address(present: origin.Origin, *, actor: str, member: Member | None) -> str:
    """Where somebody came from; the address of a member is a member's secret."""
    is_own = member is not None and (actor == member.public_id or present.door in {"portal", "site"})
    if not present.address or member is None or not is_own:
        return present.address
    return f"{ENCRYPTED}{member.public_id}{ENCRYPTED}{keys.encrypted(member, present.address) or ''}"


@transaction.atomic
def seen(
    *,
    by: Staff,
    subject: str,
    what: What = "page",
    detail: Mapping[str, Any] | None = None,
    branch: Branch | None = None,
) -> None:
    """Note that somebody looked: at a record's `page`, through a `list` or by a `search` of one, or took an `export`.

    `subject` is the public id of the record or the name of the list. The same look again within `SEEN_AGAIN` is not
    written once more; a download always is. `detail` holds figures and codes: never what was searched for.
    """
    act, actor = f"seen.{what}", by.public_id
    if what != "export":
        since = clock.now() - SEEN_AGAIN
        before = TrailEntry.objects.filter(subject=subject[:40], actor=actor, act=act, occurred_at__gt=since)
        if before.exists():
            return
    record(act=act, actor=actor, subject=subject, detail=detail, branch=branch)


def history(subject: str, limit: int = 50, *, reader: Staff | None = None) -> list[Line]:
    """What was done to a record, the newest first, in words for whoever reads; as far as their role holds."""
    from regulars.operations.trail.reading import lines_for
    from regulars.organisation.scope import scope_of

    entries: QuerySet[TrailEntry] = TrailEntry.objects.filter(subject=subject).order_by("-pk")
    if reader is not None:
        entries = scope_of(reader).limit(entries)
    return lines_for(entries[:limit], reader=reader)


@contextmanager
def paused() -> Iterator[None]:
    """Write nothing in the block: what a template of a business is made of is nobody's act."""
    token = _is_paused.set(True)
    try:
        yield
    finally:
        _is_paused.reset(token)


# Sealing --------------------------------------------------------------------------------------------------------------


def seal_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Seal what waits, once it has waited or grown enough; returns when to come again, None when nothing waits."""
    due = seal_next(now=now)
    if due is None or due > now:
        return due
    sealing = sealer.seal(TRAIL, now=now, limit=max(limit, SEAL_AT_ONCE))
    if sealing.is_held_up:
        return now + SEAL_AFTER
    return now if sealing.is_more else None


def seal_next(*, now: dt.datetime) -> dt.datetime | None:
    """When the oldest entry that is not sealed has waited long enough; None when all are sealed."""
    waiting = list(sealer.waiting(TRAIL)[:SEAL_AT_ONCE].values_list("occurred_at", flat=True))
    if not waiting:
        return None
    is_due = len(waiting) == SEAL_AT_ONCE or waiting[0] > now  # written by a clock that was turned
    return now if is_due else waiting[0] + SEAL_AFTER


def _wake() -> None:
    plugins.first(hooks.work_waiting, due_at=clock.now() + SEAL_AFTER)
