"""What each person keeps of the lists: views saved under a name, and the columns chosen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class SavedView(models.Model):
    """A list with its filters, columns and order, kept by one person, for that person or for the whole team.

    Without a name it is what the person chose last for that list (the columns). A view thrown away is kept for a
    while, so that it can be had back.
    """

    public_id = PublicIdField(prefix="svw")
    of_list = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60, blank=True, default="")
    owner = models.ForeignKey(
        "organisation.Staff", on_delete=models.CASCADE, related_name="saved_views", db_index=False
    )
    is_shared = models.BooleanField(_("for the whole team"), default=False)
    query = models.CharField(max_length=2000, blank=True, default="")
    columns = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="backoffice_view_public_id"),
            models.UniqueConstraint(
                fields=["owner", "of_list", "name"], name="backoffice_view_name", condition=Q(deleted_at__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["of_list"], name="backoffice_view_shared", condition=Q(is_shared=True))]

    def __str__(self) -> str:
        return self.name
