"""How value moves: double entry, append-only. Only `regulars.ledger.services` writes here, through one SQL function."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class Account(models.Model):
    """What one wallet holds of one asset, or (without wallet) a house account.

    A wallet's `balance` is kept by the posting itself and refused below `floor` by the database. A house account is
    append-only: its balance is the sum of its postings, so that the till never queues for one row.
    """

    wallet = models.ForeignKey("people.Wallet", on_delete=models.PROTECT, null=True, related_name="accounts")
    house = models.CharField(max_length=40, blank=True, default="")
    asset = models.CharField(max_length=40)
    balance = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(null=True, default=0)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["wallet", "asset"], name="ledger_account_wallet", condition=Q(wallet__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["house", "asset"], name="ledger_account_house", condition=Q(wallet__isnull=True)
            ),
            models.CheckConstraint(condition=Q(wallet__isnull=True) ^ Q(house=""), name="ledger_account_one_owner"),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(balance__gte=F("floor")), name="ledger_account_floor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.house or self.wallet_id} {self.asset}"


class Transaction(models.Model):
    """One act that moved value. `key` makes it safe to repeat, `reverses` says what it undoes (whole or in part)."""

    public_id = PublicIdField(prefix="txn")
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=40)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reversals")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    actor = models.CharField(_("by"), max_length=80, blank=True, default="")
    occurred_at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("day"))

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="ledger_transaction_public_id"),
            models.UniqueConstraint(fields=["key"], name="ledger_transaction_key"),
            models.UniqueConstraint(
                fields=["reverses"], name="ledger_transaction_undone_once", condition=Q(kind__endswith=".reversed")
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Lot(models.Model):
    """A credit and what is left of it. Debits draw on lots, first expiring first; reversals give back to the same."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots")
    opened_by = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="lots")
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    available_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_lot_amount"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("amount")), name="ledger_lot_remaining"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "expires_at"], name="ledger_lot_open", condition=Q(remaining__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class Posting(models.Model):
    """One leg of a transaction: the legs of one transaction and asset add up to zero.

    A wallet's leg names the lot it opened or drew on; `balance_after` is that account's balance after the leg.
    """

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="postings", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, related_name="postings", db_index=False)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="ledger_posting_amount")]
        indexes = [
            models.Index(fields=["transaction"], name="ledger_posting_transaction"),
            models.Index(fields=["account", "-id"], name="ledger_posting_account"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
