"""Rows that are written once: neither an object nor a queryset of them can be changed or deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class NeverChanged(TypeError):
    """A row of an append-only table was about to be changed or deleted; nothing was written."""


def _refused(self: Any, *_args: Any, **_options: Any) -> NoReturn:
    """Raises `NeverChanged`, whatever is asked."""
    raise NeverChanged(f"Rows of {self.model._meta.label} are written once and never changed or deleted.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Reads and adds; everything else raises `NeverChanged`."""

    update = _refused
    _update = _refused
    bulk_update = _refused
    update_or_create = _refused
    delete = _refused
    _raw_delete = _refused

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list[Any]:
        """Add rows; one that is there already is never written over."""
        if options.get("update_conflicts") or any(given for given in args[2:]):
            _refused(self)
        return super().bulk_create(objs, *args, **options)


class AppendOnlyModel(models.Model):
    """A record of a table that only grows."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **options: Any) -> None:
        """Write a new row. Raises `NeverChanged` for one that was written before."""
        if not self._state.adding:
            raise NeverChanged(f"{self._meta.label} {self.pk} is written once and never changed.")
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Raises `NeverChanged`."""
        raise NeverChanged(f"{self._meta.label} {self.pk} is never deleted.")
