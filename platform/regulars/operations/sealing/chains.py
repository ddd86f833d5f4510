"""Which tables are sealed: a chain for each, with the columns that its hashes cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps

AT_ONCE = 1000
"""Rows read in one question."""


@dataclass(frozen=True)
class Row:
    """A row as it stands: its id, the hash it was written with, and the values that hash must be of."""

    id: int
    hash: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Chain:
    """An append-only table of one business: `model` by its label, the `columns` that are hashed, and where the hash is.

    Ids come from the table's sequence. Rows are written with their hash by whoever writes them.
    """

    name: str
    model: str
    columns: tuple[str, ...]
    hash_column: str = "hash"

    @property
    def table(self) -> str:
        """The name of the table."""
        return str(apps.get_model(self.model)._meta.db_table)

    def rows(self, *, after: int, upto: int | None = None) -> Iterator[Row]:
        """The rows with an id above `after`, and up to `upto` where it is given, in the order of their ids."""
        last = after
        while found := self._read(last, upto):
            yield from found
            if len(found) < AT_ONCE:
                return
            last = found[-1].id

    def _read(self, after: int, upto: int | None) -> list[Row]:
        rows = apps.get_model(self.model)._default_manager.filter(pk__gt=after)
        if upto is not None:
            rows = rows.filter(pk__lte=upto)
        listed = rows.order_by("pk").values_list("pk", self.hash_column, *self.columns)[:AT_ONCE]
        return [Row(pk, str(written), tuple(values)) for pk, written, *values in listed]


TRAIL = Chain(
    name="trail",
    model="operations.TrailEntry",
    columns=(
        "act",
        "actor",
        "subject",
        "detail",
        "before",
        "after",
        "branch_id",
        "door",
        "terminal",
        "address",
        "occurred_at",
    ),
)
