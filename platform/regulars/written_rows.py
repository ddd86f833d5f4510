"""A row that was written or read by a statement of our own, as the object that Django would make of it.

Django makes an object column by column, with two signals; where a row's values are at hand by their names, that is most
of the time it takes. What is made here is the same object: what is left out is asked for when somebody wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


def written_row(model: type[Row], values: Mapping[str, Any]) -> Row:
    """The object of a row that is in the database, from its values by column (`member_id`, not `member`).

    The signals of making an object are not sent; no model of ours hears them.
    """
    row = model.__new__(model)
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    row.__dict__.update(values)
    return row
