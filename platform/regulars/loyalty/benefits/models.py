"""What tiers entitle to, and each use of it. A use has a number within its period, which the database lets one have."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField

MOST_USES = 999
"""How many uses in one period may be promised."""
MOST_DAYS = 365


class BenefitKind(models.TextChoices):
    """What sort of thing a benefit is; it decides the picture, and for some what the house does by itself."""

    PRIORITY_SERVICE = "priority_service", _("Served first")
    FREE_UPGRADE = "free_upgrade", _("Free upgrade")
    LATE_CHECKOUT = "late_checkout", _("Late checkout")
    YEARLY_GIFT = "yearly_gift", _("Yearly gift")
    EARLY_ACCESS = "early_access", _("Early access")
    BUNDLE = "bundle", _("Offer with a partner")
    DISCOUNT = "discount", _("Discount")
    OTHER = "other", _("Other")


class Period(models.TextChoices):
    """After which time the uses begin anew, on the business's calendar."""

    DAY = "day", _("each day")
    WEEK = "week", _("each week")
    MONTH = "month", _("each month")
    QUARTER = "quarter", _("each quarter")
    YEAR = "year", _("each year")
    EVER = "ever", _("once and for all")


class Benefit(models.Model):
    """Something a tier entitles to. `uses` is how often in a `period`, None for as often as one likes.

    `words` is its name and `details` what staff and members should know, both by language. `points` is what a yearly
    gift credits by itself (0: staff hand something over); `days` how much earlier early access opens the shelf of
    rewards and the phases of limited editions.
    """

    code = models.SlugField(_("code"), max_length=30, db_index=False)
    kind = models.CharField(_("kind"), max_length=20, choices=BenefitKind)
    words = models.JSONField(_("name"), default=dict)
    details = models.JSONField(_("details"), default=dict)
    partner = models.CharField(_("partner"), max_length=80, blank=True, default="")
    uses = models.PositiveSmallIntegerField(_("uses"), null=True)
    period = models.CharField(_("period"), max_length=10, choices=Period, default=Period.YEAR)
    points = models.PositiveIntegerField(_("points"), default=0)
    days = models.PositiveSmallIntegerField(_("days earlier"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="loyalty_benefit_code"),
            models.CheckConstraint(
                condition=Q(uses__isnull=True) | Q(uses__range=(1, MOST_USES)), name="loyalty_benefit_uses"
            ),
            models.CheckConstraint(condition=Q(points=0) | Q(kind="yearly_gift"), name="loyalty_benefit_points"),
            models.CheckConstraint(
                condition=~Q(kind="yearly_gift") | Q(uses=1, period="year"), name="loyalty_benefit_gift_is_yearly"
            ),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)


class TierBenefit(models.Model):
    """Which tier grants a benefit; `uses` instead of the benefit's own where this tier grants another number.

    Of a yearly gift that comes by itself, all who came to the tier before `gifts_until` have been looked at for the
    period `gifts_of`; see `loyalty/benefits/yearly.py`.
    """

    tier = models.ForeignKey("loyalty.Tier", on_delete=models.CASCADE, related_name="grants", db_index=False)
    benefit = models.ForeignKey(Benefit, on_delete=models.CASCADE, related_name="grants", db_index=False)
    uses = models.PositiveSmallIntegerField(_("uses"), null=True)
    gifts_of = models.CharField(max_length=12, default="")
    gifts_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("benefit of a tier")
        verbose_name_plural = _("benefits of tiers")
        constraints = [
            models.UniqueConstraint(fields=["tier", "benefit"], name="loyalty_tierbenefit_once"),
            models.CheckConstraint(
                condition=Q(uses__isnull=True) | Q(uses__range=(1, MOST_USES)), name="loyalty_tierbenefit_uses"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier_id}: {self.benefit_id}"


class BenefitUse(models.Model):
    """One use. `number` is which of the `allowed` uses of `period_key` it took; None gives it back (undone)."""

    public_id = PublicIdField(prefix="use")
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="benefit_uses", db_index=False)
    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="taken", db_index=False)
    tier = models.ForeignKey("loyalty.Tier", on_delete=models.PROTECT, related_name="+", db_index=False)
    period_key = models.CharField(max_length=12)
    number = models.PositiveIntegerField(null=True)
    allowed = models.PositiveIntegerField(null=True)
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("at"))
    used_on = models.DateField(_("day"))
    branch = models.ForeignKey(
        "organisation.Branch", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    staff = models.ForeignKey(
        "organisation.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    transaction = models.ForeignKey(
        "ledger.Transaction", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("use of a benefit")
        verbose_name_plural = _("uses of benefits")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_benefituse_public_id"),
            models.UniqueConstraint(fields=["key"], name="loyalty_benefituse_key"),
            models.UniqueConstraint(
                fields=["member", "benefit", "period_key", "number"], name="loyalty_benefituse_number"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | (Q(number__gte=1) & (Q(allowed__isnull=True) | Q(number__lte=F("allowed")))),
                name="loyalty_benefituse_allowed",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=False, undone_at__isnull=True)
                | Q(number__isnull=True, undone_at__isnull=False),
                name="loyalty_benefituse_undone",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
