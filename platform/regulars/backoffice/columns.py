"""The columns of a list: what stands in a cell, on the screen and in a download, and who sees it in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from wagtail.admin.ui.tables import BaseColumn, Column

from regulars.organisation.models import Staff
from regulars.organisation.permissions import granted
from regulars.organisation.scope import Scope


@dataclass(frozen=True)
class Asker:
    """For whom a list is made: what they may do, and where."""

    held: frozenset[str]
    scope: Scope

    @classmethod
    def of(cls, staff: Staff, scope: Scope) -> Asker:
        """A member of staff, as their rights are now."""
        return cls(granted(staff), scope)

    def may(self, permission: str) -> bool:
        """Whether they hold a permission."""
        return permission in self.held


Value = Callable[[Any, Asker], Any]


@dataclass(frozen=True, kw_only=True)
class RecordColumn:
    """One column. `value` is what a download gets (text, figure, day); `shown` what a cell says where that differs.

    `is_standard` columns are there until somebody chooses others; `sort_key` is the field to sort by, "" for none.
    """

    name: str
    label: str | Promise
    value: Value
    shown: Value | None = None
    sort_key: str = ""
    is_figure: bool = False
    is_standard: bool = True

    def as_table_column(self, asker: Asker, *, is_late: bool) -> Column:
        """The column as Wagtail's table draws it; `is_late` ones make way on a phone."""
        said = self.shown or self.value
        classes = [*(["office-figure"] * self.is_figure), *(["office-late"] * is_late)]
        return Column(
            self.name,
            label=self.label,
            accessor=lambda record: said(record, asker),
            sort_key=self.sort_key or None,
            classname=" ".join(classes) or None,
        )


class TickColumn(BaseColumn):  # type: ignore[misc]
    """A box before each record; the one above them ticks all that are on the page."""

    header_template_name = "backoffice/records/tick_head.html"
    cell_template_name = "backoffice/records/tick.html"
