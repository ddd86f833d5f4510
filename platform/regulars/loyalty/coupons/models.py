"""Templates, batches, coupons and their history. Limits, codes and states are held by the database."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.money import LARGEST_AMOUNT
from regulars.public_ids import PublicIdField

WHOLE = 10_000
"""Hundredths of a percent in a whole."""
MOST_DAYS = 1_830
MOST_COUPONS = 10_000_000
MOST_IN_BATCH = 100_000
MOST_PER_MEMBER = 999


class CouponKind(models.TextChoices):
    """What a coupon gives."""

    AMOUNT = "amount", _("Amount off")
    PERCENT = "percent", _("Percent off")
    GIFT = "gift", _("Gift with the purchase")
    SERVICE = "service", _("One item free")
    SHIPPING = "shipping", _("Free delivery")


class Basis(models.TextChoices):
    """Which price a coupon counts from."""

    DISCOUNTED = "discounted", _("the price after all discounts so far")
    INITIAL = "initial", _("the list price")


class Stacking(models.TextChoices):
    """Whether a coupon goes together with others in one purchase."""

    EXCLUSIVE = "exclusive", _("alone: no other coupon beside it")
    JOINT = "joint", _("together with other coupons of this sort")


class Occasion(models.TextChoices):
    """What a coupon is meant for; some come by themselves, and then it can be given by itself."""

    NONE = "", _("No occasion")
    WELCOME = "welcome", _("Welcome")
    BIRTHDAY = "birthday", _("Birthday")
    ANNIVERSARY = "anniversary", _("Anniversary of joining")
    WAKE_UP = "wake_up", _("Long not seen")
    COMPENSATION = "compensation", _("Making good")
    MEMBER_DAY = "member_day", _("Member day")


YEARLY = (Occasion.BIRTHDAY, Occasion.ANNIVERSARY)
BY_ITSELF = (Occasion.WELCOME, *YEARLY, Occasion.WAKE_UP)
"""Occasions that come by themselves."""
MOST_DAYS_AHEAD = 60


class CouponTemplate(models.Model):
    """What a coupon promises and when it fits. Amounts in minor units, `value` of a percent coupon in hundredths.

    `words` are its name, `details` what one should know, by language. `categories` (kinds of goods) and `products`
    (public ids) say what it counts for, none of both for everything; `branches` and `terminals` (public ids) where,
    empty for everywhere; `weekdays` (0 is Monday) and `excluded_days` (ISO days, or pairs of the first and the last)
    when. It can be used from `starts_on` to `ends_on`, both included, and for `days` days from the day it is received
    (that day is the first). `most_total` are issued in all (only then are they counted in `issued`), `most_per_member`
    to one member, `most_per_day` used on one day of the business; None is no limit. In one purchase `order` says who
    comes first, the smallest does; at most `most_per_sale` of one `stacking_group` go together. One that comes back by
    a refund after its end lives on for `grace_days`.

    With `is_given_by_itself` the nights (of joining: the act itself) give it on its occasion, to those of whom the
    condition holds then: `days_ahead` of a birthday or an anniversary, or with the day after `idle_days` without a
    purchase, to one member at most once in `again_days`.
    """

    public_id = PublicIdField(prefix="cpt")
    kind = models.CharField(_("kind"), max_length=10, choices=CouponKind)
    occasion = models.CharField(_("occasion"), max_length=12, choices=Occasion, blank=True, default="")
    words = models.JSONField(_("name"), default=dict)
    details = models.JSONField(_("details"), default=dict)
    value = models.BigIntegerField(_("value"), default=0)
    most_off = models.BigIntegerField(_("takes off at most"), null=True)
    least_spend = models.BigIntegerField(_("from a spending of"), default=0)
    basis = models.CharField(_("counts from"), max_length=10, choices=Basis, default=Basis.DISCOUNTED)
    categories = models.JSONField(_("kinds of goods"), default=list)
    products = models.JSONField(_("products"), default=list)
    branches = models.JSONField(_("branches"), default=list)
    terminals = models.JSONField(_("tills"), default=list)
    condition = models.JSONField(_("for whom"), default=dict)
    weekdays = models.JSONField(_("weekdays"), default=list)
    excluded_days = models.JSONField(_("not on these days"), default=list)
    starts_on = models.DateField(_("from"), null=True)
    ends_on = models.DateField(_("until"), null=True)
    days = models.PositiveSmallIntegerField(_("days to use it"), null=True)
    most_total = models.PositiveIntegerField(_("at most in all"), null=True)
    issued = models.PositiveIntegerField(_("issued so far"), default=0)
    most_per_member = models.PositiveSmallIntegerField(_("at most for one member"), null=True)
    most_per_day = models.PositiveIntegerField(_("at most on one day"), null=True)
    is_transferable = models.BooleanField(_("may be passed on"), default=False)
    stacking = models.CharField(_("with other coupons"), max_length=10, choices=Stacking, default=Stacking.EXCLUSIVE)
    stacking_group = models.CharField(_("sort"), max_length=40, blank=True, default="")
    most_per_sale = models.PositiveSmallIntegerField(_("at most of this sort in one purchase"), default=1)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    grace_days = models.PositiveSmallIntegerField(_("days of grace after a refund"), default=7)
    is_open = models.BooleanField(_("members can take it in the portal"), default=False)
    is_given_by_itself = models.BooleanField(_("given by itself on its occasion"), default=False)
    days_ahead = models.PositiveSmallIntegerField(_("days before its day"), default=0)
    idle_days = models.PositiveSmallIntegerField(_("days without a purchase"), null=True)
    again_days = models.PositiveSmallIntegerField(_("days until it can be given again"), null=True)
    is_active = models.BooleanField(_("in use"), default=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["-is_active", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_coupontemplate_public_id"),
            models.CheckConstraint(
                condition=Q(kind="percent", value__range=(1, WHOLE))
                | Q(kind="amount", value__range=(1, LARGEST_AMOUNT))
                | Q(kind__in=["gift", "service", "shipping"], value=0),
                name="loyalty_coupontemplate_value",
            ),
            models.CheckConstraint(
                condition=Q(most_total__isnull=True) | Q(issued__lte=F("most_total")),
                name="loyalty_coupontemplate_issued",
            ),
            models.CheckConstraint(
                condition=Q(least_spend__range=(0, LARGEST_AMOUNT))
                & (Q(most_off__isnull=True) | Q(most_off__range=(1, LARGEST_AMOUNT))),
                name="loyalty_coupontemplate_amounts",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="loyalty_coupontemplate_window",
            ),
            models.CheckConstraint(
                condition=Q(is_given_by_itself=False)
                | Q(occasion__in=["welcome", "birthday", "anniversary"])
                | Q(occasion="wake_up", idle_days__gte=1, again_days__gte=1),
                name="loyalty_coupontemplate_by_itself",
            ),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)


class CouponBatch(models.Model):
    """Codes that were given out together: one `code` that all share, or `wanted` codes of which `made` are there.

    `most_claims` is how often a shared code can be had, None without end. Codes are claimed until `claim_until` (a day,
    included; None for no end). A voided batch takes its unused coupons along.
    """

    public_id = PublicIdField(prefix="cpb")
    template = models.ForeignKey(CouponTemplate, on_delete=models.PROTECT, related_name="batches", db_index=False)
    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(_("shared code"), max_length=24, blank=True, default="")
    wanted = models.PositiveIntegerField(_("codes"), default=0)
    made = models.PositiveIntegerField(_("made"), default=0)
    most_claims = models.PositiveIntegerField(_("at most in all"), null=True)
    claimed = models.PositiveIntegerField(_("claimed"), default=0)
    claim_until = models.DateField(_("claimed until"), null=True)
    job = models.CharField(max_length=24, blank=True, default="")
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("by"), max_length=80, blank=True, default="")
    voided_at = models.DateTimeField(_("voided at"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("batch of coupons")
        verbose_name_plural = _("batches of coupons")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_couponbatch_public_id"),
            models.UniqueConstraint(fields=["code"], name="loyalty_couponbatch_code", condition=~Q(code="")),
            models.CheckConstraint(
                condition=Q(code="", wanted__range=(1, MOST_IN_BATCH), made__lte=F("wanted"))
                | (~Q(code="") & Q(wanted=0, made=0)),
                name="loyalty_couponbatch_codes",
            ),
            models.CheckConstraint(
                condition=Q(most_claims__isnull=True) | Q(claimed__lte=F("most_claims")),
                name="loyalty_couponbatch_claimed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CouponState(models.TextChoices):
    """Where a coupon stands; used comes back by a full refund, void is the end."""

    ISSUED = "issued", _("Can be used")
    RESERVED = "reserved", _("Set aside for a purchase")
    USED = "used", _("Used")
    EXPIRED = "expired", _("Expired")
    VOID = "void", _("Void")


class Origin(models.TextChoices):
    """How a coupon came to be."""

    BATCH = "batch", _("Code of a batch")
    CLAIM = "claim", _("Taken in the portal")
    STAFF = "staff", _("Given by the team")
    REWARD = "reward", _("Redeemed for points")
    JOINING = "joining", _("Given for joining")
    OCCASION = "occasion", _("Given on its occasion")
    TILL = "till", _("Code at the counter")


class Coupon(models.Model):
    """One coupon. `member` is whose it is, None for a code that nobody has claimed; `code` is shown to use it.

    `number` counts what this member had of the template, None for nobody's and for void ones. It can be used before
    `ends_at`. While `reserved_for` a quote (its public id), until `reserved_until`, nothing else can use it. `amount`
    is what it took off (minor units) in the `sale` it was used in. `is_extended` one has had its days of grace.
    """

    public_id = PublicIdField(prefix="cpn")
    template = models.ForeignKey(CouponTemplate, on_delete=models.PROTECT, related_name="coupons", db_index=False)
    batch = models.ForeignKey(CouponBatch, on_delete=models.PROTECT, null=True, related_name="coupons", db_index=False)
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, null=True, related_name="coupons", db_index=False
    )
    number = models.PositiveIntegerField(null=True)
    code = models.CharField(_("code"), max_length=16, blank=True, default="")
    key = models.CharField(max_length=80, blank=True, default="")
    origin = models.CharField(_("came by"), max_length=10, choices=Origin)
    state = models.CharField(_("state"), max_length=10, choices=CouponState, default=CouponState.ISSUED)
    issued_at = models.DateTimeField(_("issued"))
    claimed_at = models.DateTimeField(_("received"), null=True)
    starts_at = models.DateTimeField(_("from"), null=True)
    ends_at = models.DateTimeField(_("ends"), null=True)
    is_extended = models.BooleanField(default=False)
    reserved_for = models.CharField(max_length=24, blank=True, default="")
    reserved_until = models.DateTimeField(null=True)
    sale = models.ForeignKey("sales.Sale", on_delete=models.PROTECT, null=True, related_name="coupons", db_index=False)
    amount = models.BigIntegerField(_("taken off"), default=0)
    used_at = models.DateTimeField(_("used"), null=True)
    used_on = models.DateField(_("used on"), null=True)
    given_by = models.CharField(_("by"), max_length=80, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("coupon of a member")
        verbose_name_plural = _("coupons of members")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="loyalty_coupon_public_id"),
            models.UniqueConstraint(fields=["code"], name="loyalty_coupon_code", condition=~Q(code="")),
            models.UniqueConstraint(fields=["key"], name="loyalty_coupon_key", condition=~Q(key="")),
            models.UniqueConstraint(fields=["member", "template", "number"], name="loyalty_coupon_number"),
            models.CheckConstraint(
                condition=Q(state="reserved", reserved_until__isnull=False)
                | (~Q(state="reserved") & Q(reserved_for="", reserved_until__isnull=True)),
                name="loyalty_coupon_reserved",
            ),
            models.CheckConstraint(
                condition=Q(state="used", sale__isnull=False, used_at__isnull=False, used_on__isnull=False)
                | (~Q(state="used") & Q(sale__isnull=True, used_at__isnull=True, used_on__isnull=True, amount=0)),
                name="loyalty_coupon_used",
            ),
        ]
        indexes = [
            models.Index(fields=["template", "batch", "state"], name="loyalty_coupon_batch"),
            models.Index(fields=["ends_at", "member"], name="loyalty_coupon_ends", condition=Q(state="issued")),
            models.Index(fields=["reserved_until"], name="loyalty_coupon_held", condition=Q(state="reserved")),
            models.Index(fields=["sale"], name="loyalty_coupon_sale", condition=Q(state="used")),
            models.Index(fields=["template", "used_on"], name="loyalty_coupon_days", condition=Q(state="used")),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class CouponMove(models.Model):
    """One step in the life of a coupon: where it went, when, by whom (a public id), in which sale, and why."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="moves")
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80, blank=True, default="")
    sale = models.ForeignKey("sales.Sale", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    amount = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("step of a coupon")
        verbose_name_plural = _("steps of coupons")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.act
