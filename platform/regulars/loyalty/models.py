"""What loyalty earns: the points rule and the tiers a member climbs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class PointsRule(models.Model):
    """`points` for every full `per_amount` minor units spent; several active rules add up.

    Expiry: end of the month after `expires_after_months` (0: never). `pending_days` delays when points can be used.
    """

    public_id = PublicIdField(prefix="rul")
    name = models.CharField(_("name"), max_length=80)
    points = models.PositiveIntegerField(_("points"), default=1)
    per_amount = models.PositiveBigIntegerField(_("for every"))
    pending_days = models.PositiveSmallIntegerField(_("days until usable"), default=0)
    expires_after_months = models.PositiveSmallIntegerField(_("expire after months"), default=12)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("points rule")
        verbose_name_plural = _("points rules")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_rule_public_id"),
            models.CheckConstraint(condition=Q(per_amount__gt=0), name="loyalty_rule_per_amount"),
            models.CheckConstraint(condition=Q(points__gt=0), name="loyalty_rule_points"),
        ]

    def __str__(self) -> str:
        return self.name


class Tier(models.Model):
    """A step of the ladder: reached by spending `threshold` minor units within 12 months; 0 is where everyone starts.

    `words` and `benefits` are by language, `{"en": …, "zh-hans": …}`; `discount` is in hundredths of a percent.
    """

    code = models.SlugField(_("code"), max_length=20, db_index=False)
    words = models.JSONField(_("name"), default=dict)
    benefits = models.JSONField(_("benefits"), default=dict)
    threshold = models.PositiveBigIntegerField(_("spend to reach it"), default=0)
    discount = models.PositiveIntegerField(_("discount"), default=0)
    colour = models.CharField(_("card colour"), max_length=7, default="#7a7f87")

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="loyalty_tier_code"),
            models.UniqueConstraint(fields=["threshold"], name="loyalty_tier_threshold"),
            models.CheckConstraint(condition=Q(discount__lte=10000), name="loyalty_tier_discount"),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)


class Standing(models.Model):
    """Where a member stands: the tier, since when, and until when it is kept at least."""

    member = models.OneToOneField("people.Member", on_delete=models.PROTECT, primary_key=True, related_name="standing")
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="standings")
    since = models.DateTimeField(_("since"))
    kept_until = models.DateField(_("kept until"), null=True)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")

    def __str__(self) -> str:
        return f"{self.member_id}: {self.tier_id}"


class TierMove(models.Model):
    """Why a member's tier changed: inputs, thresholds and result as they were, so that staff can answer."""

    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="tier_moves")
    previous = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, related_name="+")
    current = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+")
    explanation = models.JSONField(default=dict)
    moved_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("tier move")
        verbose_name_plural = _("tier moves")
        ordering = ["-moved_at"]

    def __str__(self) -> str:
        return f"{self.previous_id} → {self.current_id}"
