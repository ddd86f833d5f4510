"""How long a text message is: the letters it may hold, and in how many parts it is sent and paid (3GPP TS 23.038)."""

from __future__ import annotations

from dataclasses import dataclass

GSM_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet of GSM, seven bits a letter."""

GSM_ESCAPED = frozenset("\f^{}\\[~]|€")
"""Letters that take the room of two."""


@dataclass(frozen=True)
class Measure:
    """How a text is sent: letters counted as the network counts them, parts, and how many letters fit these parts."""

    letters: int
    parts: int
    room: int
    is_gsm: bool


def measure(text: str) -> Measure:
    """The length of a text. One letter outside GSM's alphabet makes all letters take sixteen bits."""
    is_gsm = all(char in GSM_LETTERS or char in GSM_ESCAPED for char in text)
    alone, joined = (160, 153) if is_gsm else (70, 67)
    letters = _septets(text) if is_gsm else len(text.encode("utf-16-be")) // 2
    if letters <= alone:
        return Measure(letters=letters, parts=1 if letters else 0, room=alone, is_gsm=is_gsm)
    parts = -(-letters // joined)
    return Measure(letters=letters, parts=parts, room=parts * joined, is_gsm=is_gsm)


def _septets(text: str) -> int:
    return sum(2 if char in GSM_ESCAPED else 1 for char in text)
