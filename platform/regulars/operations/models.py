"""What runs behind the doors: facts waiting to be heard, and the trail of who did what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class OutboxEvent(models.Model):
    """A fact, written in the transaction of its act. `dispatched_at` is set once every listener has its delivery."""

    public_id = PublicIdField(prefix="evt")
    name = models.CharField(max_length=60)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [models.UniqueConstraint(fields=["public_id"], name="operations_event_public_id")]
        indexes = [
            models.Index(fields=["id"], name="operations_event_waiting", condition=models.Q(dispatched_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.public_id}"


class DeliveryState(models.TextChoices):
    """Set aside after the last try: a person looks at it, the other listeners are not held up."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    SET_ASIDE = "set_aside", _("Set aside")


class Delivery(models.Model):
    """One fact for one listener."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    listener = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["event", "listener"], name="operations_delivery_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="operations_delivery_due", condition=models.Q(state="waiting")
            )
        ]

    def __str__(self) -> str:
        return f"{self.listener} {self.state}"


class TrailEntry(models.Model):
    """Who did what to which record; never changed. The sealed, searchable trail grows from this table."""

    act = models.CharField(_("act"), max_length=60)
    actor = models.CharField(_("by"), max_length=80, blank=True, default="")
    subject = models.CharField(_("record"), max_length=40, blank=True, default="")
    detail = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail")
        indexes = [models.Index(fields=["subject", "-id"], name="operations_trail_subject")]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"
