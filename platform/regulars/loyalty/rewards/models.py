"""The shelf and what was taken from it. Stock and how many one member may have are held by the database."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField

MOST_POINTS = 10_000_000
MOST_STOCK = 1_000_000
MOST_PER_MEMBER = 999
MOST_COLLECT_DAYS = 730


class RewardKind(models.TextChoices):
    """What points are redeemed for."""

    GOODS = "goods", _("Goods")
    COUPON = "coupon", _("Coupon")
    SERVICE = "service", _("Service")
    PRIVILEGE = "privilege", _("Privilege")


class Reward(models.Model):
    """Something on the shelf for `points`. `stock` is what is left, None without end; `per_member` None without end.

    `words` is its name and `details` what one should know, by language. `branches` are the public ids of those that
    hand it over, empty for all. It can be had from `offered_from` to `offered_until` (days of the business, both
    included) by whom `condition` holds for, and is to be collected within `collect_days` (0: at any time).
    `picture` is one of the library's; `picture_words` say by language what it shows, empty where the name says enough.
    `coupon` is what a reward of the kind "coupon" issues; without one it is one on paper, handed over as goods are.
    """

    public_id = PublicIdField(prefix="rew")
    kind = models.CharField(_("kind"), max_length=10, choices=RewardKind, default=RewardKind.GOODS)
    words = models.JSONField(_("name"), default=dict)
    details = models.JSONField(_("details"), default=dict)
    points = models.PositiveIntegerField(_("points"))
    stock = models.IntegerField(_("in stock"), null=True)
    per_member = models.PositiveSmallIntegerField(_("most for one member"), null=True)
    branches = models.JSONField(_("handed over at"), default=list)
    offered_from = models.DateField(_("from"), null=True)
    offered_until = models.DateField(_("until"), null=True)
    collect_days = models.PositiveSmallIntegerField(_("days to collect it"), default=0)
    condition = models.JSONField(_("for whom"), default=dict)
    picture = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("picture"),
    )
    picture_words = models.JSONField(_("what the picture shows"), default=dict)
    coupon = models.ForeignKey(
        "loyalty.CouponTemplate",
        on_delete=models.PROTECT,
        null=True,
        related_name="rewards",
        db_index=False,
        verbose_name=_("coupon"),
    )
    is_active = models.BooleanField(_("on the shelf"), default=True)

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["points", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_reward_public_id"),
            models.CheckConstraint(condition=Q(points__range=(1, MOST_POINTS)), name="loyalty_reward_points"),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__range=(0, MOST_STOCK)), name="loyalty_reward_stock"
            ),
            models.CheckConstraint(
                condition=Q(per_member__isnull=True) | Q(per_member__range=(1, MOST_PER_MEMBER)),
                name="loyalty_reward_per_member",
            ),
            models.CheckConstraint(
                condition=Q(offered_from__isnull=True)
                | Q(offered_until__isnull=True)
                | Q(offered_until__gte=F("offered_from")),
                name="loyalty_reward_offered",
            ),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)


class RedemptionState(models.TextChoices):
    """Where a redemption stands; handed over, cancelled and expired are the end."""

    ORDERED = "ordered", _("Ordered")
    READY = "ready", _("Ready to collect")
    HANDED_OVER = "handed_over", _("Handed over")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Not collected in time")


OPEN_STATES = (RedemptionState.ORDERED, RedemptionState.READY)


class Redemption(models.Model):
    """Points turned into a reward. `code` is shown to collect it, once; its last character is a check digit.

    `number` counts what this member had of this reward; None once it was given back. `branch` is where it is to be
    collected (None: wherever it is handed over), then where it was. `words` and `points` are as they were.
    """

    public_id = PublicIdField(prefix="rdm")
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="redemptions", db_index=False)
    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="redemptions", db_index=False)
    number = models.PositiveIntegerField(null=True)
    allowed = models.PositiveIntegerField(null=True)
    words = models.JSONField(_("reward"), default=dict)
    points = models.PositiveIntegerField(_("points"))
    state = models.CharField(_("state"), max_length=12, choices=RedemptionState, default=RedemptionState.ORDERED)
    code = models.CharField(_("code"), max_length=12)
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="redemptions", db_index=False
    )
    branch = models.ForeignKey(
        "organisation.Branch", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    ordered_at = models.DateTimeField(_("ordered at"))
    ordered_on = models.DateField(_("ordered on"))
    expires_at = models.DateTimeField(_("collect before"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.CharField(_("by"), max_length=80, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_redemption_public_id"),
            models.UniqueConstraint(fields=["key"], name="loyalty_redemption_key"),
            models.UniqueConstraint(fields=["code"], name="loyalty_redemption_code"),
            models.UniqueConstraint(fields=["member", "reward", "number"], name="loyalty_redemption_number"),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | (Q(number__gte=1) & (Q(allowed__isnull=True) | Q(number__lte=F("allowed")))),
                name="loyalty_redemption_allowed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ordered", "ready"], number__isnull=False, closed_at__isnull=True)
                | Q(state="handed_over", number__isnull=False, closed_at__isnull=False)
                | Q(state__in=["cancelled", "expired"], number__isnull=True, closed_at__isnull=False),
                name="loyalty_redemption_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], name="loyalty_redemption_open", condition=Q(state__in=["ordered", "ready"])
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)
