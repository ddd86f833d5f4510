"""The columns of a list: what stands in a cell, on the screen and in a download, and who sees it in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import localize
from django.utils.functional import Promise, cached_property
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import BaseColumn, Column, Table, TitleColumn

from regulars.money import MINUS
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
Prepare = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class RecordColumn:
    """One column. `value` is what a download gets (text, figure, day); `shown` what a cell says where that differs.

    `is_standard` columns are there until somebody chooses others; `sort_key` is the field to sort by, "" for none.
    `prepare` adds to the records what only this column needs, where it is shown; a column to sort by needs none.
    """

    name: str
    label: str | Promise
    value: Value
    shown: Value | None = None
    prepare: Prepare | None = None
    sort_key: str = ""
    is_figure: bool = False
    is_standard: bool = True

    def as_table_column(self, asker: Asker, *, is_late: bool) -> Column:
        """The column as Wagtail's table draws it; `is_late` ones make way on a phone."""
        said = self.shown or self.value
        classes = [*(["office-figure"] * self.is_figure), *(["office-late"] * is_late)]
        return RecordCell(
            self.name,
            label=self.label,
            accessor=lambda record: said(record, asker),
            sort_key=self.sort_key or None,
            classname=" ".join(classes) or None,
        )


def written(value: Any) -> SafeString | str:
    """A value as a template writes it, escaped; figures without separators, nothing for None."""
    if isinstance(value, str):
        return conditional_escape(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).replace("-", MINUS)
    return "" if value is None else conditional_escape(localize(template_localtime(value)))


class RecordCell(Column):  # type: ignore[misc]
    """A column whose cells are written without a template each: a list has hundreds of them."""

    @cached_property
    def start(self) -> str:
        """The start of every cell."""
        return format_html('<td class="{}">', self.classname) if self.classname else "<td>"

    def cell_html(self, record: Any) -> str:
        """The cell of a record, escaped."""
        return f"{self.start}{written(self.get_value(record))}</td>"


class RecordTitle(TitleColumn):  # type: ignore[misc]
    """The first column, which leads to the record."""

    def cell_html(self, record: Any) -> SafeString:
        """The cell of a record."""
        words = '<td class="title"><div class="title-wrapper"><a href="{}">{}</a></div></td>'
        value = written(self.get_value(record))
        return format_html(words, self.get_link_url(record, {}), value if value.strip() else self.empty_value_display)


class TickColumn(BaseColumn):  # type: ignore[misc]
    """A box before each record; the one above them ticks all that are on the page."""

    header_template_name = "backoffice/records/tick_head.html"

    def cell_html(self, record: Any) -> SafeString:
        """The box of a record."""
        words = (
            '<td class="office-tick-cell">'
            '<input type="checkbox" name="id" value="{}" data-office-tick aria-label="{}"></td>'
        )
        return format_html(words, record.public_id, _("Choose this one"))


class RecordTable(Table):  # type: ignore[misc]
    """Wagtail's table, its rows written by the columns above."""

    template_name = "backoffice/records/table.html"

    @property
    def body(self) -> SafeString:
        """The rows."""
        cells = [column.cell_html for column in self.columns.values()]
        rows = ("".join(["<tr>", *(cell(record) for cell in cells), "</tr>"]) for record in self.data)
        return mark_safe("".join(rows))  # noqa: S308 - every cell is escaped where it is written
