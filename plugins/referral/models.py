"""Who brought whom. One row per friend, ever: the database holds depth at one and a friend at one referrer.

Only `plugins.referral.services` writes here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.public_ids import PublicIdField


class Invitation(models.Model):
    """The code by which one member invites; its row is locked while that member's rewards are counted."""

    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(_("code"), max_length=12, editable=False)
    made_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("invitation code")
        verbose_name_plural = _("invitation codes")
        constraints = [
            models.UniqueConstraint(fields=["member"], name="referral_invitation_member"),
            models.UniqueConstraint(fields=["code"], name="referral_invitation_code"),
        ]

    def __str__(self) -> str:
        return self.code


class State(models.TextChoices):
    """`invited → joined → qualified → rewarded`, or rejected or expired on the way."""

    INVITED = "invited", _("Invited")
    JOINED = "joined", pgettext_lazy("referral", "Joined")
    QUALIFIED = "qualified", _("Bought, on hold")
    REWARDED = "rewarded", _("Rewarded")
    REJECTED = "rejected", _("Rejected")
    EXPIRED = "expired", _("Expired")


OPEN = (State.INVITED, State.JOINED, State.QUALIFIED)


class Ended(models.TextChoices):
    """Why a referral gives nothing, or gave less."""

    REFUNDED = "refunded", _("The purchase was refunded")
    STAFF = "staff", _("One of the two works here")
    REVIEWED = "reviewed", _("Decided after a look")
    LEFT = "left", _("One of the two is no longer a member")
    MONTHLY_CAP = "monthly_cap", _("The member who invited had all rewards of the month")
    TOTAL_CAP = "total_cap", _("The member who invited had all rewards there are")
    TOO_LATE = "too_late", _("Nothing happened in time")


class Referral(models.Model):
    """One friend of one member, from accepting the invitation to the reward of both.

    `friend` is empty until somebody joins. The four terms are those promised on that day (points; minor units; days).
    `sale` is the public id of the purchase that counts. The points are what was really given, and stay written when
    they are taken back. `due_at` is when the next step falls due by itself, empty while none does; `suspicions` are
    codes of `plugins.referral.suspicion`.
    """

    public_id = PublicIdField(prefix="rfr")
    referrer = models.ForeignKey("people.Member", on_delete=models.PROTECT, related_name="+", db_index=False)
    friend = models.ForeignKey("people.Member", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    invited_at = models.DateTimeField(_("invited"))
    joined_at = models.DateTimeField(_("joined"), null=True)
    qualified_at = models.DateTimeField(_("bought"), null=True)
    rewarded_at = models.DateTimeField(_("rewarded"), null=True)
    rewarded_on = models.DateField(null=True)
    taken_back_at = models.DateTimeField(_("taken back"), null=True)
    due_at = models.DateTimeField(null=True)
    promised_referrer_points = models.PositiveIntegerField(default=0)
    promised_friend_points = models.PositiveIntegerField(default=0)
    smallest_sale = models.BigIntegerField(default=0)
    hold_days = models.PositiveSmallIntegerField(default=0)
    sale = models.CharField(max_length=24, blank=True, default="", editable=False)
    referrer_points = models.PositiveIntegerField(_("points for the referrer"), default=0)
    friend_points = models.PositiveIntegerField(_("points for the friend"), default=0)
    referrer_transaction = models.BigIntegerField(null=True)
    friend_transaction = models.BigIntegerField(null=True)
    suspicions = models.JSONField(default=list)
    needs_review = models.BooleanField(default=False)
    reviewed_by = models.CharField(max_length=80, blank=True, default="", editable=False)
    reviewed_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended.choices, blank=True, default="")

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="referral_public_id"),
            models.UniqueConstraint(fields=["friend"], name="referral_one_per_friend"),
            models.CheckConstraint(
                condition=Q(friend__isnull=True) | ~Q(friend=F("referrer")), name="referral_not_oneself"
            ),
            models.CheckConstraint(
                condition=Q(friend__isnull=False) | Q(state__in=["invited", "expired"]), name="referral_has_a_friend"
            ),
            models.CheckConstraint(
                condition=Q(rewarded_at__isnull=False) | Q(referrer_points=0, friend_points=0),
                name="referral_given_when_rewarded",
            ),
        ]
        indexes = [
            models.Index(fields=["referrer", "state"], name="referral_of_member"),
            models.Index(fields=["due_at"], name="referral_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
