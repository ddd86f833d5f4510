"""What runs behind the doors: facts waiting to be heard, and the trail of who did what."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.operations.sealing.append_only import AppendOnlyModel
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
            ),
            models.Index(fields=["id"], name="operations_delivery_aside", condition=models.Q(state="set_aside")),
        ]

    def __str__(self) -> str:
        return f"{self.listener} {self.state}"


class TrailEntry(AppendOnlyModel):
    """Who did or saw what, when, from where, and what it was before and after; never changed.

    `actor` and `subject` are public ids. Personal values in `before`, `after` and `address` are encrypted with the key
    of the member they are about. `hash` is that of all other columns but the id, as they were written.
    """

    act = models.CharField(_("act"), max_length=60)
    actor = models.CharField(_("by"), max_length=80, blank=True, default="")
    subject = models.CharField(_("record"), max_length=40, blank=True, default="")
    detail = models.JSONField(default=dict)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    branch = models.ForeignKey(
        "organisation.Branch",
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("branch"),
    )
    door = models.CharField(_("through"), max_length=12, blank=True, default="")
    terminal = models.CharField(_("till"), max_length=24, blank=True, default="")
    address = models.CharField(_("address"), max_length=200, blank=True, default="")
    occurred_at = models.DateTimeField(_("at"))
    hash = models.CharField(max_length=64, default="")

    class Meta(AppendOnlyModel.Meta):
        abstract = False
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail")
        indexes = [
            models.Index(fields=["subject", "-id"], name="operations_trail_subject"),
            models.Index(fields=["actor", "-id"], name="operations_trail_actor"),
            models.Index(fields=["act", "-id"], name="operations_trail_act"),
            BrinIndex(fields=["occurred_at"], name="operations_trail_days", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"


class Seal(AppendOnlyModel):
    """A link of a chain over an append-only table: which rows it covers, their hashes, and the link before it.

    It covers the rows with an id after the last one of the link before, up to `last_id`. `leaves` holds for each its id
    (8 bytes) and its hash as written (32 bytes), in the order of ids.
    """

    chain = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    leaves = models.BinaryField()
    previous = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(_("sealed"))

    class Meta(AppendOnlyModel.Meta):
        abstract = False
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="operations_seal_number")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"


class JobState(models.TextChoices):
    """A stopped job keeps what it did; what was done can be undone from each of the last three states but `undone`."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class Job(models.Model):
    """An act on many records, done piece by piece by the workers: who asked for it, how far it is, what came of it.

    `scope` are the branches of whoever asked (null: the whole business) as they were at that moment. `total`, `done`,
    `failed` and `left_alone` count records; the last are those that an undoing found changed by somebody meanwhile.
    """

    public_id = PublicIdField(prefix="job")
    kind = models.CharField(max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING)
    params = models.JSONField(default=dict)
    requested_by = models.CharField(_("by"), max_length=80)
    language = models.CharField(max_length=10, default="en")
    scope = models.JSONField(null=True)
    total = models.PositiveIntegerField(_("records"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    undone = models.PositiveIntegerField(_("undone"), default=0)
    left_alone = models.PositiveIntegerField(_("left alone"), default=0)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True, default="")
    result = models.BinaryField(null=True)
    result_name = models.CharField(max_length=80, blank=True, default="")
    requested_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    expires_at = models.DateTimeField(_("file kept until"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["public_id"], name="operations_job_public_id")]
        indexes = [models.Index(fields=["requested_by", "-id"], name="operations_job_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class ChunkState(models.TextChoices):
    """`to_undo` waits like `waiting`, but for the way back."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    TO_UNDO = "to_undo", _("To be undone")
    UNDONE = "undone", _("Undone")


class JobChunk(models.Model):
    """A piece of a job, done in one transaction: which records, and what it takes to put them back."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ChunkState.choices, default=ChunkState.WAITING)
    items = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()

    class Meta:
        verbose_name = _("piece of a job")
        verbose_name_plural = _("pieces of a job")
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="operations_chunk_number")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="operations_chunk_due",
                condition=models.Q(state__in=["waiting", "to_undo"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"
