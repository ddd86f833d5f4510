"""The two acts that move value: post and reverse. Both are one call of one SQL function, safe to repeat by key."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.errors import RegularsError
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import POINTS
from regulars.operations.trail import record
from regulars.people.models import Wallet
from regulars.public_ids import new_public_id
from regulars.sql_functions import call

UNIQUE_VIOLATION = "23505"


class UndoneBefore(RegularsError):
    """The transaction was reversed already; value goes back once."""

    message = gettext_lazy("This was already undone.")


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One movement on a wallet: `amount` in the asset's smallest unit, positive for a credit.

    `house` is the account on the other side. `take_back_of` names the transaction whose credit is taken back (its lots
    first, and into debt if the member spent it); `restore_of` the one whose debit is given back to the lots it drew on.
    """

    wallet: int
    asset: str
    amount: int
    house: str
    available_from: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    take_back_of: int | None = None
    restore_of: int | None = None

    def as_document(self) -> dict[str, Any]:
        """The leg as the SQL function reads it; what is not set is left out."""
        values = {name: value for name, value in vars(self).items() if value is not None}
        return {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in values.items()}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What a posting did: the transaction, whether it had been posted before, and balances by (wallet, asset)."""

    transaction: int
    is_repeated: bool
    balances: dict[tuple[int, str], int]


def request_hash(*parts: Any) -> str:
    """The fingerprint of a request, to tell a repeated one from another under the same key."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def transaction_document(
    *, key: str, kind: str, legs: Sequence[Leg], reason: str = "", actor: str = "", reverses: int | None = None
) -> dict[str, Any]:
    """A posting as the SQL function reads it."""
    if any(leg.amount == 0 for leg in legs):
        raise ValueError("a leg moves something")
    documents = [leg.as_document() for leg in legs]
    return {
        "public_id": new_public_id("txn"),
        "key": key,
        "request_hash": request_hash(kind, [{**d, "available_from": None, "expires_at": None} for d in documents]),
        "kind": kind,
        "reverses": reverses,
        "reason": reason[:200],
        "actor": actor[:80],
        "occurred_at": clock.now().isoformat(),
        "business_date": clock.today().isoformat(),
        "legs": documents,
    }


@transaction.atomic
def post(*, key: str, kind: str, legs: Sequence[Leg], reason: str = "", actor: str = "") -> Posted:
    """Move value. The same key with the same legs gives the first answer again.

    Raises `NotEnough` when a balance would fall below its floor, `KeyUsedBefore` when the key came with other legs.
    """
    return _posted(call("ledger_post", transaction_document(key=key, kind=kind, legs=legs, reason=reason, actor=actor)))


@transaction.atomic
def reverse(*, original: Transaction, key: str, reason: str, actor: str = "") -> Posted:
    """Undo a whole transaction: credits are taken back from the lots they opened, debits given back to theirs.

    Raises `KeyUsedBefore`, `UndoneBefore` when it was undone under another key, and `NotEnough`.
    """
    if original.reversals.filter(kind=f"{original.kind}.reversed").exclude(key=key).exists():
        raise UndoneBefore
    moves: dict[tuple[int, str], int] = {}
    houses: dict[str, str] = {}
    for posting in original.postings.select_related("account"):
        if posting.account.wallet_id is None:
            houses[posting.account.asset] = posting.account.house
            continue
        place = (posting.account.wallet_id, posting.account.asset)
        moves[place] = moves.get(place, 0) + posting.amount
    legs = [
        Leg(
            wallet=wallet,
            asset=asset,
            amount=-amount,
            house=houses[asset],
            take_back_of=original.pk if amount > 0 else None,
            restore_of=original.pk if amount < 0 else None,
        )
        for (wallet, asset), amount in moves.items()
        if amount
    ]
    document = transaction_document(
        key=key, kind=f"{original.kind}.reversed", legs=legs, reason=reason, actor=actor, reverses=original.pk
    )
    try:
        return _posted(call("ledger_post", document))
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) == UNIQUE_VIOLATION:  # undone meanwhile, under another key
            raise UndoneBefore from error
        raise


@transaction.atomic
def adjust(*, wallet: Wallet, asset: str, amount: int, key: str, reason: str, actor: str) -> Posted:
    """Give or take by hand, with a reason; a debit draws on lots like any spending. Raises as `post` does."""
    posted = post(
        key=key,
        kind="adjustment",
        legs=[Leg(wallet=wallet.pk, asset=asset, amount=amount, house=f"{asset}.adjusted")],
        reason=reason,
        actor=actor,
    )
    if not posted.is_repeated:
        member, balance = wallet.members.order_by("pk").first(), posted.balances.get((wallet.pk, asset), 0)
        record(
            act="points.adjusted" if asset == POINTS else "value.adjusted",
            actor=actor,
            subject=member.public_id if member is not None else wallet.public_id,
            detail={"asset": asset, "amount": amount, "reason": reason},
            before={"balance": balance - amount},
            after={"balance": balance},
            member=member,
        )
    return posted


def _posted(answer: dict[str, Any]) -> Posted:
    balances: dict[tuple[int, str], int] = {}
    for place, balance in (answer.get("balances") or {}).items():
        wallet, _colon, asset = place.partition(":")
        balances[int(wallet), asset] = balance
    return Posted(transaction=answer["transaction"], is_repeated=answer["repeated"], balances=balances)
