"""Messages to people: one row per message and channel, which is also the delivery log and the in-app inbox.

Beside them the two things a business decides: its own words for a kind of message, and the rules of sending.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.organisation.models import Language
from regulars.public_ids import PublicIdField


class Channel(models.TextChoices):
    """Ways to reach a person."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    INBOX = "inbox", _("Inbox")


class Purpose(models.TextChoices):
    """Why a message is sent, which decides what it needs: only marketing needs consent and keeps to a weekly cap."""

    TRANSACTIONAL = "transactional", _("Asked for just now")
    SERVICE = "service", _("About the membership")
    MARKETING = "marketing", _("Offers and news")


class MessageState(models.TextChoices):
    """Queued until a worker sent it; held back when consent is missing or the cap is reached; failed for good."""

    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    HELD_BACK = "held_back", _("Held back")
    FAILED = "failed", _("Failed")


class Message(models.Model):
    """A message as the person gets it. `key` makes a fact delivered twice send once.

    It is sent not before `not_before` (quiet hours, the pause after a failed try) and not after `expires_at` (a code).
    `cost` is in millionths of the business's currency unit; `detail` says by a code or in a provider's words why it
    was not sent.
    """

    public_id = PublicIdField(prefix="msg")
    key = models.CharField(max_length=160)
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    language = models.CharField(_("language"), max_length=10)
    recipient = models.CharField(_("to"), max_length=254, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="")
    body = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    detail = models.CharField(_("detail"), max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField(_("written"))
    not_before = models.DateTimeField(_("not before"), default=clock.now)
    expires_at = models.DateTimeField(_("worth sending until"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    parts = models.PositiveSmallIntegerField(_("parts"), default=0)
    cost = models.BigIntegerField(_("cost"), default=0)
    provider_id = models.CharField(_("provider's number"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-written_at"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="outreach_message_public_id"),
            models.UniqueConstraint(fields=["key", "channel"], name="outreach_message_key"),
        ]
        indexes = [
            models.Index(fields=["member", "channel", "-written_at"], name="outreach_message_inbox"),
            models.Index(fields=["purpose", "not_before"], name="outreach_message_due", condition=Q(state="queued")),
            models.Index(fields=["-written_at"], name="outreach_message_newest"),
        ]

    def __str__(self) -> str:
        return self.subject or self.kind


class Wording(models.Model):
    """The business's own words for a kind of message in one language; without a row the built-in words are used."""

    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("changed by"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [models.UniqueConstraint(fields=["kind", "language"], name="outreach_wording_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


class SendingRules(models.Model):
    """When and how often this business writes, and what it costs; one row, the defaults until it is changed.

    Quiet from `quiet_from` until `quiet_until`, on the clock where the member lives; the same hour twice is never
    quiet. Prices are millionths of the currency unit: of one part of a text, of one mail.
    """

    quiet_from = models.TimeField(_("quiet from"), default=dt.time(21))
    quiet_until = models.TimeField(_("quiet until"), default=dt.time(9))
    offers_per_week = models.PositiveSmallIntegerField(_("offers a week"), default=2)
    sms_price = models.BigIntegerField(_("price of a text"), default=0)
    mail_price = models.BigIntegerField(_("price of a mail"), default=0)
    keep_months = models.PositiveSmallIntegerField(_("keep for months"), default=36)
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("rules of sending")
        verbose_name_plural = _("rules of sending")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="outreach_rules_one_row")]

    def __str__(self) -> str:
        return f"{self.quiet_from:%H:%M}-{self.quiet_until:%H:%M}"
