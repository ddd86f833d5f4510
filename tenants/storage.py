"""Files of a business, in a folder of its own; what reaches a browser names neither the folder nor another business."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection

from tenants.backend.base import NoBusinessChosen


class BusinessFileStorage(FileSystemStorage):
    """Every file lies below the schema of its business: asked anew each time, for one storage serves all threads."""

    @property
    def base_location(self) -> str:
        """The folder of the business this thread is in. Raises `NoBusinessChosen` when it is in none."""
        schema_name = connection.schema_name  # type: ignore[attr-defined]
        if not schema_name:
            raise NoBusinessChosen
        return str(Path(settings.MEDIA_ROOT) / schema_name)

    @property
    def location(self) -> str:
        """The same, absolute."""
        return str(Path(self.base_location).absolute())


def remove_files(schema_name: str) -> None:
    """Remove everything that a business whose schema is gone has uploaded."""
    folder = Path(settings.MEDIA_ROOT) / schema_name
    if schema_name and folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
