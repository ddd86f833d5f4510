"""Names for the outside: random ids with a kind prefix, so that a business's ids never mean anything at another.

Inside, rows have bigint keys; URLs, the API, QR codes and events carry only these.
"""

from __future__ import annotations

import os
from typing import Any

from django.db import models

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
EVEN = len(ALPHABET) * (256 // len(ALPHABET))
"""So many values of a byte stand for the letters evenly; the others are thrown away, so that no letter is likelier."""
LETTERS = (ALPHABET * (256 // len(ALPHABET))).ljust(256).encode()
THROWN_AWAY = bytes(range(EVEN, 256))


def new_public_id(prefix: str) -> str:
    """`mem_` and 16 characters of 30: 78 bits, enough never to meet twice and never to be guessed."""
    return f"{prefix}_{random_code(LENGTH)}"


def new_public_ids(*prefixes: str) -> list[str]:
    """One for each of these; what is random about them is asked for once."""
    letters = random_code(LENGTH * len(prefixes))
    return [f"{prefix}_{letters[LENGTH * n : LENGTH * (n + 1)]}" for n, prefix in enumerate(prefixes)]


def random_code(length: int) -> str:
    """A random code without letters that people mix up (no 0/o, 1/l/i, u)."""
    found = b""
    while len(found) < length:
        found += os.urandom(length + length // 2).translate(LETTERS, THROWN_AWAY)
    return found[:length].decode()


class _Default:
    """A default that migrations can write down: the prefix and nothing else."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self) -> str:
        return new_public_id(self.prefix)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Default) and other.prefix == self.prefix

    def __hash__(self) -> int:
        return hash(self.prefix)

    def deconstruct(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        return ("regulars.public_ids._Default", (self.prefix,), {})


class PublicIdField(models.CharField):  # type: ignore[type-arg]
    """The public id of a row. Uniqueness is a named constraint of the model: `unique=True` would add a second index."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        options.setdefault("max_length", 24)
        options.setdefault("editable", False)
        options.setdefault("default", _Default(prefix))
        super().__init__(**options)

    def get_prep_value(self, value: Any) -> Any:
        """As Django's, for any text an address brings: a NUL, which PostgreSQL refuses, becomes what no id has."""
        prepared = super().get_prep_value(value)
        return prepared.replace("\0", "\ufffd") if isinstance(prepared, str) else prepared

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "prefix": self.prefix}
