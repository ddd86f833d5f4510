"""Questions to the ledger: what is there, what came and went, what expires first, and do the books balance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from regulars import clock
from regulars.ledger.assets import POINTS
from regulars.ledger.books import faults
from regulars.ledger.models import Account, Lot, Posting
from regulars.people.models import Wallet

__all__ = [
    "POINTS",
    "Entry",
    "Statement",
    "allows",
    "balance",
    "free",
    "history",
    "lots",
    "spendable",
    "statement",
    "unbalanced",
]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a wallet's history: all legs of one transaction on one asset, with the balance after it."""

    cursor: int
    public_id: str
    kind: str
    reason: str
    amount: int
    balance_after: int
    occurred_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What came and went from one of the business's days to another: `opening` + `credited` - `debited` = `closing`."""

    first: dt.date
    last: dt.date
    opening: int
    entries: tuple[Entry, ...]
    credited: int
    debited: int
    closing: int


def balance(wallet: Wallet | int, asset: str = POINTS) -> int:
    """What a wallet holds, pending lots included."""
    wallet_id = wallet if isinstance(wallet, int) else wallet.pk
    found = Account.objects.filter(wallet_id=wallet_id, asset=asset).values_list("balance", flat=True).first()
    return found or 0


def free(wallet: Wallet | int, asset: str = POINTS, *, more: int = 0) -> int:
    """What a wallet holds beyond what is set aside by holds, pending lots included; 0 where it is in debt.

    With `more` what it will be once so much has come in, which pays a debt first.
    """
    wallet_id = wallet if isinstance(wallet, int) else wallet.pk
    found = Account.objects.filter(wallet_id=wallet_id, asset=asset).values_list("balance", "held").first()
    return max(0, found[0] - found[1] + more) if found else more


def history(wallet: Wallet, asset: str = POINTS, *, limit: int = 50, before: int | None = None) -> list[Entry]:
    """The newest entries of a wallet, or those before the cursor of an entry."""
    postings = Posting.objects.filter(account__wallet=wallet, account__asset=asset)
    if before is not None:
        postings = postings.filter(transaction_id__lt=before)
    # whole transactions, however many lots each drew on
    newest = postings.order_by("-transaction_id").values("transaction_id").distinct()[:limit]
    whole = postings.filter(transaction_id__in=newest).select_related("transaction")
    return _entries(whole.order_by("transaction_id", "id"))[::-1]


def lots(wallet: Wallet, asset: str = POINTS) -> list[Lot]:
    """What is left and until when: open lots, the first expiring first."""
    return list(
        Lot.objects.filter(account__wallet=wallet, account__asset=asset, remaining__gt=0).order_by(
            F("expires_at").asc(nulls_last=True), "id"
        )
    )


def spendable(wallet: Wallet, asset: str = POINTS, *, where: Mapping[str, Any] | None = None) -> int:
    """What can be spent now and `where` (`branch`, `category`): available, not expired, not held, within the balance.

    Without `where` only what can be spent anywhere counts.
    """
    now, account = clock.now(), Account.objects.filter(wallet=wallet, asset=asset).first()
    if account is None:
        return 0
    available = sum(
        lot.remaining - lot.held
        for lot in lots(wallet, asset)
        if lot.available_from <= now and (lot.expires_at is None or lot.expires_at > now) and allows(lot, where)
    )
    return max(0, min(available, account.balance - account.held))


def allows(lot: Lot, where: Mapping[str, Any] | None) -> bool:
    """Whether a lot may be spent there."""
    place = where or {}
    if not lot.restrictions or place.get("anywhere"):
        return True
    asked = (("branches", "branch"), ("categories", "category"))
    return all(place.get(one) in lot.restrictions[many] for many, one in asked if many in lot.restrictions)


def statement(wallet: Wallet, asset: str = POINTS, *, first: dt.date, last: dt.date) -> Statement:
    """A wallet's movements from the business's day `first` to `last`, oldest first, with the balances around them."""
    postings = Posting.objects.filter(account__wallet=wallet, account__asset=asset)
    opening = postings.filter(transaction__business_date__lt=first).aggregate(total=Coalesce(Sum("amount"), 0))["total"]
    within = postings.filter(transaction__business_date__range=(first, last)).select_related("transaction")
    entries = _entries(within.order_by("transaction_id", "id"))
    credited = sum(entry.amount for entry in entries if entry.amount > 0)
    debited = -sum(entry.amount for entry in entries if entry.amount < 0)
    return Statement(
        first=first,
        last=last,
        opening=opening,
        entries=tuple(entries),
        credited=credited,
        debited=debited,
        closing=opening + credited - debited,
    )


def unbalanced() -> list[str]:
    """What does not add up, in words; empty when the books are sound."""
    return [fault.words for fault in faults()]


def _entries(postings: Iterable[Posting]) -> list[Entry]:
    """Whole transactions of postings that come in the order of their ids, with the balance after the last leg."""
    entries: dict[int, Entry] = {}
    for posting in postings:
        made, known = posting.transaction, entries.get(posting.transaction_id)
        entries[made.pk] = Entry(
            cursor=made.pk,
            public_id=made.public_id,
            kind=made.kind,
            reason=made.reason,
            amount=posting.amount + (known.amount if known else 0),
            balance_after=int(posting.balance_after or 0),
            occurred_at=made.occurred_at,
        )
    return list(entries.values())
