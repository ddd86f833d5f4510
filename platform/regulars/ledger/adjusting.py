"""Giving and taking by hand: for many wallets at once, posted in one round trip, and what one person moved in a day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from regulars import clock
from regulars.ledger.assets import POINTS
from regulars.ledger.credits import announce_credits
from regulars.ledger.models import Posting, Transaction
from regulars.ledger.sealed import wake
from regulars.ledger.services import ANYWHERE, Leg, transaction_document

KIND = "adjustment"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Adjusted:
    """Which wallets were adjusted, with their transactions, and which have not enough to take from."""

    transactions: dict[int, int]
    short: list[int]


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A transaction, and what the wallet then held; None where it was made before."""

    transaction: int
    balance: int | None


@transaction.atomic
def adjust_many(
    *, keys: Mapping[int, str], members: Mapping[int, str], asset: str, amount: int, reason: str, actor: str
) -> Adjusted:
    """Give or take the same amount for each wallet; `keys` are the idempotency keys by wallet.

    `members` are whose wallets they are (public ids): of points that came they are told. A wallet with less than is to
    be taken is left out and named. Raises `ValueError` for an amount of nothing.
    """
    wallets = sorted(keys)
    short = [] if amount > 0 else _with_less_than(-amount, wallets, asset)
    left_out = set(short)
    documents = [
        transaction_document(
            key=keys[wallet],
            kind=KIND,
            legs=[
                Leg(
                    wallet=wallet,
                    asset=asset,
                    amount=amount,
                    house=f"{asset}.adjusted",
                    where=ANYWHERE if amount < 0 else None,
                )
            ],
            reason=reason,
            actor=actor,
        )
        for wallet in wallets
        if wallet not in left_out
    ]
    posted = _post_all(documents)
    made = {wallet: posted[keys[wallet]] for wallet in wallets if wallet not in left_out}
    if asset == POINTS and amount > 0:
        balances = {members[wallet]: one.balance for wallet, one in made.items() if one.balance is not None}
        announce_credits(points=amount, balances=balances, reason=KIND)
    return Adjusted(transactions={wallet: one.transaction for wallet, one in made.items()}, short=short)


@transaction.atomic
def reverse_many(*, transactions: Sequence[int], suffix: str, reason: str, actor: str) -> int:
    """Undo adjustments that `adjust_many` made; returns how many, less those that somebody undid before.

    What was given is taken back, into debt if it was spent; what was taken goes back to its lots.
    """
    originals = Transaction.objects.filter(pk__in=transactions, kind=KIND)
    keys = dict(originals.exclude(reversals__kind=f"{KIND}.reversed").values_list("pk", "key"))
    moved: dict[int, tuple[int, str, int]] = {}
    legs = Posting.objects.filter(transaction_id__in=keys, account__wallet__isnull=False)
    for original, wallet, asset, amount in legs.values_list(
        "transaction_id", "account__wallet_id", "account__asset", "amount"
    ):
        moved[original] = (wallet, asset, amount + (moved[original][2] if original in moved else 0))
    documents = [
        transaction_document(
            key=f"{keys[original]}{suffix}",
            kind=f"{KIND}.reversed",
            legs=[_leg_back(original, wallet, asset, amount)],
            reason=reason,
            actor=actor,
            reverses=original,
        )
        for original, (wallet, asset, amount) in sorted(moved.items(), key=lambda one: one[1][0])
    ]
    return len(_post_all(documents))


def adjusted_today(*, wallet: int, asset: str, actor: str) -> int:
    """What somebody gave a wallet and took from it by hand today, together, without the approval of anybody else.

    Both ways count alike; what was approved, and what was undone since, does not. Goes back from the wallet's newest
    movement as far as yesterday, along their index: what moved before that costs nothing.
    """
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE moved AS (
                (SELECT posting.id, posting.account_id, posting.amount, made.id AS made, made.key, made.kind,
                        made.actor, made.business_date AS day
                 FROM ledger_account account JOIN ledger_posting posting ON posting.account_id = account.id
                 JOIN ledger_transaction made ON made.id = posting.transaction_id
                 WHERE account.wallet_id = %(wallet)s AND account.asset = %(asset)s ORDER BY posting.id DESC LIMIT 1)
                UNION ALL
                SELECT earlier.* FROM moved CROSS JOIN LATERAL (
                    SELECT posting.id, posting.account_id, posting.amount, made.id, made.key, made.kind, made.actor,
                           made.business_date
                    FROM ledger_posting posting JOIN ledger_transaction made ON made.id = posting.transaction_id
                    WHERE posting.account_id = moved.account_id AND posting.id < moved.id
                    ORDER BY posting.id DESC LIMIT 1
                ) earlier WHERE moved.day >= %(yesterday)s
            )
            SELECT COALESCE(sum(abs(amount)), 0)::bigint FROM moved
            WHERE day = %(today)s AND kind = %(kind)s AND actor = %(actor)s
              AND NOT EXISTS (
                SELECT FROM ledger_transaction undone
                WHERE undone.reverses_id = moved.made AND undone.kind = %(kind)s || '.reversed')
              AND NOT EXISTS (
                SELECT FROM organisation_approval approval
                WHERE approval.state = 'approved' AND approval.public_id IN (
                    substring(moved.key FROM '^approval:(.+)$'),
                    (SELECT substring(job.params->>'key' FROM '^approval:(.+)$') FROM operations_job job
                     WHERE job.public_id = split_part(moved.key, ':', 1))))
            """,
            {
                "wallet": wallet,
                "asset": asset,
                "today": today,
                "yesterday": today - DAY,
                "kind": KIND,
                "actor": actor,
            },
        )
        return int(cursor.fetchone()[0])


def _leg_back(original: int, wallet: int, asset: str, amount: int) -> Leg:
    return Leg(
        wallet=wallet,
        asset=asset,
        amount=-amount,
        house=f"{asset}.adjusted",
        take_back_of=original if amount > 0 else None,
        restore_of=original if amount < 0 else None,
    )


def _post_all(documents: list[dict[str, Any]]) -> dict[str, _Made]:
    """Post them in this order, in one statement; the transactions by key."""
    if not documents:
        return {}
    wake()
    schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT made.key, made.answer->>'transaction', balance.value FROM ("  # noqa: S608
            f"SELECT one.document->>'key' AS key, {schema}.ledger_post(one.document) AS answer "
            "FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS one(document, place) ORDER BY one.place OFFSET 0"
            ") made LEFT JOIN LATERAL jsonb_each_text(made.answer->'balances') balance ON true",
            [json.dumps(documents)],
        )
        return {
            str(key): _Made(transaction=int(made), balance=None if held is None else int(held))
            for key, made, held in cursor.fetchall()
        }


def _with_less_than(amount: int, wallets: list[int], asset: str) -> list[int]:
    """The wallets that could not pay it now; all accounts asked are locked, in one order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account.wallet_id, LEAST(account.balance - account.held, COALESCE((
                SELECT sum(lot.remaining - lot.held) FROM ledger_lot lot
                WHERE lot.account_id = account.id AND lot.remaining > 0 AND lot.available_from <= %(now)s
                  AND (lot.expires_at IS NULL OR lot.expires_at > %(now)s)
            ), 0))
            FROM ledger_account account
            WHERE account.wallet_id = ANY(%(wallets)s::bigint[]) AND account.asset = %(asset)s
            ORDER BY account.wallet_id FOR NO KEY UPDATE OF account
            """,
            {"now": clock.now(), "wallets": wallets, "asset": asset},
        )
        has = dict(cursor.fetchall())
    return [wallet for wallet in wallets if has.get(wallet, 0) < amount]
