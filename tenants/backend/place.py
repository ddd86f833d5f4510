"""Where this thread is: the schema its connection was last put into, readable at the cost of one attribute.

The guards ask this for every query and every loaded row; going through Django's connection handler each time would
cost more than the row itself.
"""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings


class Place(threading.local):
    """`schema` is the schema of this thread's connection, None while the thread is nowhere."""

    schema: str | None = None

    def __init__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self.schema = settings.PUBLIC_SCHEMA_NAME


here = Place()


def is_qualified(model: Any) -> bool:
    """Whether a model's table is named with its schema, so that it is the same from wherever it is asked for."""
    return str(model._meta.db_table).startswith('"')
