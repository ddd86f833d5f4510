"""The field that holds a page's blocks, without writing the blocks into migrations.

Blocks come and go with code and with plugins and change nothing in the database, so a migration that listed them would
be rewritten for every word changed in one.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from wagtail.fields import StreamField


class BodyField(StreamField):  # type: ignore[misc]
    """A stream field whose migrations know that it is JSON and nothing more."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Name, path and options of the field; the list of blocks stays empty."""
        name, path, _, options = models.Field.deconstruct(self)
        return name, path, [[]], dict(options)
