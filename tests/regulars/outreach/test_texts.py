"""The length of a text decides what it costs."""

from __future__ import annotations

import pytest

from regulars.outreach.texts import measure

pytestmark = pytest.mark.clause("3.8")


@pytest.mark.parametrize(
    ("text", "letters", "parts", "room"),
    [
        ("", 0, 0, 160),
        ("a" * 160, 160, 1, 160),
        ("a" * 161, 161, 2, 306),
        ("€" * 80, 160, 1, 160),
        ("茶" * 70, 70, 1, 70),
        ("茶" * 71, 71, 2, 134),
        ("a" * 70 + "’", 71, 2, 134),
        ("😀" * 35, 70, 1, 70),
    ],
)
def test_a_text_is_counted_as_the_network_counts(text: str, letters: int, parts: int, room: int) -> None:
    found = measure(text)
    assert (found.letters, found.parts, found.room) == (letters, parts, room)
