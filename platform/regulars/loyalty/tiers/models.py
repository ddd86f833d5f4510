"""The tiers a member climbs, where each stands, and why they moved."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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
