"""Questions to the ledger: what is there, what came and went, what expires first, and do the books balance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from regulars import clock
from regulars.ledger.models import Account, Lot, Posting
from regulars.people.models import Wallet

POINTS = "points"


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


def balance(wallet: Wallet | int, asset: str = POINTS) -> int:
    """What a wallet holds, pending lots included."""
    wallet_id = wallet if isinstance(wallet, int) else wallet.pk
    found = Account.objects.filter(wallet_id=wallet_id, asset=asset).values_list("balance", flat=True).first()
    return found or 0


def history(wallet: Wallet, asset: str = POINTS, *, limit: int = 50, before: int | None = None) -> list[Entry]:
    """The newest entries of a wallet, or those before the cursor of an entry."""
    postings = Posting.objects.filter(account__wallet=wallet, account__asset=asset)
    if before is not None:
        postings = postings.filter(transaction_id__lt=before)
    # whole transactions, however many lots each drew on
    newest = postings.order_by("-transaction_id").values("transaction_id").distinct()[:limit]
    entries: dict[int, Entry] = {}
    whole = postings.filter(transaction_id__in=newest).select_related("transaction")
    for posting in whole.order_by("-transaction_id", "-id"):
        made = posting.transaction
        known = entries.get(made.pk)
        entries[made.pk] = Entry(
            cursor=made.pk,
            public_id=made.public_id,
            kind=made.kind,
            reason=made.reason,
            amount=posting.amount + (known.amount if known else 0),
            balance_after=known.balance_after if known else int(posting.balance_after or 0),
            occurred_at=made.occurred_at,
        )
    return list(entries.values())


def lots(wallet: Wallet, asset: str = POINTS) -> list[Lot]:
    """What is left and until when: open lots, the first expiring first."""
    return list(
        Lot.objects.filter(account__wallet=wallet, account__asset=asset, remaining__gt=0).order_by(
            F("expires_at").asc(nulls_last=True), "id"
        )
    )


def spendable(wallet: Wallet, asset: str = POINTS) -> int:
    """What can be spent now: open lots that are available and not expired, never more than the balance."""
    now = clock.now()
    available = sum(
        lot.remaining
        for lot in lots(wallet, asset)
        if lot.available_from <= now and (lot.expires_at is None or lot.expires_at > now)
    )
    return max(0, min(available, balance(wallet, asset)))


def unbalanced() -> list[str]:
    """What does not add up, in words; empty when the books are sound.

    Checks that each transaction's legs sum to zero per asset, that each wallet's cached balance equals its postings,
    and that open lots equal the positive balance.
    """
    faults = [
        f"transaction {row['transaction_id']} does not balance in {row['account__asset']}: {row['total']}"
        for row in Posting.objects.values("transaction_id", "account__asset")
        .annotate(total=Sum("amount"))
        .exclude(total=0)
    ]
    accounts = Account.objects.filter(wallet__isnull=False)
    for account in accounts.annotate(total=Coalesce(Sum("postings__amount"), 0)).exclude(balance=F("total")):
        faults.append(f"account {account.pk} says {account.balance}, its postings {account.total}")
    for holder in accounts.annotate(open=Coalesce(Sum("lots__remaining"), 0)):
        if holder.open != max(0, holder.balance):
            faults.append(f"account {holder.pk} holds {holder.balance}, its lots {holder.open}")
    return faults
