"""What earns points."""

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
