"""Do the books balance? What postings lead to is computed anew and compared with what stands in the rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Fault:
    """A row that does not add up: its `table` (account, lot, posting, transaction, hold), its `id`, what is wrong."""

    table: str
    id: int
    words: str

    def __str__(self) -> str:
        return self.words


CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "transaction",
        "transaction {id} does not balance in {}: {}",
        """
        SELECT posting.transaction_id, account.asset, sum(posting.amount)
        FROM ledger_posting posting JOIN ledger_account account ON account.id = posting.account_id
        GROUP BY 1, 2 HAVING sum(posting.amount) <> 0
        """,
    ),
    (
        "account",
        "account {id} says {}, its postings {}",
        """
        SELECT account.id, account.balance, COALESCE(made.total, 0)
        FROM ledger_account account
        LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_posting GROUP BY 1) AS made
            ON made.account_id = account.id
        WHERE account.balance <> CASE WHEN account.wallet_id IS NULL THEN 0 ELSE COALESCE(made.total, 0) END
        """,
    ),
    (
        "account",
        "account {id} holds {}, its lots {}",
        """
        SELECT account.id, GREATEST(account.held, account.balance), COALESCE(open.total, 0)
        FROM ledger_account account
        LEFT JOIN (SELECT account_id, sum(remaining) AS total FROM ledger_lot GROUP BY 1) AS open
            ON open.account_id = account.id
        WHERE COALESCE(open.total, 0)
            <> CASE WHEN account.wallet_id IS NULL THEN 0 ELSE GREATEST(account.held, account.balance, 0) END
        """,
    ),
    (
        "account",
        "account {id} has the floor {} at a balance of {}",
        """
        SELECT id, floor, balance FROM ledger_account
        WHERE CASE WHEN wallet_id IS NULL THEN floor IS NOT NULL ELSE floor IS NULL OR floor > LEAST(0, balance)
            OR (floor < LEAST(0, balance) AND NOT asset = ANY(%(deep)s)) END
        """,
    ),
    (
        "account",
        "account {id} says that {} is held, its holds {}",
        """
        SELECT account.id, account.held, COALESCE(promised.total, 0)
        FROM ledger_account account
        LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_hold WHERE state = 'held' GROUP BY 1) AS promised
            ON promised.account_id = account.id
        WHERE account.held <> COALESCE(promised.total, 0)
        """,
    ),
    (
        "lot",
        "lot {id} has {} left, its postings say {}",
        """
        SELECT lot.id, lot.remaining, COALESCE(made.total, 0)
        FROM ledger_lot lot
        LEFT JOIN (SELECT lot_id, sum(amount) AS total FROM ledger_posting WHERE lot_id IS NOT NULL GROUP BY 1) AS made
            ON made.lot_id = lot.id
        WHERE lot.remaining <> COALESCE(made.total, 0)
        """,
    ),
    (
        "lot",
        "lot {id} says that {} is held, its holds {}",
        """
        SELECT lot.id, lot.held, COALESCE(promised.total, 0)
        FROM ledger_lot lot
        LEFT JOIN (
            SELECT part.lot_id, sum(part.amount) AS total
            FROM ledger_holdpart part JOIN ledger_hold hold ON hold.id = part.hold_id
            WHERE hold.state = 'held' GROUP BY 1
        ) AS promised ON promised.lot_id = lot.id
        WHERE lot.held <> COALESCE(promised.total, 0)
        """,
    ),
    (
        "hold",
        "hold {id} is of {}, its parts of {}",
        """
        SELECT hold.id, hold.amount, COALESCE(sum(part.amount), 0)
        FROM ledger_hold hold LEFT JOIN ledger_holdpart part ON part.hold_id = hold.id
        GROUP BY hold.id HAVING hold.amount <> COALESCE(sum(part.amount), 0)
        """,
    ),
    (
        "hold",
        "hold {id} lies in lot {} of another account {}",
        """
        SELECT hold.id, lot.id, hold.account_id
        FROM ledger_hold hold
        JOIN ledger_holdpart part ON part.hold_id = hold.id JOIN ledger_lot lot ON lot.id = part.lot_id
        WHERE lot.account_id <> hold.account_id
        """,
    ),
    (
        "hold",
        "hold {id} says that {} was spent, its transaction {}",
        """
        SELECT hold.id, hold.captured, COALESCE(made.total, 0)
        FROM ledger_hold hold
        LEFT JOIN (
            SELECT posting.transaction_id, sum(posting.amount) AS total
            FROM ledger_posting posting JOIN ledger_account account ON account.id = posting.account_id
            WHERE account.wallet_id IS NULL AND posting.transaction_id IN (SELECT transaction_id FROM ledger_hold)
            GROUP BY 1
        ) AS made ON made.transaction_id = hold.transaction_id
        WHERE hold.captured <> COALESCE(made.total, 0)
        """,
    ),
    (
        "posting",
        "posting {id} leaves a balance of {}, the one before leads to {}",
        """
        SELECT id, balance_after, expected FROM (
            SELECT posting.id, posting.balance_after, posting.amount
                + COALESCE(lag(posting.balance_after) OVER (PARTITION BY posting.account_id ORDER BY posting.id), 0)
                AS expected
            FROM ledger_posting posting JOIN ledger_account account ON account.id = posting.account_id
            WHERE account.wallet_id IS NOT NULL
        ) AS walked WHERE balance_after IS DISTINCT FROM expected
        """,
    ),
    (
        "posting",
        "posting {id} moves lot {} of another account {}",
        """
        SELECT posting.id, lot.id, posting.account_id
        FROM ledger_posting posting JOIN ledger_lot lot ON lot.id = posting.lot_id
        WHERE lot.account_id <> posting.account_id
        """,
    ),
)
"""What must hold: the table, the words for a row that breaks it, and the question whose answers are such rows."""


def faults(limit: int | None = None) -> list[Fault]:
    """Every row that does not add up, at most `limit` of each kind; empty when the books are sound. Reads all of it."""
    from regulars.ledger.assets import assets

    deep = [each.code for each in assets().values() if each.floor != 0]
    found = []
    with connection.cursor() as cursor:
        for table, words, question in CHECKS:
            cursor.execute(f"{question} ORDER BY 1 LIMIT %(limit)s", {"deep": deep, "limit": limit})
            found += [Fault(table, pk, words.format(*said, id=pk)) for pk, *said in cursor.fetchall()]
    return found
