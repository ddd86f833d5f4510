"""What the specimen remembers."""

from __future__ import annotations

from django.db import models


class Note(models.Model):
    """A fact that was heard, a promise that is owed or a task that ran; `member` and `about` are public ids."""

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=40, blank=True, default="")
    member = models.CharField(max_length=40, blank=True, default="")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = "note"
        verbose_name_plural = "notes"
        indexes = [models.Index(fields=["member"], name="specimen_note_member")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
