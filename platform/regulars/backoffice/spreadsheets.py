"""Downloads of lists: rows of values as CSV or XLSX, in which no cell starts a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Format = Literal["csv", "xlsx"]
FORMATS: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The formats there are, with the type each is sent as."""

FORMULA_STARTS = ("=", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Chinese in a CSV file as noise."""
DATE = "date:"
"""How a day is kept in JSON, to be a day again in the file."""


def without_formula(value: Any) -> Any:
    """A cell that a spreadsheet will not take for a formula; figures and phone numbers stay as they are."""
    if not isinstance(value, str) or not value:
        return value
    is_signed_words = value[0] in "+-" and not value[1:].replace(" ", "").isdigit()
    return f"'{value}" if value.startswith(FORMULA_STARTS) or is_signed_words else value


def as_json(value: Any) -> Any:
    """A cell as it is kept with a job."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return f"{DATE}{value.isoformat()}"
    return value if value is None or isinstance(value, int | float | str) else str(value)


def from_json(value: Any) -> Any:
    """A cell as it was before it was kept with a job."""
    is_day = isinstance(value, str) and value.startswith(DATE)
    return dt.date.fromisoformat(value.removeprefix(DATE)) if is_day else value


def spreadsheet(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, file_format: Format) -> bytes:
    """The whole file at once: a stream would be read after the request has left the business."""
    return _xlsx(headings, rows) if file_format == "xlsx" else _csv(headings, rows)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([without_formula(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _xlsx(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True, iso_dates=True)
    sheet = book.create_sheet(title="1")
    sheet.append(list(headings))
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    """A cell; words that look like a formula are words."""
    safe = without_formula(value)
    if not isinstance(safe, str):
        return safe
    cell = WriteOnlyCell(sheet, safe)
    cell.data_type = "s"
    return cell
