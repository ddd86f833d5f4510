"""Conditions as they come in and as they are stored: what is refused, in words, and what is kept although it is gone.

`parse` reads what somebody wants to save and refuses what is wrong with it. `stored` reads what was saved once: it
asks the database nothing, never refuses, and what is no longer there becomes a part that nobody can answer.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from regulars.conditions import registry
from regulars.conditions.fields import LONGEST_WINDOW_DAYS, Field, choices_once, day_of, window_of
from regulars.conditions.operators import BY_KIND, Operator
from regulars.conditions.tree import ALWAYS, Condition, Joined, Leaf, Missing, Negated, Node
from regulars.errors import InvalidInput
from regulars.money import LARGEST_AMOUNT
from regulars.text import plain_text

FIELD = "condition"
DEEPEST = 6
MOST_STATEMENTS = 60
MOST_LISTED = 200
LARGEST_NUMBER = 10**12
LONGEST_TEXT = 80


def parse(raw: Any) -> Condition:
    """A condition that somebody wants to save; `{}`, None and a condition are taken too.

    Raises `InvalidInput` (field `condition`) that names what is wrong: a field that is not there (of a module that is
    off, say), an operator that its kind has not, a value of another type or beyond all bounds, an empty list, a choice
    that is no longer offered, a tree that is too deep or too long.
    """
    if isinstance(raw, Condition):
        raw = raw.as_json()
    if raw is None or raw == {}:
        return ALWAYS
    with choices_once():
        return Condition(_Reader(is_stored=False).node(raw, 1))


def stored(raw: Any) -> Condition:
    """A condition that was saved; no query, no refusal. What cannot be answered any more is in its `missing`."""
    if raw is None or raw == {}:
        return ALWAYS
    try:
        return Condition(_Reader(is_stored=True).node(raw, 1))
    except InvalidInput:
        return Condition(Missing("", raw))


def _refused(words: str) -> InvalidInput:
    return InvalidInput(words, field=FIELD)


def _shown(text: str) -> str:
    """What somebody sent, short and fit to be shown."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:LONGEST_TEXT])


class _Reader:
    """Reads one tree and counts its statements."""

    def __init__(self, *, is_stored: bool) -> None:
        self.is_stored, self.statements = is_stored, 0

    def field(self, code: str) -> Field | None:
        """The field of this code; those that differ between businesses are looked up only when one is meant."""
        return registry.rooms_fields().get(code) or self.further.get(code)

    @cached_property
    def further(self) -> dict[str, Field]:
        """All fields of this business."""
        return registry.fields()

    def node(self, raw: Any, depth: int) -> Node:
        """One node. Raises `InvalidInput`."""
        if depth > DEEPEST:
            raise _refused(_("This goes more than %(most)s levels deep. Make two rules of it.") % {"most": DEEPEST})
        if not isinstance(raw, dict):
            raise _refused(_("A condition is “all of”, “any of”, “not” or a statement about a field."))
        for name in ("all", "any"):
            if name in raw:
                return self._joined(raw, name, depth)
        if "not" in raw:
            self._only(raw, "not")
            return Negated(self.node(raw["not"], depth + 1))
        return self._leaf(raw)

    def _joined(self, raw: dict[str, Any], name: str, depth: int) -> Node:
        self._only(raw, name)
        parts = raw[name]
        if not isinstance(parts, list) or not parts:
            raise _refused(_("“All of” and “any of” need at least one statement."))
        if len(parts) > MOST_STATEMENTS:
            raise self._too_many()
        return Joined(tuple(self.node(part, depth + 1) for part in parts), name == "all")

    def _too_many(self) -> InvalidInput:
        return _refused(
            _("These are more than %(most)s statements. Make two rules of them.") % {"most": MOST_STATEMENTS}
        )

    def _only(self, raw: dict[str, Any], *names: str) -> None:
        if other := [_shown(str(name)) for name in raw if name not in names]:
            raise _refused(_("“%(name)s” has no place here.") % {"name": other[0]})

    def _leaf(self, raw: dict[str, Any]) -> Node:
        self.statements += 1
        if self.statements > MOST_STATEMENTS:
            raise self._too_many()
        code = raw.get("field")
        field = self.field(code) if isinstance(code, str) else None
        if field is None:
            named = _shown(code) if isinstance(code, str) else ""
            if self.is_stored:
                return Missing(named, raw)
            raise _refused(
                _("There is nothing called “%(code)s” to ask about. It may belong to a module that is switched off.")
                % {"code": named}
            )
        try:
            return self._about(field, raw)
        except InvalidInput as refusal:
            if self.is_stored:
                return Missing(field.code, raw)
            raise _refused(_("%(field)s: %(refusal)s") % {"field": field.label, "refusal": refusal}) from refusal

    def _about(self, field: Field, raw: dict[str, Any]) -> Leaf:
        self._only(raw, "field", "is", "value", "within")
        operators, named, value = BY_KIND[field.kind], raw.get("is"), raw.get("value")
        if field.kind == "yes_no" and named == "is" and isinstance(value, bool):
            named, value = ("yes" if value else "no"), None
        operator = operators.get(named) if isinstance(named, str) else None
        if operator is None:
            raise _refused(
                _("This cannot be said about it. Choose: %(operators)s.") % {"operators": ", ".join(operators)}
            )
        window = window_of(raw.get("within"))
        if window is not None and not field.takes_window:
            raise _refused(_("This is not counted over a time. Leave the time out."))
        return Leaf(field, operator, self._value(field, operator, value), window)

    def _value(self, field: Field, operator: Operator, value: Any) -> Any:
        match operator.takes:
            case "nothing":
                if value is not None:
                    raise _refused(_("This needs no value. Leave it out."))
                return None
            case "days":
                return self._whole(value, 1, LONGEST_WINDOW_DAYS)
            case "two":
                return self._two(field, value)
            case "list":
                return self._list(field, value)
        return self._one(field, value)

    def _two(self, field: Field, value: Any) -> tuple[Any, Any]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise _refused(_("Enter two values, from and to."))
        first, last = (self._one(field, each) for each in value)
        if first > last:
            raise _refused(_("The first value lies above the second. Turn them round."))
        return first, last

    def _list(self, field: Field, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not value:
            raise _refused(_("Choose at least one."))
        if len(value) > MOST_LISTED:
            raise _refused(_("Choose at most %(most)s.") % {"most": MOST_LISTED})
        return tuple(dict.fromkeys(self._choices(field, value)))

    def _choices(self, field: Field, values: list[Any] | tuple[Any, ...]) -> list[str]:
        known = None if self.is_stored or field.choices is None else field.all_choices()
        found = []
        for each in values:
            if not isinstance(each, str) or not each or len(each) > LONGEST_TEXT or not each.isprintable():
                raise _refused(_("Choose from the list."))
            if known is not None and each not in known:
                raise _refused(_("“%(value)s” is not, or no longer, in the list. Choose another.") % {"value": each})
            found.append(each)
        return found

    def _one(self, field: Field, value: Any) -> Any:
        match field.kind:
            case "money":
                return self._whole(value, -LARGEST_AMOUNT, LARGEST_AMOUNT)
            case "number":
                return self._whole(value, -LARGEST_NUMBER, LARGEST_NUMBER)
            case "date":
                return day_of(value)
            case "text":
                if not isinstance(value, str):
                    raise _refused(_("Enter a text."))
                return plain_text(value, field=FIELD, longest=LONGEST_TEXT)
        return self._choices(field, [value])[0]

    def _whole(self, value: Any, least: int, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refused(_("Enter a whole number."))
        if not least <= value <= most:
            raise _refused(_("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
        return value
