"""What earns points: rules, what each gave to whom, how much of a cap is used, tasks, causes and settings."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField

LARGEST_POINTS = 1_000_000
"""No rule gives more at once."""


class Kind(models.TextChoices):
    """How a rule counts."""

    PER_AMOUNT = "per_amount", _("points for what is spent")
    FIXED = "fixed", _("a fixed number of points")
    MULTIPLIER = "multiplier", _("a multiple of the points for what is spent")


class Period(models.TextChoices):
    """How often something counts anew."""

    ONCE = "once", _("once")
    DAY = "day", _("every day")
    WEEK = "week", _("every week")
    MONTH = "month", _("every month")
    YEAR = "year", _("every year")


class Within(models.TextChoices):
    """Over what the spending that a threshold asks for is added up."""

    SALE = "sale", _("in one purchase")
    MONTH = "month", _("in a calendar month")
    YEAR = "year", _("in a calendar year")
    EVER = "ever", _("in all")


class Around(models.TextChoices):
    """How near to the birthday a rule holds."""

    ANY = "", _("on any day")
    DAY = "day", _("on the birthday")
    WEEK = "week", _("in the week of the birthday")
    MONTH = "month", _("in the month of the birthday")


class PointsRule(models.Model):
    """Trigger, conditions, and what it gives: `points` at once, `points` per `per_amount` minor units, or a `factor`.

    `factor` is in hundredths (200: double) and multiplies what the rules for spending give. Empty lists restrict
    nothing; branches and terminals are public ids, tiers codes, weekdays 0 (Monday) to 6. Caps are points: of one sale,
    of one member in a period, of everybody in all; None for no cap. In a `stacking_group` one rule wins.
    """

    public_id = PublicIdField(prefix="rul")
    name = models.CharField(_("name"), max_length=80)
    trigger = models.CharField(_("when"), max_length=60, default="sale")
    kind = models.CharField(_("how"), max_length=12, choices=Kind.choices, default=Kind.PER_AMOUNT)
    points = models.PositiveIntegerField(_("points"), default=1)
    per_amount = models.PositiveBigIntegerField(_("for every"), default=0)
    whole_steps = models.BooleanField(_("only for full amounts"), default=False)
    factor = models.PositiveIntegerField(_("times"), default=100)
    least_amount = models.PositiveBigIntegerField(_("from a spending of"), default=0)
    within = models.CharField(_("added up"), max_length=6, choices=Within.choices, default=Within.SALE)
    condition = models.JSONField(_("condition"), default=dict, blank=True)
    branches = models.JSONField(_("branches"), default=list, blank=True)
    terminals = models.JSONField(_("tills"), default=list, blank=True)
    categories = models.JSONField(_("kinds of goods"), default=list, blank=True)
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    weekdays = models.JSONField(_("weekdays"), default=list, blank=True)
    month_days = models.JSONField(_("days of the month"), default=list, blank=True)
    around_birthday = models.CharField(
        _("birthday"), max_length=5, choices=Around.choices, default=Around.ANY, blank=True
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    stacking_group = models.CharField(_("group"), max_length=40, blank=True, default="")
    priority = models.SmallIntegerField(_("priority"), default=0)
    cap_sale = models.PositiveBigIntegerField(_("at most, per purchase"), null=True, blank=True)
    cap_day = models.PositiveBigIntegerField(_("at most, per member and day"), null=True, blank=True)
    cap_week = models.PositiveBigIntegerField(_("at most, per member and week"), null=True, blank=True)
    cap_month = models.PositiveBigIntegerField(_("at most, per member and month"), null=True, blank=True)
    cap_year = models.PositiveBigIntegerField(_("at most, per member and year"), null=True, blank=True)
    cap_total = models.PositiveBigIntegerField(_("at most, for everybody in all"), null=True, blank=True)
    pending_days = models.PositiveSmallIntegerField(_("days until usable"), default=0)
    expires_after_months = models.PositiveSmallIntegerField(_("expire after months"), default=12)
    expiry = models.JSONField(_("expiry"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("points rule")
        verbose_name_plural = _("points rules")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_rule_public_id"),
            models.CheckConstraint(
                condition=~Q(kind=Kind.PER_AMOUNT) | Q(per_amount__gt=0), name="loyalty_rule_amount"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.MULTIPLIER, factor__gt=100) | (~Q(kind=Kind.MULTIPLIER) & Q(points__gt=0)),
                name="loyalty_rule_gives",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="loyalty_rule_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Award(models.Model):
    """What one rule gave one member on one occasion, never twice; `taken_back` is what refunds undid of it.

    `missing` is what they were to undo and found spent, let off or paid for (see `IfSpent`): it is not asked for again.
    `base` is the spending it counted (minor units), `lines` the share of each line of the sale ([position, points])
    where the rule looked at kinds of goods. `counted` names the caps that it used up.
    """

    rule = models.ForeignKey(PointsRule, on_delete=models.PROTECT, related_name="awards", db_index=False)
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="awards", db_index=False)
    occasion = models.CharField(max_length=100)
    transaction = models.ForeignKey("ledger.Transaction", on_delete=models.PROTECT, related_name="+", db_index=False)
    points = models.BigIntegerField(_("points"))
    taken_back = models.BigIntegerField(_("taken back"), default=0)
    missing = models.BigIntegerField(_("missing"), default=0, db_default=0)
    base = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    counted = models.JSONField(default=list)
    awarded_on = models.DateField(_("day"))

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            models.UniqueConstraint(fields=["member", "occasion", "rule"], name="loyalty_award_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="loyalty_award_points"),
            models.CheckConstraint(
                condition=Q(taken_back__gte=0, missing__gte=0, taken_back__lte=F("points") - F("missing")),
                name="loyalty_award_taken_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} {self.points}"


class CapUse(models.Model):
    """How many points of a rule's cap are used: by a member (`holder`) in a `period`, or by everybody (holder 0)."""

    rule = models.ForeignKey(PointsRule, on_delete=models.CASCADE, related_name="+", db_index=False)
    holder = models.BigIntegerField()
    period = models.CharField(max_length=16)
    used = models.BigIntegerField()

    class Meta:
        verbose_name = _("use of a cap")
        verbose_name_plural = _("uses of caps")
        constraints = [
            models.UniqueConstraint(fields=["rule", "holder", "period"], name="loyalty_capuse_one"),
            models.CheckConstraint(condition=Q(used__gte=0), name="loyalty_capuse_used"),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.used}"


class Task(models.Model):
    """Something a member can do for points besides buying; staff or another system say that it is done."""

    public_id = PublicIdField(prefix="tsk")
    code = models.CharField(_("code"), max_length=40)
    words = models.JSONField(_("name"), default=dict)
    period = models.CharField(_("counts"), max_length=5, choices=Period.choices, default=Period.ONCE)
    rule = models.OneToOneField(PointsRule, on_delete=models.PROTECT, related_name="task")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_task_public_id"),
            models.UniqueConstraint(fields=["code"], name="loyalty_task_code"),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)


class Cause(models.Model):
    """Something good that members may give points to."""

    public_id = PublicIdField(prefix="cau")
    words = models.JSONField(_("name"), default=dict)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        constraints = [models.UniqueConstraint(fields=["public_id"], name="loyalty_cause_public_id")]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)


class IfSpent(models.TextChoices):
    """What a refund does where points it takes back are spent already."""

    CLAMP = "clamp", _("only what is left is taken back")
    NEGATIVE = "negative", _("the balance goes below zero, and the next points pay it back")
    CHARGE = "charge", _("what is missing is kept back from the money")


class PointsSettings(models.Model):
    """What holds for all points, one row: gifts between members, what ends by idleness, and what comes back.

    `hundred_worth` is what 100 points are worth, in minor units of the business's currency; 0 where nobody has said it.
    Points pay a part of a sale at that worth: at most `offset_share` percent of it (0: never), at least `offset_least`.
    """

    gifts = models.BooleanField(_("members may give points to each other"), default=False)
    gift_least = models.PositiveIntegerField(_("smallest gift"), default=10)
    gift_cap_day = models.PositiveIntegerField(_("most that a member gives in a day"), default=500)
    idle_months = models.PositiveSmallIntegerField(_("points end after so many months without a purchase"), default=0)
    reinstate_days = models.PositiveSmallIntegerField(_("expired points can come back for so many days"), default=30)
    if_spent = models.CharField(
        _("a refund whose points are spent"), max_length=8, choices=IfSpent.choices, default=IfSpent.NEGATIVE
    )
    hundred_worth = models.PositiveBigIntegerField(_("worth of 100 points"), default=0)
    offset_share = models.PositiveSmallIntegerField(
        _("most of a sale that points pay, in %"), default=50, db_default=50
    )
    offset_least = models.PositiveIntegerField(_("fewest points that pay"), default=100, db_default=100)

    class Meta:
        verbose_name = _("settings of points")
        verbose_name_plural = _("settings of points")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="loyalty_points_one_row"),
            models.CheckConstraint(
                condition=~Q(if_spent=IfSpent.CHARGE) | Q(hundred_worth__gt=0), name="loyalty_points_worth"
            ),
            models.CheckConstraint(condition=Q(offset_share__lte=100), name="loyalty_points_offset"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
