"""What other systems hold here: tokens that say who calls, and the answers that were given once under a key."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.public_ids import PublicIdField

PER_MINUTE = 600
"""Requests a minute that a token may make unless its owner says otherwise."""
MOST_PER_MINUTE = 6_000


class Token(models.Model):
    """Lets another system speak for a terminal, in the name of a member of staff, for the `scopes` that stand here.

    Only the hash is kept. What the token may do is never more than what `staff` may do, and it sees the branch of its
    `terminal` alone. `last_used_at` is noted once a minute at most.
    """

    public_id = PublicIdField(prefix="tok")
    name = models.CharField(_("name"), max_length=60)
    terminal = models.ForeignKey(
        "organisation.Terminal",
        on_delete=models.CASCADE,
        related_name="tokens",
        db_index=False,
        verbose_name=_("terminal"),
    )
    staff = models.ForeignKey(
        "organisation.Staff", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("acts for")
    )
    token_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("may"), default=list)
    per_minute = models.PositiveIntegerField(_("requests a minute"), default=PER_MINUTE)
    made_at = models.DateTimeField(_("made"), default=clock.now)
    made_by = models.CharField(_("made by"), max_length=24, blank=True, default="")
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="api_token_public_id"),
            models.UniqueConstraint(fields=["token_hash"], name="api_token_hash"),
            models.CheckConstraint(condition=Q(per_minute__range=(1, MOST_PER_MINUTE)), name="api_token_per_minute"),
        ]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a request that posts was answered under its key: the same request gets the same answer again.

    `request_hash` covers method, address and body. The row is written before the act, in its transaction, so that of
    many who send one request at once the first acts and the others wait for its answer.
    """

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    answered_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_key")]
        indexes = [models.Index(fields=["answered_at"], name="api_answer_age")]

    def __str__(self) -> str:
        return self.key
