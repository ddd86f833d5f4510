"""What a module lets a business set: a dataclass whose fields say their words and their bounds, checked in words.

A field of the dataclass is an `int`, a `bool` or a `str`. What is set is kept by `regulars.plugins.choices`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast, get_type_hints

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.plugins.declaration import PluginConfig

Words = str | Promise
Unit = Literal["", "points", "money", "days", "percent"]
Value = TypeVar("Value", int, bool, str)

KINDS = (int, bool, str)
LONGEST_TEXT = 200
LARGEST_NUMBER = 10**12


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing a business may set: its words, its kind and what it may be. Money is in minor units."""

    name: str
    kind: type
    default: int | bool | str
    label: Words
    help: Words = ""
    unit: Unit = ""
    least: int = 0
    most: int = LARGEST_NUMBER
    choices: tuple[tuple[str, Words], ...] = ()

    def clean(self, value: object) -> int | bool | str:
        """The value as it may be stored. Raises `InvalidInput` with this setting's name, saying what would be right."""
        if self.kind is bool:
            if not isinstance(value, bool):
                raise InvalidInput(_("Answer yes or no."), field=self.name)
            return value
        if self.kind is int:
            return self._whole_number(value)
        return self._text(value)

    def _whole_number(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidInput(_("Enter a whole number."), field=self.name)
        if not self.least <= value <= self.most:
            words = _("Enter a number from %(least)s to %(most)s.") % {"least": self.least, "most": self.most}
            raise InvalidInput(words, field=self.name)
        return value

    def _text(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
            words = _("Enter one line of at most %(most)s characters.") % {"most": LONGEST_TEXT}
            raise InvalidInput(words, field=self.name)
        if self.choices and value not in dict(self.choices):
            raise InvalidInput(_("Choose one of the answers listed."), field=self.name)
        return value


def setting(
    default: Value,
    *,
    label: Words,
    help: Words = "",
    unit: Unit = "",
    least: int = 0,
    most: int = LARGEST_NUMBER,
    choices: Sequence[tuple[str, Words]] = (),
) -> Value:
    """A field of a settings dataclass with the words of its form: `stamps: int = setting(10, label=_("Stamps"))`.

    `unit` says what a number counts (`money` is minor units of the business's currency); `least` and `most` bound it,
    both included; `choices` are the answers a text may be, each with its words.
    """
    words = {"label": label, "help": help, "unit": unit, "least": least, "most": most, "choices": tuple(choices)}
    made: Any = dataclasses.field(default=default, metadata=words)
    return made  # type: ignore[no-any-return]


def declared(config: PluginConfig) -> list[Setting]:
    """What a module lets a business set, in the order of its dataclass; nothing for one without settings.

    Raises `TypeError` for a field that is neither `int`, `bool` nor `str`, or whose own default is not allowed.
    """
    kind: Any = config.settings
    if kind is None:
        return []
    hints = get_type_hints(kind)
    found = []
    for field in dataclasses.fields(kind):
        if hints[field.name] not in KINDS:
            raise TypeError(f"the setting {field.name} is neither int, bool nor str")
        words = {"label": field.name.replace("_", " ").capitalize(), **field.metadata}
        known = {name: words[name] for name in words if name in Setting.__dataclass_fields__}
        made = Setting(name=field.name, kind=hints[field.name], default=cast(Any, field.default), **known)
        try:
            made.clean(made.default)
        except InvalidInput as error:
            raise TypeError(f"the default of the setting {field.name} is not allowed") from error
        found.append(made)
    return found
