"""How value moves: double entry, append-only. Only `regulars.ledger.services` writes here, through one SQL function."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class Account(models.Model):
    """What one wallet holds of one asset, or (without wallet) a house account.

    A wallet's `balance` is kept by the posting itself and refused below `floor` by the database; `held` of it is
    promised to holds. A house account is append-only: its balance is the sum of its postings, so that the till never
    queues for one row.
    """

    wallet = models.ForeignKey(
        "people.Wallet", on_delete=models.PROTECT, null=True, related_name="accounts", db_index=False
    )
    house = models.CharField(max_length=40, blank=True, default="")
    asset = models.CharField(max_length=40)
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0, db_default=0)
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
            models.CheckConstraint(condition=Q(held__gte=0), name="ledger_account_held"),
        ]

    def __str__(self) -> str:
        return f"{self.house or self.wallet_id} {self.asset}"


class Transaction(models.Model):
    """One act that moved value. `key` makes it safe to repeat, `reverses` says what it undoes (whole or in part).

    `hash` is of the row, its postings and the lots it opened, as they were written; `regulars.ledger.sealed` checks it.
    """

    public_id = PublicIdField(prefix="txn")
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=40)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reversals", db_index=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    actor = models.CharField(_("by"), max_length=80, blank=True, default="")
    occurred_at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("day"))
    hash = models.CharField(max_length=64, default="", db_default="")

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
        indexes = [  # most transactions undo nothing, and a sale need not pay for them
            models.Index(fields=["reverses"], name="ledger_transaction_reversals", condition=Q(reverses__isnull=False))
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Lot(models.Model):
    """A credit and what is left of it. Debits draw on lots, first expiring first; reversals give back to the same.

    `held` of what remains is promised to holds. `restrictions` say where it may be spent: public ids of `branches`,
    codes of `categories`; empty for anywhere. `source` is what gave it, such as `rule:<public id>` or `import`.
    `is_pending` while the member was not told that it can be used: until the night after `available_from`.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots", db_index=False)
    opened_by = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="lots")
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField(default=0, db_default=0)
    available_from = models.DateTimeField()
    is_pending = models.BooleanField(default=False, db_default=False)
    expires_at = models.DateTimeField(null=True)
    restrictions = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    source = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_lot_amount"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("amount")), name="ledger_lot_remaining"
            ),
            models.CheckConstraint(condition=Q(held__gte=0) & Q(held__lte=F("remaining")), name="ledger_lot_held"),
        ]
        indexes = [
            models.Index(fields=["account", "expires_at"], name="ledger_lot_open", condition=Q(remaining__gt=0)),
            models.Index(
                fields=["expires_at"],
                name="ledger_lot_expires",
                condition=Q(remaining__gt=0) & Q(expires_at__isnull=False),
            ),
            models.Index(fields=["available_from"], name="ledger_lot_pending", condition=Q(is_pending=True)),
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


class HoldState(models.TextChoices):
    """A hold ends once: what was promised is spent, given up, or its time ran out."""

    HELD = "held", _("Held")
    CAPTURED = "captured", _("Spent")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


class Hold(models.Model):
    """Value promised to somebody for a while, such as a checkout: it stays in its lots, and nothing else can spend it.

    `captured` of `amount` was spent in the end, by `transaction`.
    """

    public_id = PublicIdField(prefix="hld")
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds", db_index=False)
    amount = models.BigIntegerField(_("amount"))
    captured = models.BigIntegerField(default=0)
    state = models.CharField(_("state"), max_length=10, choices=HoldState.choices, default=HoldState.HELD)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    actor = models.CharField(_("by"), max_length=80, blank=True, default="")
    made_at = models.DateTimeField(_("at"))
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, null=True, related_name="holds", db_index=False
    )

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="ledger_hold_public_id"),
            models.UniqueConstraint(fields=["key"], name="ledger_hold_key"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(captured__gte=0) & Q(captured__lte=F("amount")), name="ledger_hold_amount"
            ),
            models.CheckConstraint(
                condition=Q(state="captured", captured__gt=0, transaction__isnull=False)
                | Q(state__in=["held", "released", "expired"], captured=0, transaction__isnull=True),
                name="ledger_hold_state",
            ),
            models.CheckConstraint(
                condition=Q(state="held", ended_at__isnull=True) | (~Q(state="held") & Q(ended_at__isnull=False)),
                name="ledger_hold_ended",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="ledger_hold_due", condition=Q(state="held"))]

    def __str__(self) -> str:
        return str(self.public_id)


class HoldPart(models.Model):
    """How much of a hold lies in which lot."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="parts", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="held_parts", db_index=False)
    amount = models.BigIntegerField()

    class Meta:
        verbose_name = _("part of a hold")
        verbose_name_plural = _("parts of holds")
        constraints = [
            models.UniqueConstraint(fields=["hold", "lot"], name="ledger_holdpart_lot"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_holdpart_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
