"""Sealing in the background: hashes of finished rows are chained, so that nobody waits for anybody at the till.

Ids are handed out in order but do not commit in order: behind row 8 row 7 may still be in the making. Whatever is
written below a seal afterwards counts as forged, so only finished ids may be sealed. The proof that they are needs no
lock at the till:

- Whoever inserts holds a ROW EXCLUSIVE lock on the table from before its id is drawn until its transaction has ended.
- We read the highest id that can be seen. Every id up to it was drawn before, since the sequence only counts up.
- Then we read who holds such a lock. Who drew an id up to ours is among them, or has ended.
- Once all of those have ended, every row up to that id is there to be seen, or will never be.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import QuerySet

from regulars import hooks, plugins
from regulars.operations.models import Seal
from regulars.operations.sealing.canonical import hash_of
from regulars.operations.sealing.chains import AT_ONCE, Chain, Row

PATIENCE = 1.0
"""Seconds to wait for those who are writing; then the work is put off."""
PAUSE = 0.02
ID_BYTES = 8
HASH_BYTES = 32

HIGHEST = """
SELECT least(
    (SELECT max(id) FROM {table}),
    pg_catalog.pg_sequence_last_value(pg_catalog.pg_get_serial_sequence(%s, 'id')::regclass)
)
"""
WRITERS = """
SELECT virtualtransaction FROM pg_catalog.pg_locks
WHERE locktype = 'relation' AND granted AND pid <> pg_catalog.pg_backend_pid()
  AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND relation = %s::regclass
  AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
"""


@dataclass(frozen=True, kw_only=True)
class Sealing:
    """What a round of sealing did: rows sealed, whether there are more, whether somebody still writing held it up."""

    count: int = 0
    is_more: bool = False
    is_held_up: bool = False


@transaction.atomic
def seal(chain: Chain, *, now: dt.datetime, limit: int = 10_000, patience: float = PATIENCE) -> Sealing:
    """Seal the finished rows of a chain, about `limit` at most; two at once do no harm, the second goes home.

    Costs what the new rows cost, however long the chain is. `patience` (seconds) is how long to wait for writers.
    """
    if not _is_my_turn(chain):
        return Sealing(is_held_up=True)
    last = newest(chain)
    begin = last.last_id if last is not None else 0
    upto = _highest(chain)
    if upto is None or upto <= begin:
        return Sealing()
    if not _are_finished(chain, patience):
        return Sealing(is_held_up=True)
    count = 0
    rows: list[Row] = []
    for row in chain.rows(after=begin, upto=upto):
        rows.append(row)
        if len(rows) == AT_ONCE:
            last, count, rows = _link(chain, last, rows, now), count + len(rows), []
            if count >= limit:
                break
    if rows:
        last, count = _link(chain, last, rows, now), count + len(rows)
    if last is not None and count:
        plugins.first(hooks.chain_sealed, chain=chain.name, number=last.number, digest=last.hash)
    return Sealing(count=count, is_more=count >= limit)


def newest(chain: Chain) -> Seal | None:
    """The last link of a chain, without its leaves."""
    found: Seal | None = Seal.objects.filter(chain=chain.name).defer("leaves").order_by("-number").first()
    return found


def waiting(chain: Chain) -> QuerySet[Any]:
    """The rows that are not sealed yet, the oldest first."""
    last = newest(chain)
    rows = apps.get_model(chain.model)._default_manager.filter(pk__gt=last.last_id if last is not None else 0)
    found: QuerySet[Any] = rows.order_by("pk")
    return found


def seal_hash(seal: Seal) -> str:
    """The hash of a link: of everything in it and of the link before."""
    return hash_of(
        [seal.chain, seal.number, seal.last_id, seal.count, bytes(seal.leaves), seal.previous, seal.sealed_at]
    )


def leaf(row: Row) -> bytes:
    """What a link keeps of a row: its id and the hash it was written with; zeros for what is no hash."""
    try:
        written = bytes.fromhex(row.hash)
    except ValueError:
        written = b""
    return row.id.to_bytes(ID_BYTES, "big", signed=True) + (
        written if len(written) == HASH_BYTES else bytes(HASH_BYTES)
    )


def leaves_of(seal: Seal) -> list[tuple[int, str]]:
    """The ids and hashes that a link keeps, in order."""
    kept, size = bytes(seal.leaves), ID_BYTES + HASH_BYTES
    return [
        (
            int.from_bytes(kept[start : start + ID_BYTES], "big", signed=True),
            kept[start + ID_BYTES : start + size].hex(),
        )
        for start in range(0, len(kept), size)
    ]


def _link(chain: Chain, last: Seal | None, rows: list[Row], now: dt.datetime) -> Seal:
    link = Seal(
        chain=chain.name,
        number=last.number + 1 if last is not None else 1,
        last_id=rows[-1].id,
        count=len(rows),
        leaves=b"".join(leaf(row) for row in rows),
        previous=last.hash if last is not None else "",
        sealed_at=now,
    )
    link.hash = seal_hash(link)
    link.save()
    return link


def _is_my_turn(chain: Chain) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_catalog.pg_try_advisory_xact_lock(hashtext(current_schema() || ':seal:' || %s))", [chain.name]
        )
        return bool(cursor.fetchone()[0])


def _highest(chain: Chain) -> int | None:
    table = named(chain)
    with connection.cursor() as cursor:
        cursor.execute(HIGHEST.format(table=table), [table])
        found: int | None = cursor.fetchone()[0]
        return found


def _are_finished(chain: Chain, patience: float) -> bool:
    """Wait until everybody who may have drawn an id before now has ended; False when somebody takes too long."""
    deadline = time.monotonic() + patience
    writing = _writers(chain)
    while writing:
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)
        writing &= _writers(chain)
    return True


def _writers(chain: Chain) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [named(chain)])
        return {row[0] for row in cursor.fetchall()}


def named(chain: Chain) -> str:
    """The table of a chain with its schema, quoted."""
    quote = connection.ops.quote_name
    return f"{quote(connection.schema_name)}.{quote(chain.table)}"  # type: ignore[attr-defined]
