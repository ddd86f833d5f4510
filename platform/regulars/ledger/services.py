"""The acts that move value: post, reverse, hold, spend or release what is held, let expire, reinstate.

Each is one call of one SQL function and safe to repeat by key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput, UndoneBefore
from regulars.ledger.assets import POINTS, asset
from regulars.ledger.credits import announce_credit
from regulars.ledger.models import Hold, Lot, Posting, Transaction
from regulars.ledger.sealed import wake
from regulars.operations.trail import record
from regulars.people.models import Member, Wallet
from regulars.public_ids import new_public_id
from regulars.sql_functions import call
from regulars.text import plain_text

__all__ = [
    "ANYWHERE",
    "Leg",
    "Posted",
    "UndoneBefore",
    "adjust",
    "announce_credit",
    "capture",
    "expire_holds",
    "expire_lots",
    "post",
    "reinstate",
    "release",
    "request_hash",
    "reserve",
    "reverse",
    "transaction_document",
]

ANYWHERE: Mapping[str, Any] = {"anywhere": True}
"""Where a correction draws: on restricted lots too."""
REINSTATED_WITHIN = dt.timedelta(days=90)
"""How long after it expired a lot can be given back."""
BOTTOMLESS = -(2**62)
NOT_ASKED = ("available_from", "expires_at", "grace_until")
"""What of a leg comes from the clock: a repeated request may differ in it."""


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One movement on a wallet: `amount` in the asset's smallest unit, positive for a credit.

    `house` is the account on the other side. `take_back_of` names the transaction whose credit is taken back (its lots
    first, and into debt if the member spent it); `restore_of` the one whose debit is given back to the lots it drew on.
    A credit may say where its lot can be spent (`restrictions`: public ids of `branches`, codes of `categories`) and
    what gave it (`source`). A debit draws on lots without restrictions and on those that allow `where` (`branch`,
    `category`), or, if it names a `lot`, on that one only, whatever its dates.
    """

    wallet: int
    asset: str
    amount: int
    house: str
    available_from: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    take_back_of: int | None = None
    restore_of: int | None = None
    lot: int | None = None
    restrictions: Mapping[str, Sequence[str]] | None = None
    source: str | None = None
    where: Mapping[str, Any] | None = None

    def as_document(self) -> dict[str, Any]:
        """The leg as the SQL function reads it, without what is not set. Raises `ValueError` for an unknown asset."""
        lowest = asset(self.asset).floor
        values = {name: value for name, value in vars(self).items() if value is not None}
        if lowest != 0:
            values["lowest"] = BOTTOMLESS if lowest is None else lowest
        return {k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in values.items()}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What a posting did: the transaction, whether it had been posted before, and balances by (wallet, asset)."""

    transaction: int
    is_repeated: bool
    balances: dict[tuple[int, str], int]


_written = DjangoJSONEncoder(sort_keys=True).encode


def request_hash(*parts: Any) -> str:
    """The fingerprint of a request, to tell a repeated one from another under the same key."""
    return hashlib.sha256(_written(parts).encode()).hexdigest()


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
        "request_hash": request_hash(kind, [{**d, **dict.fromkeys(NOT_ASKED)} for d in documents]),
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

    Raises `NotEnough` when a balance would fall below its floor, `KeyUsedBefore` when the key came with other legs, and
    `ValueError` for an asset that nobody declares.
    """
    wake()
    return _posted(call("ledger_post", transaction_document(key=key, kind=kind, legs=legs, reason=reason, actor=actor)))


@transaction.atomic
def reverse(
    *,
    original: Transaction,
    key: str,
    reason: str,
    actor: str = "",
    part: tuple[int, int] | None = None,
    grace: dt.timedelta | None = None,
) -> Posted:
    """Undo a transaction: credits are taken back from the lots they opened, debits given back to theirs.

    With `part` (numerator, denominator) so much of it is undone afterwards, whatever was undone before: parts add up to
    the whole exactly. What goes back to a lot that has expired meanwhile gets a lot of its own for `grace`, if given.
    Raises `KeyUsedBefore`, `UndoneBefore` when the whole was undone under another key, `NotEnough`, and `ValueError`
    for a part that is none.
    """
    numerator, denominator = part or (1, 1)
    if not 0 < numerator <= denominator:
        raise ValueError("a part lies between nothing and the whole")
    kind = f"{original.kind}.reversed" if part is None else f"{original.kind}.partly_reversed"
    document = transaction_document(key=key, kind=kind[:40], legs=[], reason=reason, actor=actor, reverses=original.pk)
    document |= {
        "request_hash": request_hash(kind, original.public_id, part),
        "numerator": numerator,
        "denominator": denominator,
    }
    if grace is not None:
        document["grace_until"] = (clock.now() + grace).isoformat()
    wake()
    return _posted(call("ledger_reverse", document))


@transaction.atomic
def adjust(*, wallet: Wallet, asset: str, amount: int, key: str, reason: str, actor: str) -> Posted:
    """Give or take by hand, with a reason; a debit draws on lots like any spending. Raises as `post` does."""
    posted = post(
        key=key,
        kind="adjustment",
        legs=[
            Leg(
                wallet=wallet.pk,
                asset=asset,
                amount=amount,
                house=f"{asset}.adjusted",
                where=ANYWHERE if amount < 0 else None,
            )
        ],
        reason=reason,
        actor=actor,
    )
    if not posted.is_repeated:
        member, balance = _first_of(wallet), posted.balances.get((wallet.pk, asset), 0)
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


# Holds ----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def reserve(
    *,
    wallet: Wallet | int,
    asset: str,
    amount: int,
    key: str,
    expires_at: dt.datetime,
    reason: str,
    actor: str,
    where: Mapping[str, Any] | None = None,
) -> Hold:
    """Set `amount` aside until `expires_at`, so that nothing else spends it; the same key gives the same hold again.

    Raises `NotEnough`, `KeyUsedBefore`, and `ValueError` for an amount of nothing, a moment that is past or an unknown
    asset.
    """
    of_wallet, now = wallet if isinstance(wallet, int) else wallet.pk, clock.now()
    _declared(asset)
    if amount <= 0 or expires_at <= now:
        raise ValueError("a hold sets something aside for some time")
    answer = call(
        "ledger_reserve",
        {
            "public_id": new_public_id("hld"),
            "key": key,
            "request_hash": request_hash("hold", of_wallet, asset, amount, where),
            "wallet": of_wallet,
            "asset": asset,
            "amount": amount,
            "where": where or {},
            "reason": reason[:200],
            "actor": actor[:80],
            "made_at": now.isoformat(),
            "expires_at": expires_at.isoformat(),
        },
    )
    wake(expires_at)
    return Hold.objects.get(pk=answer["hold"])


@transaction.atomic
def capture(
    *, hold: Hold, key: str, amount: int | None = None, house: str, kind: str, reason: str, actor: str
) -> Posted:
    """Spend what is held, or `amount` of it; the rest is released.

    Raises `HoldEnded` when it was spent or released or its time is over, `NotEnough` for more than was held,
    `KeyUsedBefore`, and `ValueError` for an amount of nothing.
    """
    if amount is not None and amount <= 0:
        raise ValueError("a hold is released, not spent for nothing")
    document = transaction_document(key=key, kind=kind, legs=[], reason=reason, actor=actor)
    del document["legs"]
    document |= {
        "request_hash": request_hash(kind, hold.public_id, amount, house),
        "hold": hold.pk,
        "amount": amount,
        "house": house,
    }
    wake()
    return _posted(call("ledger_capture", document))


@transaction.atomic
def release(*, hold: Hold, reason: str, actor: str) -> bool:
    """Give up a hold; False when that was done before. Raises `HoldEnded` when it was spent."""
    document = {
        "hold": hold.pk,
        "state": "released",
        "occurred_at": clock.now().isoformat(),
        "settlement": _settlement(f"debt:{hold.public_id}", reason=reason, actor=actor),
    }
    wake()
    return bool(call("ledger_release", document))


@transaction.atomic
def expire_holds(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Give up the holds whose time is over, at most `limit`; returns when the next one's is, None without one."""
    following = next_hold_end(now=now)
    if following is None or following > now:
        return following
    document = {
        "occurred_at": now.isoformat(),
        "limit": limit,
        "settlement": _settlement("", reason="", actor="") | {"occurred_at": now.isoformat()},
    }
    return _next(call("ledger_expire_holds", document))


def next_hold_end(*, now: dt.datetime) -> dt.datetime | None:
    """When the time of the next hold is over, None without one."""
    return Hold.objects.filter(state="held").order_by("expires_at").values_list("expires_at", flat=True).first()


# Expiry ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def expire_lots(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Take what is left of lots whose time has come, at most `limit` lots, each in a posting of kind `expiry`.

    What is held of a lot stays until its hold ends. Safe to repeat. Returns when the next lot expires (not later than
    `now` when the limit was reached), None when none does.
    """
    following = next_lot_end(now=now)
    if following is None or following > now:
        return following
    due = _ending().filter(expires_at__lte=now).values("pk")[:limit].count()
    document = {
        "occurred_at": now.isoformat(),
        "business_date": clock.day_of(now).isoformat(),
        "public_ids": [new_public_id("txn") for _lot in range(due)],
    }
    wake()
    return _next(call("ledger_expire", document))


def next_lot_end(*, now: dt.datetime) -> dt.datetime | None:
    """When the next lot expires of which something is left that is not held, None when none does."""
    return _ending().order_by("expires_at").values_list("expires_at", flat=True).first()


def _ending() -> QuerySet[Lot]:
    return Lot.objects.filter(remaining__gt=0, expires_at__isnull=False).filter(remaining__gt=F("held"))


@transaction.atomic
def reinstate(*, lot: Lot, key: str, days: int, reason: str, actor: str) -> Posted:
    """Give back what expired of a lot, as a lot of its own that lives `days` more days, the present one not counted.

    Raises `InvalidInput` (field `lot` when nothing of it expired within `REINSTATED_WITHIN`, `days`, `reason`),
    `UndoneBefore` when it was given back under another key, and `KeyUsedBefore`.
    """
    if not 1 <= days <= 3660:
        raise InvalidInput(_("Enter a number of days from 1 to 3660."), field="days")
    why = plain_text(reason, field="reason", longest=200, required=True)
    expiry = (
        Posting.objects.select_related("transaction", "account")
        .filter(lot=lot, amount__lt=0, transaction__kind="expiry", account__wallet__isnull=False)
        .filter(transaction__occurred_at__gt=clock.now() - REINSTATED_WITHIN)
        .order_by("-pk")
        .first()
    )
    if expiry is None:
        raise InvalidInput(_("Nothing of this expired lately, so there is nothing to give back."), field="lot")
    made = Transaction.objects.filter(reverses=expiry.transaction, kind="expiry.reversed").exclude(key=key)
    if made.exists():
        raise UndoneBefore
    account = expiry.account
    last_day = clock.today() + dt.timedelta(days=days + 1)
    document = transaction_document(
        key=key,
        kind="expiry.reversed",
        legs=[
            Leg(
                wallet=account.wallet_id or 0,
                asset=account.asset,
                amount=-expiry.amount,
                house=f"{account.asset}.expired"[:40],
                expires_at=clock.start_of(last_day),
                restrictions=lot.restrictions or None,
                source=lot.source or None,
            )
        ],
        reason=why,
        actor=actor,
        reverses=expiry.transaction_id,
    )
    document["request_hash"] = request_hash("reinstate", lot.pk, days)
    wake()
    posted = _posted(call("ledger_post", document))
    member = _first_of(account.wallet)
    if not posted.is_repeated and member is not None:
        if account.asset == POINTS:
            held = posted.balances.get((member.wallet_id, POINTS), 0)
            announce_credit(member=member.public_id, points=-expiry.amount, balance=held, reason="reinstated")
        detail = {"asset": account.asset, "amount": -expiry.amount, "reason": why}
        record(act="points.reinstated", actor=actor, subject=member.public_id, detail=detail, member=member)
    return posted


def _declared(code: str) -> None:
    asset(code)


def _first_of(wallet: Wallet | None) -> Member | None:
    found: Member | None = wallet.members.order_by("pk").first() if wallet is not None else None
    return found


def _settlement(key: str, *, reason: str, actor: str) -> dict[str, Any]:
    """The transaction that pays a debt from what was held, if there turns out to be one."""
    document = transaction_document(key=key, kind="debt.paid", legs=[], reason=reason, actor=actor)
    return {**document, "request_hash": ""}


def _next(answer: dict[str, Any]) -> dt.datetime | None:
    return dt.datetime.fromisoformat(answer["next"]) if answer["next"] else None


def _posted(answer: dict[str, Any]) -> Posted:
    balances: dict[tuple[int, str], int] = {}
    for place, balance in (answer.get("balances") or {}).items():
        wallet, _colon, asset = place.partition(":")
        balances[int(wallet), asset] = balance
    return Posted(transaction=answer["transaction"], is_repeated=answer["repeated"], balances=balances)
