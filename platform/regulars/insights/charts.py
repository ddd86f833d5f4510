"""Figures as people take them away: a chart, the table that says the same, and a file of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Chinese in a CSV file as noise."""
FORMULA_STARTS = ("=", "@", "+", "-", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure or word: `value` as files carry it, `words` as the reader's locale writes it."""

    value: int | Decimal | str
    words: str = ""

    @property
    def written(self) -> str:
        """What the page shows."""
        return self.words or str(self.value)

    @property
    def is_figure(self) -> bool:
        """Whether it stands at the right edge of its column."""
        return not isinstance(self.value, str)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table with its heads; `sums` is its last line, empty where sums say nothing."""

    name: str
    title: str | Promise
    heads: tuple[str | Promise, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: tuple[Cell, ...] = ()

    @property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        """Every line of a file, sums included."""
        return (*self.rows, self.sums) if self.sums else self.rows

    @property
    def figures(self) -> tuple[bool, ...]:
        """Which columns are figures."""
        first = self.rows[0] if self.rows else ()
        return tuple(cell.is_figure for cell in first) or (False,) * len(self.heads)

    @property
    def columns(self) -> list[tuple[str | Promise, bool]]:
        """Each head with whether its column is of figures."""
        return list(zip(self.heads, self.figures, strict=True))

    @property
    def body(self) -> SafeString:
        """The rows as HTML, written without a template: a report has hundreds of cells."""
        return mark_safe("".join(_row_html(row) for row in self.rows))  # noqa: S308 - each cell is escaped


def _row_html(row: tuple[Cell, ...]) -> str:
    first, *others = row
    cells = [f'<tr><th scope="row">{escape(first.written)}</th>']
    for place, cell in enumerate(others, start=1):
        is_right = cell.is_figure or not cell.value or place > 1
        start = '<td class="office-figure">' if is_right else "<td>"
        cells.append(f"{start}{escape(cell.written)}</td>")
    return "".join([*cells, "</tr>"])


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of some columns of a sheet: the first column names the places along the axis."""

    kind: Literal["growth", "bars", "columns", "layers"]
    sheet: Sheet
    shown: tuple[int, ...]
    summary: str
    labels: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(row[column].value for row in self.sheet.rows for column in self.shown)

    def data(self) -> dict[str, Any]:
        """What the script draws from; amounts are plain numbers there, and words beside them."""
        return {
            "kind": self.kind,
            "labels": list(self.labels) or [row[0].written for row in self.sheet.rows],
            "series": [
                {
                    "name": str(self.sheet.heads[column]),
                    "values": [float(row[column].value) for row in self.sheet.rows],
                    "words": [row[column].written for row in self.sheet.rows],
                }
                for column in self.shown
            ],
        }


def without_formula(value: Any) -> Any:
    """A word that no spreadsheet takes for a formula; figures stay as they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _plain(line: Sequence[Cell]) -> list[Any]:
    return [without_formula(cell.value) for cell in line]


def as_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV that spreadsheets open without asking."""
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow([str(head) for head in sheet.heads])
    writer.writerows(_plain(line) for line in sheet.lines)
    return (BYTE_ORDER_MARK + page.getvalue()).encode()


def as_xlsx(sheet: Sheet) -> bytes:
    """The sheet as a workbook with one page."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet(str(sheet.title)[:31].translate(str.maketrans("", "", "[]:*?/\\")))
    page.append([str(head) for head in sheet.heads])
    for line in sheet.lines:
        page.append(_plain(line))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


FILES = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""How a sheet leaves, by the ending of the file's name."""
