"""The ledger under seal: each transaction is hashed with its postings and lots as it is written, and chained later.

What changes in time (balances, what remains of a lot, what is held) has no hash: it follows from the postings, and
`regulars.ledger.books` computes it anew.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from regulars import clock, hooks, plugins
from regulars.after_commit import after_commit
from regulars.ledger.models import Transaction
from regulars.operations.sealing import sealer
from regulars.operations.sealing.chains import AT_ONCE, Chain, Row

SEAL_AFTER = dt.timedelta(seconds=30)
"""How long a transaction may wait for others to be sealed with it."""
SEAL_AT_ONCE = 500
"""So many waiting transactions are sealed without waiting longer."""

ROWS = """
WITH made AS (
    SELECT * FROM ledger_transaction WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
), legs AS (
    SELECT posting.transaction_id AS id,
           string_agg(jsonb_build_array(posting.id, posting.account_id, account.wallet_id, account.house, account.asset,
               posting.lot_id, posting.amount, posting.balance_after)::text, '' ORDER BY posting.id) AS words
    FROM ledger_posting posting JOIN ledger_account account ON account.id = posting.account_id
    WHERE posting.transaction_id IN (SELECT id FROM made) GROUP BY 1
), lots AS (
    SELECT lot.opened_by_id AS id,
           string_agg(jsonb_build_array(lot.id, lot.account_id, lot.amount,
               (extract(epoch FROM lot.available_from) * 1000000)::bigint,
               (extract(epoch FROM lot.expires_at) * 1000000)::bigint, lot.restrictions, lot.source)::text, ''
               ORDER BY lot.id) AS words
    FROM ledger_lot lot WHERE lot.opened_by_id IN (SELECT id FROM made) GROUP BY 1
)
SELECT made.id, made.hash,
       jsonb_build_array(made.id, made.public_id, made.key, made.request_hash, made.kind, made.reverses_id, made.reason,
           made.actor, (extract(epoch FROM made.occurred_at) * 1000000)::bigint, made.business_date)::text
       || COALESCE(legs.words, '') || COALESCE(lots.words, '')
FROM made LEFT JOIN legs ON legs.id = made.id LEFT JOIN lots ON lots.id = made.id ORDER BY made.id
"""
"""A transaction with all that belongs to it, as one text; `ledger_hash` in post.sql hashes the same."""


@dataclass(frozen=True)
class LedgerChain(Chain):
    """The chain of transactions, each with its postings and the lots it opened."""

    def _read(self, after: int, upto: int | None) -> list[Row]:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [after, 2**63 - 1 if upto is None else upto, AT_ONCE])
            return [Row(pk, written, (words,)) for pk, written, words in cursor.fetchall()]


LEDGER = LedgerChain(name="ledger", model="ledger.Transaction", columns=())


def seal_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Seal what waits, once it has waited or grown enough; returns when to come again, None when nothing waits."""
    due = seal_next(now=now)
    if due is None or due > now:
        return due
    sealing = sealer.seal(LEDGER, now=now, limit=max(limit, SEAL_AT_ONCE))
    if sealing.is_held_up:
        return now + SEAL_AFTER
    return now if sealing.is_more else None


def seal_next(*, now: dt.datetime) -> dt.datetime | None:
    """When the oldest transaction that is not sealed has waited long enough; None when all are sealed."""
    waiting = list(sealer.waiting(LEDGER)[:SEAL_AT_ONCE].values_list("occurred_at", flat=True))
    if not waiting:
        return None
    is_due = len(waiting) == SEAL_AT_ONCE or waiting[0] > now  # written by a clock that was turned
    return now if is_due else waiting[0] + SEAL_AFTER


def wake(at: dt.datetime | None = None) -> None:
    """Let the workers come by `at`, once the present transaction has committed; without it, to seal it."""
    if at is not None:
        plugins.first(hooks.work_waiting, due_at=at)
        return
    after_commit(_seal_soon, once="seal_waiting")


def _seal_soon() -> None:
    plugins.first(hooks.work_waiting, due_at=clock.now() + SEAL_AFTER)


def postings_of(transaction: int) -> tuple[list[int], list[int]]:
    """The ids of the postings and of the lots that belong to a transaction, to name them where it was changed."""
    made = Transaction.objects.filter(pk=transaction)
    postings = made.filter(postings__isnull=False).values_list("postings", flat=True).order_by("postings")
    lots = made.filter(lots__isnull=False).values_list("lots", flat=True).order_by("lots")
    return list(postings), list(lots)
