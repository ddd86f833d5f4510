"""The field of a form in which somebody says who is meant: rows of statements, with a live count where there is script.

Its value is the condition as JSON, `{}` for one that always holds; what is wrong stands beside its row and nothing that
was typed is lost. Without script the rows are plain selects and inputs, with an empty one to fill in.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.conditions import registry
from regulars.conditions.fields import Field, Kind, choices_once
from regulars.conditions.operators import BY_KIND
from regulars.conditions.parsing import parse, stored
from regulars.conditions.rows import Group, Row, Sheet, choices_named, sheet_of, sheet_of_data, tree_of
from regulars.conditions.tree import Condition
from regulars.errors import InvalidInput
from regulars.money import symbol_of

LONGEST = 40_000
KINDS: tuple[tuple[Kind, Promise], ...] = (
    ("number", gettext_lazy("Figures and amounts")),
    ("date", gettext_lazy("Days")),
    ("choice", gettext_lazy("One choice")),
    ("choices", gettext_lazy("Several choices")),
    ("yes_no", gettext_lazy("Yes or no")),
    ("text", gettext_lazy("Texts")),
)


def _kind(field: Field) -> str:
    """Amounts are compared as figures are."""
    return "number" if field.kind == "money" else field.kind


class ConditionWidget(forms.Widget):
    """Groups of rows. `with_occasion` offers what is known of the purchase at hand too; `scope` is whoever asks'."""

    template_name = "regulars/conditions/builder.html"
    scope: Any = None

    def __init__(self, *, with_occasion: bool = True, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.with_occasion = with_occasion

    def use_required_attribute(self, initial: Any) -> bool:
        """A condition may always be left empty."""
        return False

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The rows have labels of their own; the field's label names their group."""
        return ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The rows as they were typed, else the JSON that was sent."""
        sheet = sheet_of_data(data, name)
        return data.get(name) if sheet is None else sheet

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether nothing of it was sent."""
        return sheet_of_data(data, name) is None and name not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Everything the template draws."""
        with choices_once():
            return self._drawn(name, value, attrs)

    def _drawn(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        sheet, sentence = self._shown(value)
        offered = self.offered()
        context = super().get_context(name, "", attrs)
        context["widget"] |= {
            "sheet": sheet,
            "sentence": sentence,
            "groups": [self._group(name, number, group, offered) for number, group in enumerate(_with_blanks(sheet))],
            "blank": self._row(f"{name}-__g__-__r__", Row(), offered),
            "operators": _operators(),
            "config": {field.code: _described(field, self.scope) for field in offered},
            "count_url": reverse("backoffice:condition_count"),
            "units": _units(),
        }
        return context

    def offered(self) -> list[Field]:
        """The fields to choose from, each group together."""
        order: dict[str, list[Field]] = {}
        for field in registry.fields().values():
            if self.with_occasion or not field.is_of_occasion:
                order.setdefault(str(field.group), []).append(field)
        return [field for fields in order.values() for field in fields]

    def _shown(self, value: Any) -> tuple[Sheet, str]:
        if isinstance(value, Sheet):
            tree, is_read = tree_of(value)
            return value, stored(tree).words() if tree and is_read else ""
        condition = _read(value)
        sheet = sheet_of(condition) or Sheet(kept=json.dumps(condition.as_json()))
        return sheet, "" if condition.is_always else condition.words()

    def _group(self, name: str, number: int, group: Group, offered: list[Field]) -> dict[str, Any]:
        rows = [self._row(f"{name}-{number}-{place}", row, offered) for place, row in enumerate(group.rows)]
        return {"name": f"{name}-{number}", "match": group.match, "rows": rows}

    def _row(self, name: str, row: Row, offered: list[Field]) -> dict[str, Any]:
        about = next((field for field in offered if field.code == row.about), None)
        groups: dict[str, list[tuple[Field, bool]]] = {}
        for field in offered:
            groups.setdefault(str(field.group), []).append((field, field.code == row.about))
        return {
            "name": name,
            "row": row,
            "fields": groups,
            "operator": f"{_kind(about)}:{row.how}" if about and ":" not in row.how else row.how,
            "typed": _in_words(row, about),
            "codes": json.dumps(_codes(row, about)),
            "problem": row.problem,
        }


def _with_blanks(sheet: Sheet) -> list[Group]:
    """What was filled in, each group with an empty row, and an empty group below."""
    groups = [
        Group(group.match, [*group.rows, Row()] if not _ends_blank(group) else group.rows) for group in sheet.groups
    ]
    if groups and all(row.is_blank for row in groups[-1].rows):
        return groups
    return [*groups, Group("all", [Row()])]


def _ends_blank(group: Group) -> bool:
    return bool(group.rows) and group.rows[-1].is_blank


def _codes(row: Row, about: Field | None) -> list[str]:
    """The choices of a row as script ticks them."""
    if about is None or about.kind not in ("choice", "choices") or about.choices is None:
        return row.values
    try:
        return choices_named(row.values, about)
    except InvalidInput:
        return []


def _in_words(row: Row, about: Field | None) -> str:
    """The values of a row as people read and type them."""
    known = about.all_choices() if about is not None else {}
    return ", ".join(known.get(value, value) for value in row.values)


def _operators() -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "label": label,
            "operators": [(f"{kind}:{each.code}", each.label, each.takes) for each in BY_KIND[kind].values()],
        }
        for kind, label in KINDS
    ]


def _units() -> list[tuple[str, str]]:
    return [
        ("", _("of all time")),
        ("days", _("in the last … days")),
        ("months", _("in the last … months")),
        ("since", _("since a day")),
    ]


def _described(field: Field, scope: Any) -> dict[str, Any]:
    """What script needs to draw a row about a field, for somebody with this scope."""
    return {
        "kind": _kind(field),
        "unit": symbol_of(registry.currency()) if field.kind == "money" else str(field.unit),
        "help": str(field.help),
        "window": field.takes_window,
        "choices": list(field.all_choices(scope).items()) if field.choices is not None else None,
    }


def _read(value: Any) -> Condition:
    if isinstance(value, Condition):
        return value
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except ValueError:
            value = {}
    return stored(value)


class ConditionField(forms.Field):
    """Who is meant. Cleans to the condition as JSON; without `with_occasion` it asks about members alone."""

    widget = ConditionWidget

    def __init__(self, *, with_occasion: bool = True, **options: Any) -> None:
        options = {"required": False, "widget": ConditionWidget(with_occasion=with_occasion), **options}
        super().__init__(**options)
        self.with_occasion = with_occasion

    def in_scope(self, scope: Any) -> None:
        """Offer no branch, region or terminal beyond the scope of whoever asks."""
        self.widget.scope = scope

    def clean(self, value: Any) -> dict[str, Any]:
        """Raises `ValidationError` in the words of `parse`."""
        with choices_once():
            condition = self._condition(value)
        if not self.with_occasion and not condition.is_for_sets:
            raise ValidationError(_("This asks about a purchase at hand, and here there is none. Leave that out."))
        if self.required and condition.is_always:
            raise ValidationError(_("Say who is meant: choose at least one statement."), code="required")
        return condition.as_json()

    def _condition(self, value: Any) -> Condition:
        if isinstance(value, Sheet):
            tree, is_read = tree_of(value)
            if not is_read:
                raise ValidationError(_("Not every statement could be read. What is wrong stands beside it."))
            value = tree or value.kept
        if isinstance(value, str):
            if len(value) > LONGEST:
                raise ValidationError(_("This condition is too long."))
            try:
                value = json.loads(value) if value.strip() else {}
            except (ValueError, RecursionError):
                raise ValidationError(_("This condition could not be read.")) from None
        try:
            return parse(value)
        except InvalidInput as refusal:
            raise ValidationError(str(refusal)) from refusal

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether it says something else than before."""
        try:
            return self._condition(data).as_json() != _read(initial).as_json()
        except ValidationError:
            return True
