"""What the nights remember: the days each kind of night work stands at, and what the owner set about reminders."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NOTICE_DAYS = (30, 7, 1)
"""So many days before points end a member is reminded, unless the business says otherwise."""
COUPON_NOTICE_DAYS = (3,)
"""The same before the last day of a coupon."""


def notice_days() -> list[int]:
    """The days of a business that has set none."""
    return list(NOTICE_DAYS)


def coupon_notice_days() -> list[int]:
    """The days before a coupon ends, of a business that has set none."""
    return list(COUPON_NOTICE_DAYS)


class NightRules(models.Model):
    """How many days before their end members are reminded of points and of coupons.

    One row, the defaults until it is changed.

    `idle_from` is the day on which it was set after how many idle months points end: nobody's idleness began earlier.
    """

    notice_days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days before"), default=notice_days)
    coupon_notice_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("days before coupons end"), default=coupon_notice_days
    )
    idle_from = models.DateField(_("idleness counts from"), null=True)

    class Meta:
        verbose_name = _("rules of reminders")
        verbose_name_plural = _("rules of reminders")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="loyalty_nightrules_one_row")]

    def __str__(self) -> str:
        return ", ".join(map(str, self.notice_days))


class NightMark(models.Model):
    """Where one kind of night work stands: the first day that is not done yet, and how far it is in it.

    Days before `open_from` are done. Days from it on are gone through by what was known when their night began, however
    late a worker comes.
    """

    kind = models.CharField(max_length=20)
    open_from = models.DateField()
    cursor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark of the nights")
        verbose_name_plural = _("marks of the nights")
        constraints = [models.UniqueConstraint(fields=["kind"], name="loyalty_nightmark_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.open_from}"
