"""What every body that comes in has in common: no unknown fields, and no text that a database does not take for one."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, field_validator
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
