"""What happened on each day, kept by the acts themselves, so that no figure has to count sales or members again."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

HOURS = 24


def no_hours() -> list[int]:
    """Nothing in any hour of the day."""
    return [0] * HOURS


class Day(models.Model):
    """A part of what happened on one of the business's days, at one branch and on one tier; amounts in minor units.

    A key has several rows, which add up: an act notes itself on a row that nobody else holds at that moment, or opens
    one. So no till waits for another, and there are never more rows than acts were under way at once. `branch` is a
    database id, 0 for what belongs to no branch; `tier` the code of the tier the member bought at, empty for guests.
    """

    business_date = models.DateField(_("day"))
    branch = models.BigIntegerField(_("branch"), default=0)
    tier = models.CharField(_("tier"), max_length=20, blank=True, default="")
    sales = models.BigIntegerField(_("sales"), default=0)
    total = models.BigIntegerField(_("sold"), default=0)
    discounts = models.BigIntegerField(_("discounts"), default=0)
    member_sales = models.BigIntegerField(_("sales to members"), default=0)
    member_total = models.BigIntegerField(_("sold to members"), default=0)
    refunds = models.BigIntegerField(_("refunds"), default=0)
    refunded = models.BigIntegerField(_("refunded"), default=0)
    joined = models.BigIntegerField(_("new members"), default=0)
    points_issued = models.BigIntegerField(_("points issued"), default=0)
    points_taken_back = models.BigIntegerField(_("points taken back"), default=0)
    points_spent = models.BigIntegerField(_("points spent"), default=0)
    points_adjusted = models.BigIntegerField(_("points adjusted"), default=0)
    hourly_sales = ArrayField(models.BigIntegerField(), verbose_name=_("sales by hour"), default=no_hours)
    hourly_total = ArrayField(models.BigIntegerField(), verbose_name=_("sold by hour"), default=no_hours)
    hourly_refunded = ArrayField(models.BigIntegerField(), verbose_name=_("refunded by hour"), default=no_hours)
    points_expired = models.BigIntegerField(_("points expired"), default=0, db_default=0)

    class Meta:
        verbose_name = _("day")
        verbose_name_plural = _("days")
        indexes = [models.Index(fields=["business_date", "branch", "tier"], name="insights_day_key")]

    def __str__(self) -> str:
        return f"{self.business_date} {self.branch} {self.tier}".strip()


COUNTED = (
    "sales",
    "total",
    "discounts",
    "member_sales",
    "member_total",
    "refunds",
    "refunded",
    "joined",
    "points_issued",
    "points_taken_back",
    "points_spent",
    "points_adjusted",
    "points_expired",
)
"""What a day counts, by column."""
