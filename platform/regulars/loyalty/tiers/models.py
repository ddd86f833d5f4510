"""The tracks of a programme, the tiers a member climbs on each, where each member stands, and why they moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Window(models.TextChoices):
    """Over which time a measure is counted."""

    ROLLING = "rolling", _("The last months up to today")
    YEAR = "year", _("This calendar year")
    TIER = "tier", _("Since the present tier began")
    LIFETIME = "lifetime", _("Since joining, for ever")


class Timing(models.TextChoices):
    """When a member who has reached a higher tier gets it."""

    AT_ONCE = "at_once", _("At once")
    AT_EVALUATION = "at_evaluation", _("On the next evaluation day")


class Evaluated(models.TextChoices):
    """On which days those who have no day of their own are looked at."""

    MONTH = "month", _("The first of each month")
    QUARTER = "quarter", _("The first of each quarter")
    YEAR = "year", _("The first of January")


class Downgrade(models.TextChoices):
    """How far a member falls who no longer holds a tier."""

    STEP = "step", _("One step down")
    REQUALIFY = "requalify", _("To the tier the figures reach now")
    BASE = "base", _("To the first tier")


class Refunds(models.TextChoices):
    """What a refund does to a tier."""

    NONE = "none", _("Nothing: what was bought counts")
    NEXT = "next", _("It counts at the next evaluation")
    AT_ONCE = "at_once", _("It counts at once")


class Track(models.Model):
    """One ladder with its rules; the default one is where every member stands from the first day.

    `basis` is `{"combine": "any" | "all", "measures": [code, …]}`; the first measure is the one that `Tier.threshold`
    is written in. No measures: tiers are given by hand alone. `keep_months` 0 keeps a tier only while it is reached.
    """

    code = models.SlugField(_("code"), max_length=20, db_index=False)
    words = models.JSONField(_("name"), default=dict)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(_("in force"), default=True)
    basis = models.JSONField(_("what counts"), default=dict)
    window = models.CharField(_("counted over"), max_length=10, choices=Window, default=Window.ROLLING)
    window_months = models.PositiveSmallIntegerField(_("months"), default=12)
    timing = models.CharField(_("upgrade"), max_length=14, choices=Timing, default=Timing.AT_ONCE)
    evaluated = models.CharField(_("evaluation day"), max_length=8, choices=Evaluated, default=Evaluated.MONTH)
    keep_months = models.PositiveSmallIntegerField(_("kept for months"), default=12)
    downgrade = models.CharField(_("downgrade"), max_length=10, choices=Downgrade, default=Downgrade.STEP)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=30)
    refunds = models.CharField(_("refunds"), max_length=8, choices=Refunds, default=Refunds.NEXT)

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering = ["-is_default", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="loyalty_track_code"),
            models.UniqueConstraint(fields=["is_default"], name="loyalty_track_default", condition=Q(is_default=True)),
            models.CheckConstraint(
                condition=Q(window_months__range=(1, 120)) & Q(keep_months__lte=120) & Q(grace_days__lte=366),
                name="loyalty_track_spans",
            ),
            models.CheckConstraint(condition=Q(is_default=False) | Q(is_active=True), name="loyalty_track_in_force"),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words) or self.code

    @property
    def measures(self) -> list[str]:
        """The codes of what counts, the leading one first; empty where tiers are given by hand."""
        return list(self.basis.get("measures", ["spend"]))

    @property
    def combine(self) -> str:
        """`all` when every measure must be reached, else `any`."""
        return "all" if self.basis.get("combine") == "all" else "any"


def default_track() -> int:
    """The database id of the track every member stands on; made where there is none yet."""
    found = Track.objects.filter(is_default=True).values_list("pk", flat=True).first()
    return found or Track.objects.create(code="main", is_default=True, words=MAIN_WORDS).pk


MAIN_WORDS = {"en": "Membership", "zh-hans": "会员等级"}


class Tier(models.Model):
    """A step of a ladder: reached with `threshold` of the track's leading measure; 0 is where everyone starts.

    Money in minor units, points and visits as they are. `further` has the thresholds of the other measures,
    `{"visits": {"entry": 10, "retain": 8}}`; `retain_threshold` (None: as much as to reach it) is what keeps the tier.
    `change` holds from `changed_from` to `changed_until`: another threshold, discount or benefits.
    `pack` is what reaching it gives: `{"points": 500, "days": 30, "cycle": "once" | "year"}`.
    `words` and `benefits` are by language, `{"en": …, "zh-hans": …}`; `discount` is in hundredths of a percent.
    """

    code = models.SlugField(_("code"), max_length=20, db_index=False)
    track = models.ForeignKey(
        Track, on_delete=models.PROTECT, related_name="tiers", default=default_track, db_index=False
    )
    words = models.JSONField(_("name"), default=dict)
    benefits = models.JSONField(_("benefits"), default=dict)
    threshold = models.PositiveBigIntegerField(_("spend to reach it"), default=0)
    retain_threshold = models.PositiveBigIntegerField(_("enough to keep it"), null=True)
    further = models.JSONField(_("further thresholds"), default=dict)
    discount = models.PositiveIntegerField(_("discount"), default=0)
    pack = models.JSONField(_("upgrade pack"), default=dict)
    change = models.JSONField(_("temporary change"), default=dict)
    changed_from = models.DateField(_("changed from"), null=True)
    changed_until = models.DateField(_("changed until"), null=True)
    colour = models.CharField(_("card colour"), max_length=7, default="#7a7f87")

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="loyalty_tier_code"),
            models.UniqueConstraint(fields=["track", "threshold"], name="loyalty_tier_threshold"),
            models.CheckConstraint(condition=Q(discount__lte=10000), name="loyalty_tier_discount"),
            models.CheckConstraint(
                condition=Q(retain_threshold__isnull=True) | Q(retain_threshold__lte=F("threshold")),
                name="loyalty_tier_retain",
            ),
            models.CheckConstraint(
                condition=Q(changed_from__isnull=True, changed_until__isnull=True)
                | Q(changed_from__isnull=False, changed_until__gte=F("changed_from")),
                name="loyalty_tier_change",
            ),
        ]

    def __str__(self) -> str:
        from regulars.words import in_language

        return in_language(self.words)

    def on(self, day: dt.date, name: str) -> Any:
        """A figure (`threshold`, `retain_threshold`, `discount`, `benefits`) as it holds on a business's day."""
        first, last = self.changed_from, self.changed_until
        is_changed = first is not None and last is not None and first <= day <= last
        changed = self.change.get(name) if is_changed else None
        return getattr(self, name) if changed is None else changed


class Place(models.Model):
    """What is known of where a member stands: the tier, since when, until when it is kept, and what a person decided.

    `review_on` is the day on which the night looks again, None where nothing can change by itself. An override that
    `is_floor` may be outgrown, another holds exactly; `override_until` None holds until a person ends it.
    """

    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="%(class)ss", db_index=False)
    since = models.DateTimeField(_("since"))
    kept_until = models.DateField(_("kept until"), null=True)
    grace_until = models.DateField(_("grace until"), null=True)
    review_on = models.DateField(_("looked at on"), null=True)
    is_overridden = models.BooleanField(_("set by hand"), default=False, db_default=False)
    is_floor = models.BooleanField(_("may be outgrown"), default=False, db_default=False)
    override_until = models.DateField(_("set until"), null=True)
    override_reason = models.CharField(_("reason"), max_length=200, default="", db_default="")
    override_by = models.CharField(_("by"), max_length=80, default="", db_default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.tier_id}"


class Standing(Place):
    """Where a member stands on the default track.

    `room` is what must still be spent (minor units) before a sale can lift the member; it holds for what `room_basis`
    stands for, see `loyalty/sql/rising.sql`.
    """

    member = models.OneToOneField("people.Member", on_delete=models.PROTECT, primary_key=True, related_name="standing")
    room = models.BigIntegerField(null=True)
    room_basis = models.CharField(max_length=32, null=True)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(fields=["review_on"], name="loyalty_standing_due", condition=Q(review_on__isnull=False)),
            models.Index(fields=["tier", "since"], name="loyalty_standing_arrived"),
        ]


class TrackStanding(Place):
    """Where a member stands on another track; without a row they stand on its first tier."""

    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, related_name="track_standings", db_index=False
    )
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="standings", db_index=False)

    class Meta:
        verbose_name = _("standing on a track")
        verbose_name_plural = _("standings on tracks")
        constraints = [models.UniqueConstraint(fields=["member", "track"], name="loyalty_trackstanding_one")]
        indexes = [
            models.Index(fields=["review_on"], name="loyalty_trackstanding_due", condition=Q(review_on__isnull=False)),
            models.Index(fields=["tier", "since"], name="loyalty_trackstanding_arrived"),
        ]


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


class TierPack(models.Model):
    """An upgrade pack that a member was given: once for each tier and cycle; never taken back."""

    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="tier_packs", db_index=False)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="packs", db_index=False)
    cycle = models.CharField(_("cycle"), max_length=8, default="", blank=True)
    points = models.PositiveIntegerField(_("points"), default=0)
    days = models.PositiveSmallIntegerField(_("days"), default=0)
    given_at = models.DateTimeField(_("at"))
    is_posted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("upgrade pack")
        verbose_name_plural = _("upgrade packs")
        constraints = [models.UniqueConstraint(fields=["member", "tier", "cycle"], name="loyalty_tierpack_once")]

    def __str__(self) -> str:
        return f"{self.tier_id} {self.cycle}"
