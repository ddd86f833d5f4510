"""What the counter keeps of itself: shifts with their drawers, and what holds at every till.

Sales carry their shift by till and instant; only a refund, which knows no till, has a row that says where it was done.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField

LONGEST_LOCK = 240
LONGEST_VOID = 240


class Shift(models.Model):
    """A drawer from opening to closing, at one till or, where a branch has none, at the branch; minor units.

    `counts` holds the pieces by the worth of one, `expected` and `figures` what was true at the instant of closing, and
    `kept` what stays in the drawer for the next shift.
    """

    public_id = PublicIdField(prefix="shf")
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
    currency = models.CharField(_("currency"), max_length=3)
    business_date = models.DateField(_("day"))
    key = models.CharField(max_length=80)
    opening_float = models.BigIntegerField(_("float"))
    opened_by = models.ForeignKey(
        "organisation.Staff",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("opened by"),
    )
    opened_at = models.DateTimeField(_("opened"))
    closed_by = models.ForeignKey(
        "organisation.Staff",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("closed by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True)
    closing_key = models.CharField(max_length=80, blank=True, default="")
    counts = models.JSONField(default=dict)
    counted = models.BigIntegerField(_("counted"), null=True)
    expected = models.BigIntegerField(_("expected"), null=True)
    kept = models.BigIntegerField(_("stays in the drawer"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    figures = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="counter_shift_public_id"),
            models.UniqueConstraint(
                fields=["branch", "terminal"],
                name="counter_shift_one_open",
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(opening_float__gte=0), name="counter_shift_float"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, counted__isnull=True, expected__isnull=True)
                | Q(
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    counted__gte=0,
                    expected__isnull=False,
                    kept__gte=0,
                    kept__lte=models.F("counted"),
                ),
                name="counter_shift_closed",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(counted=models.F("expected")) | ~Q(reason=""),
                name="counter_shift_difference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terminal or self.branch} · {self.business_date}"

    @property
    def is_open(self) -> bool:
        """Whether its drawer was not counted yet."""
        return self.closed_at is None

    @property
    def difference(self) -> int | None:
        """What was counted above (or below) what was expected, None while it is open."""
        return None if self.counted is None or self.expected is None else int(self.counted - self.expected)


class CashMovement(models.Model):
    """Cash put into a drawer or taken out of it besides selling: `amount` is below zero for what was taken out."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="movements", db_index=False)
    key = models.CharField(max_length=80)
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200)
    moved_by = models.ForeignKey("organisation.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    moved_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("cash in or out")
        verbose_name_plural = _("cash in and out")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shift", "key"], name="counter_movement_key"),
            models.CheckConstraint(condition=~Q(amount=0) & ~Q(reason=""), name="counter_movement_amount"),
        ]

    def __str__(self) -> str:
        return self.reason


class TillRefund(models.Model):
    """At which till a refund was done: by its key, which is known before it is done, even where somebody approves it.

    A refund without such a row came by another door, and its money from the till of its sale.
    """

    key = models.CharField(max_length=80)
    branch = models.ForeignKey("organisation.Branch", on_delete=models.PROTECT, related_name="+", db_index=False)
    terminal = models.ForeignKey(
        "organisation.Terminal", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("refund at a till")
        verbose_name_plural = _("refunds at tills")
        constraints = [models.UniqueConstraint(fields=["key"], name="counter_refund_key")]

    def __str__(self) -> str:
        return self.key


class CounterSettings(models.Model):
    """What holds at every till, one row. Minutes; 0 switches it off."""

    lock_after = models.PositiveSmallIntegerField(
        _("a till locks after so many idle minutes"), default=10, validators=[MaxValueValidator(LONGEST_LOCK)]
    )
    void_within = models.PositiveSmallIntegerField(
        _("the last sale can be voided for so many minutes"), default=15, validators=[MaxValueValidator(LONGEST_VOID)]
    )
    needs_shift = models.BooleanField(_("nothing is sold without an open shift"), default=False)

    class Meta:
        verbose_name = _("settings of the counter")
        verbose_name_plural = _("settings of the counter")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="counter_settings_one_row")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
