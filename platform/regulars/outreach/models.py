"""Messages to members: one row per message and channel, which is also the delivery log and the in-app inbox."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class Channel(models.TextChoices):
    """Ways to reach a member."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    INBOX = "inbox", _("Inbox")


class MessageState(models.TextChoices):
    """Queued until a worker sent it; held back when consent is missing; failed after the last try."""

    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    HELD_BACK = "held_back", _("Held back")
    FAILED = "failed", _("Failed")


class Message(models.Model):
    """A message as the member gets it. `key` makes a fact delivered twice send once."""

    public_id = PublicIdField(prefix="msg")
    key = models.CharField(max_length=120)
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=20)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    language = models.CharField(_("language"), max_length=10)
    recipient = models.CharField(_("to"), max_length=254, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=200, blank=True, default="")
    body = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    detail = models.CharField(_("detail"), max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField(_("written"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)

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
            models.Index(fields=["written_at"], name="outreach_message_queued", condition=models.Q(state="queued")),
        ]

    def __str__(self) -> str:
        return self.subject or self.kind
