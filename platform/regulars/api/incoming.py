"""What every body that comes in has in common: no unknown fields, no text that no database takes, no yes for 1."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError


class Incoming(Schema):
    """A body, or a part of one. A field that we do not know is refused: a mistyped one is found, not overlooked."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise PydanticCustomError("null_byte", "text without the character NUL")
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _is_number(cls, value: Any, about: ValidationInfo) -> Any:
        """`true` is no amount, though to Python it is 1."""
        if isinstance(value, bool) and cls.model_fields[about.field_name or ""].annotation in (int, int | None):
            raise PydanticCustomError("int_type", "a whole number")
        return value
