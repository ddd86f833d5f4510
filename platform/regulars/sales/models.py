"""What a member buys and how it is undone: quote, sale, refund. Only `regulars.sales.services` writes here."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class Quote(models.Model):
    """A price given for a basket, with everything that explains it; confirming takes it as it stands or not at all.

    `content` is the draft as `regulars.sales.quoting.QuoteDraft` writes it; `fingerprint` covers what must still hold.
    """

    public_id = PublicIdField(prefix="quo")
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, null=True, related_name="+")
    branch = models.ForeignKey("organisation.Branch", on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    quoted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        constraints = [models.UniqueConstraint(fields=["public_id"], name="sales_quote_public_id")]
        indexes = [models.Index(fields=["expires_at"], name="sales_quote_expires")]

    def __str__(self) -> str:
        return str(self.public_id)


class Sale(models.Model):
    """A confirmed sale. Amounts in minor units: `list_total` before and `total` after `discount_total`."""

    public_id = PublicIdField(prefix="sal")
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    number = models.CharField(_("receipt number"), max_length=24)
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, null=True, related_name="sales", db_index=False
    )
    branch = models.ForeignKey("organisation.Branch", on_delete=models.PROTECT, related_name="+", db_index=False)
    terminal = models.ForeignKey(
        "organisation.Terminal", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    cashier = models.ForeignKey(
        "organisation.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="sales", db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    list_total = models.BigIntegerField(_("list price"))
    discount_total = models.BigIntegerField(_("discount"), default=0)
    total = models.BigIntegerField(_("total"))
    refunded_total = models.BigIntegerField(_("refunded"), default=0)
    points_earned = models.BigIntegerField(_("points earned"), default=0)
    points_taken_back = models.BigIntegerField(_("points taken back"), default=0)
    payment_source = models.CharField(_("paid by"), max_length=40, default="cash")
    received = models.BigIntegerField(_("cash received"), default=0)
    explanation = models.JSONField(default=dict)
    contributions = models.JSONField(default=list)
    confirmed_at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("day"))

    class Meta:
        verbose_name = _("sale")
        verbose_name_plural = _("sales")
        ordering = ["-confirmed_at"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="sales_sale_public_id"),
            models.UniqueConstraint(fields=["key"], name="sales_sale_key"),
            models.CheckConstraint(condition=Q(total=F("list_total") - F("discount_total")), name="sales_sale_total"),
            models.CheckConstraint(
                condition=Q(refunded_total__gte=0) & Q(refunded_total__lte=F("total")), name="sales_sale_refunded"
            ),
            models.CheckConstraint(
                condition=Q(points_taken_back__gte=0) & Q(points_taken_back__lte=F("points_earned")),
                name="sales_sale_points",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "business_date"], include=["total", "refunded_total"], name="sales_sale_by_member"
            ),
            models.Index(
                fields=["business_date"], include=["member", "total", "refunded_total"], name="sales_sale_by_day"
            ),
            models.Index(fields=["-confirmed_at"], name="sales_sale_newest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def can_be_refunded(self) -> bool:
        """Whether something of it is left; a sale that cost nothing can be given back once, with what came with it."""
        if self.total:
            return bool(self.refunded_total < self.total)
        return not self.refunds.all()


class SaleLine(models.Model):
    """One line of a sale; `amount` is what was charged for it, `list_amount` what it would have cost.

    `category` is the kind of goods in the words of the business, empty for none; `product` the public id of what the
    catalogue priced, empty for an amount that was typed. `tax` (minor units) is contained in `amount`, at `tax_rate`
    hundredths of a percent; `refunded` is what of `amount` went back.
    """

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("what"), max_length=120)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    list_amount = models.BigIntegerField(_("list price"))
    amount = models.BigIntegerField(_("charged"))
    category = models.CharField(_("kind of goods"), max_length=40, blank=True, default="")
    product = models.CharField(_("product"), max_length=24, blank=True, default="", db_default="")
    tax_rate = models.PositiveIntegerField(_("tax rate"), default=0, db_default=0)
    tax = models.BigIntegerField(_("tax contained"), default=0, db_default=0)
    refunded = models.BigIntegerField(_("refunded"), default=0)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=F("amount")), name="sales_saleline_refunded"
            )
        ]

    def __str__(self) -> str:
        return self.description


class SalePayment(models.Model):
    """One part of what a sale was paid with, where it was paid with several, or with value from a wallet.

    `amount` (minor units) of the sale's total was paid from `source`. `units` of an `asset` (points, or what a module
    keeps) left the member's wallet for it, by `transaction`; money from outside moves nothing here. `received` is cash
    handed over, `reference` what the source knows the payment by, `refunded` how much of `amount` went back to it.
    """

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="payments")
    source = models.CharField(_("paid by"), max_length=40)
    amount = models.BigIntegerField(_("amount"))
    received = models.BigIntegerField(_("cash received"), default=0)
    asset = models.CharField(_("kind of value"), max_length=40, blank=True, default="")
    units = models.BigIntegerField(_("units"), default=0)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    refunded = models.BigIntegerField(_("refunded"), default=0)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) & Q(refunded__gte=0) & Q(refunded__lte=F("amount")),
                name="sales_salepayment_refunded",
            ),
            models.CheckConstraint(
                condition=Q(asset="", units=0, transaction=None) | (~Q(asset="") & Q(units__gt=0)),
                name="sales_salepayment_units",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"


class OnHoldState(models.TextChoices):
    """How a sale on hold stands; it ends once, and money that comes afterwards is told apart."""

    WAITING = "waiting", _("Waiting for the payment")
    SETTLED = "settled", _("Paid and sold")
    GIVEN_UP = "given_up", _("Given up")
    ENDED = "ended", _("Time is over")
    TO_PAY_BACK = "to_pay_back", _("To be paid back")
    PAID_BACK = "paid_back", _("Paid back")


class SaleOnHold(models.Model):
    """A sale that waits for a payment which settles later; its price is promised until `ends_at`.

    `parts` are all payments as they were asked for, `amount` (minor units) what `source` is to settle, and `reference`
    by what the source knows it, `notice` the key under which it was told without one. `shown` is what the customer sees
    in order to pay. It becomes `sale`, under `sale_key`; `reason` says why money is to be paid back. Of one quote
    `number` 0 waits; the others are payments that came beside it, a second one or one of another amount, and are to be
    paid back.
    """

    public_id = PublicIdField(prefix="soh")
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="on_hold", db_index=False)
    number = models.PositiveSmallIntegerField(default=0)
    branch = models.ForeignKey(
        "organisation.Branch", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("branch")
    )
    terminal = models.ForeignKey(
        "organisation.Terminal",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("till"),
    )
    cashier = models.ForeignKey(
        "organisation.Staff",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("cashier"),
    )
    sale_key = models.CharField(max_length=80)
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(_("paid by"), max_length=40)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    parts = models.JSONField(default=list)
    shown = models.JSONField(default=dict)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    notice = models.CharField(max_length=80, blank=True, default="", db_default="")
    state = models.CharField(_("state"), max_length=12, choices=OnHoldState.choices, default=OnHoldState.WAITING)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    held_at = models.DateTimeField(_("at"))
    ends_at = models.DateTimeField(_("waits until"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("sale on hold")
        verbose_name_plural = _("sales on hold")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="sales_onhold_public_id"),
            models.UniqueConstraint(fields=["key"], name="sales_onhold_key"),
            models.UniqueConstraint(fields=["quote", "number"], name="sales_onhold_quote"),
            models.CheckConstraint(
                condition=Q(number=0) | Q(state__in=["to_pay_back", "paid_back"]), name="sales_onhold_beside"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="sales_onhold_amount"),
            models.CheckConstraint(
                condition=Q(state="settled", sale__isnull=False) | (~Q(state="settled") & Q(sale__isnull=True)),
                name="sales_onhold_sale",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="sales_onhold_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "ends_at"],
                name="sales_onhold_open",
                condition=Q(state__in=["waiting", "to_pay_back"]),
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_waiting(self) -> bool:
        """Whether its payment is still awaited, as far as anybody has noted."""
        return self.state == OnHoldState.WAITING


class Refund(models.Model):
    """One refund of a sale, whole or in part.

    `points_missing` are points that it was to take back and found spent: let off, but for `points_charged` of them, for
    which `charged` (minor units) was kept back of the `amount`. `payments` says what went back to each part of a
    payment, where there were several: `[{"source", "amount", "asset", "units"}]`.
    """

    public_id = PublicIdField(prefix="ref")
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="refunds")
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="refunds", db_index=False
    )
    amount = models.BigIntegerField(_("amount"))
    points_taken_back = models.BigIntegerField(_("points taken back"), default=0)
    points_missing = models.BigIntegerField(_("points missing"), default=0, db_default=0)
    points_charged = models.BigIntegerField(_("of these paid for"), default=0, db_default=0)
    charged = models.BigIntegerField(_("kept back for points"), default=0, db_default=0)
    payments = models.JSONField(_("to each payment"), default=list, db_default=[])
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    cashier = models.ForeignKey(
        "organisation.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    refunded_at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("day"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-refunded_at"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="sales_refund_public_id"),
            models.UniqueConstraint(fields=["key"], name="sales_refund_key"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="sales_refund_amount"),
            models.CheckConstraint(
                condition=Q(
                    charged__gte=0,
                    charged__lte=F("amount"),
                    points_charged__gte=0,
                    points_charged__lte=F("points_missing"),
                ),
                name="sales_refund_missing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def paid_back(self) -> int:
        """The money that the customer got, minor units."""
        return int(self.amount - self.charged - sum(part["amount"] for part in self.payments if part["asset"]))
