"""A condition as rows of a form: groups of statements, each with a field, an operator, values and a time.

What people type stays as it was typed until it is right; amounts are in the business's currency, choices by their
words or their codes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from regulars.conditions import registry
from regulars.conditions.fields import Field
from regulars.conditions.operators import BY_KIND, Operator
from regulars.conditions.parsing import parse
from regulars.conditions.tree import Condition, Joined, Leaf, Node
from regulars.errors import InvalidInput
from regulars.money import digits_of, parse_money, to_decimal

KEY = re.compile(r"-(\d{1,2})-(\d{1,2})-(field|is|value|to|unit|time)")
UNITS = ("days", "months", "since")


@dataclass
class Row:
    """One statement as it stands in the form; all texts."""

    about: str = ""
    how: str = ""
    values: list[str] = field(default_factory=list)
    to: str = ""
    unit: str = ""
    time: str = ""
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing was chosen in it."""
        return not self.about


@dataclass
class Group:
    """Statements of which all hold, or one does."""

    match: str = "all"
    rows: list[Row] = field(default_factory=list)


@dataclass
class Sheet:
    """The whole as it stands in the form; `kept` is a condition that no rows can show, as JSON."""

    match: str = "all"
    groups: list[Group] = field(default_factory=list)
    kept: str = ""

    def filled(self) -> Iterator[tuple[Group, list[Row]]]:
        """The groups that say something, with the rows that do."""
        for group in self.groups:
            if rows := [row for row in group.rows if not row.is_blank]:
                yield group, rows


def sheet_of_data(data: Any, name: str) -> Sheet | None:
    """What was sent under a name, None where no rows were."""
    found: dict[int, dict[int, Row]] = {}
    for key in data:
        match = KEY.fullmatch(key[len(name) :]) if key.startswith(f"{name}-") else None
        if match is None:
            continue
        row = found.setdefault(int(match[1]), {}).setdefault(int(match[2]), Row())
        values = [str(value)[:400] for value in data.getlist(key)] if hasattr(data, "getlist") else [str(data[key])]
        if match[3] == "value":
            row.values = [value for value in values if value.strip()][:200]
        else:
            setattr(row, {"field": "about", "is": "how"}.get(match[3], match[3]), values[-1].strip() if values else "")
    if not found and f"{name}-match" not in data:
        return None
    groups = [
        Group(_match(data.get(f"{name}-{number}-match")), [rows[each] for each in sorted(rows)])
        for number, rows in sorted(found.items())
    ]
    kept = "" if data.get(f"{name}-clear") else str(data.get(name) or "")
    return Sheet(_match(data.get(f"{name}-match")), groups, kept)


def _match(value: Any) -> str:
    return "any" if value == "any" else "all"


# From rows to a tree --------------------------------------------------------------------------------------------------


def tree_of(sheet: Sheet) -> tuple[dict[str, Any], bool]:
    """The tree that the rows say, and whether all of them could be read; what is wrong is noted in each row."""
    fields, groups, is_read = registry.fields(), [], True
    for group, rows in sheet.filled():
        parts = []
        for row in rows:
            try:
                row.problem = ""
                statement = _statement(row, fields)
                parse(statement)
                parts.append(statement)
            except InvalidInput as refusal:
                row.problem, is_read = str(refusal), False
        if parts:
            groups.append(parts[0] if len(parts) == 1 else {group.match: parts})
    if not groups:
        return {}, is_read
    return (groups[0] if len(groups) == 1 else {sheet.match: groups}), is_read


def _statement(row: Row, fields: Mapping[str, Field]) -> dict[str, Any]:
    asked = fields.get(row.about)
    if asked is None:
        raise InvalidInput(_("Choose what this is about."), field="condition")
    named = row.how.rpartition(":")[2]
    operator = BY_KIND[asked.kind].get(named)
    if operator is None:
        fitting = ", ".join(str(each.label) for each in BY_KIND[asked.kind].values())
        raise InvalidInput(
            _("Choose how “%(field)s” is compared: %(operators)s.") % {"field": asked.label, "operators": fitting},
            field="condition",
        )
    statement: dict[str, Any] = {"field": asked.code, "is": operator.code}
    if (value := _value(row, asked, operator)) is not None:
        statement["value"] = value
    if asked.takes_window and row.unit in UNITS:
        number = row.time if row.unit == "since" else _whole(row.time)
        statement["within"] = {row.unit: number}
    return statement


def _value(row: Row, asked: Field, operator: Operator) -> Any:
    typed = row.values[0].strip() if row.values else ""
    match operator.takes:
        case "nothing":
            return None
        case "days":
            return _whole(typed)
        case "two":
            return [_one(typed, asked), _one(row.to, asked)]
        case "list":
            return choices_named(row.values, asked)
    return choices_named(row.values, asked)[0] if asked.kind == "choice" else _one(typed, asked)


def _one(typed: str, asked: Field) -> Any:
    if asked.kind == "money":
        return parse_money(typed, registry.currency(), field="condition")
    return _whole(typed) if asked.kind == "number" else typed


def _whole(typed: str) -> int:
    figures = re.sub(r"[\s,，]", "", typed)
    if not re.fullmatch(r"-?\d{1,15}", figures):
        raise InvalidInput(_("Enter a whole number in figures, for example 30."), field="condition")
    return int(figures)


def choices_named(values: list[str], asked: Field) -> list[str]:
    """Choices by their codes, or by their words as people type them, several parted by commas."""
    known = asked.all_choices()
    by_words = {words.casefold(): code for code, words in known.items()}
    found = []
    for value in values:
        whole = value.strip()
        pieces = [whole] if whole in known or whole.casefold() in by_words else re.split(r"[,，;；、]", whole)
        for piece in filter(None, (each.strip() for each in pieces)):
            found.append(piece if piece in known else by_words.get(piece.casefold(), piece))
    if not found:
        raise InvalidInput(_("Choose at least one."), field="condition")
    return found


# From a tree to rows --------------------------------------------------------------------------------------------------


def sheet_of(condition: Condition) -> Sheet | None:
    """The rows that show a condition; None for one that rows cannot show."""
    node = condition.node
    if node is None:
        return Sheet()
    if not isinstance(node, Joined):
        return _sheet([[node]], "all", ["all"])
    if all(isinstance(part, Leaf) for part in node.parts):
        return _sheet([list(node.parts)], "all", ["all" if node.every else "any"])
    groups: list[list[Node]] = [list(part.parts) if isinstance(part, Joined) else [part] for part in node.parts]
    inner = [("all" if part.every else "any") if isinstance(part, Joined) else "all" for part in node.parts]
    return _sheet(groups, "all" if node.every else "any", inner)


def _sheet(groups: list[list[Node]], match: str, inner: list[str]) -> Sheet | None:
    if not all(isinstance(part, Leaf) for parts in groups for part in parts):
        return None
    return Sheet(
        match,
        [
            Group(how, [_row(part) for part in parts if isinstance(part, Leaf)])
            for parts, how in zip(groups, inner, strict=True)
        ],
    )


def _row(leaf: Leaf) -> Row:
    value, window = leaf.value, leaf.window
    values = list(value) if isinstance(value, tuple) else [] if value is None else [value]
    row = Row(leaf.field.code, leaf.operator.code, [_typed(leaf.field, leaf.operator, each) for each in values])
    if leaf.operator.takes == "two":
        row.values, row.to = row.values[:1], row.values[1]
    if window is not None:
        ((row.unit, time),) = window.as_json().items()
        row.time = str(time)
    return row


def _typed(asked: Field, operator: Operator, value: Any) -> str:
    if asked.kind == "money" and operator.takes != "days":
        amount = to_decimal(value, registry.currency())
        is_whole = amount == amount.to_integral_value()
        return str(int(amount)) if is_whole else f"{amount:.{digits_of(registry.currency())}f}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
