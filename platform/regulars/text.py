"""Short texts that people type: trimmed, in normal form, without control characters, not longer than they may be."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from regulars.errors import InvalidInput


def plain_text(value: object, *, field: str, longest: int, required: bool = True) -> str:
    """One line of text in Unicode normal form C, with single spaces. Raises `InvalidInput` naming the field."""
    text = "".join(
        " " if char in "\t\r\n" else char
        for char in unicodedata.normalize("NFC", str(value or ""))
        if char in "\t\r\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn") or char == "\u200d"
    )
    text = " ".join(text.split())
    if required and not any(char.isalnum() for char in text):
        raise InvalidInput(_("Please fill this in with words."), field=field)
    if len(text) > longest:
        raise InvalidInput(
            _("This is too long: %(length)s characters, at most %(longest)s fit.")
            % {"length": len(text), "longest": longest},
            field=field,
        )
    return text
