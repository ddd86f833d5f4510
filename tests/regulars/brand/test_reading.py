"""A colour is judged before it is saved, and whatever is saved, everything drawn with it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars import brand

pytestmark = pytest.mark.clause("3.6")

colours = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(first=colours, second=colours | st.just(""))
def test_the_words_on_a_card_are_read_on_any_pattern(first: str, second: str) -> None:
    for scheme in brand.palette(first, second).values():
        grounds = [scheme[name] for name in ("--card-ground", "--card-ground-end", "--card-pattern")]
        assert [ground for ground in grounds if brand.contrast(scheme["--card-content"], ground) < 4.5] == []


@given(first=colours, second=colours | st.just(""))
def test_everything_in_a_mail_is_read_in_light_and_dark(first: str, second: str) -> None:
    class House:
        accent, second_colour = first, second

    found = brand.mail_colours(House())
    for end in ("", "_dark"):
        pairs = [
            (f"ink{end}", f"surface{end}"),
            (f"muted{end}", f"ground{end}"),
            (f"link{end}", f"surface{end}"),
            (f"link{end}", f"ground{end}"),
            (f"button_words{end}", f"button{end}"),
            (f"band_words{end}", f"band{end}"),
        ]
        assert [pair for pair in pairs if brand.contrast(found[pair[0]], found[pair[1]]) < 4.5] == []


def test_a_mail_of_a_stored_colour_that_is_none_wears_the_default() -> None:
    class House:
        accent, second_colour = "red", ""

    assert brand.mail_colours(House())["band"] == brand.DEFAULT_COLOUR


@given(colour=colours)
def test_the_nearest_colour_that_is_offered_can_be_read(colour: str) -> None:
    reading = brand.reading_of(colour)
    assert brand.reading_of(reading.nearest).is_read
    assert reading.nearest == colour or not reading.is_read
    assert brand.contrast(reading.words_on_it, colour) >= 4.5


@pytest.mark.parametrize(
    ("colour", "pale", "read"),
    [
        ("#ffd600", True, False),
        ("#ffffff", True, False),
        ("#f08c00", True, False),
        ("#d2691e", False, False),
        ("#0b5563", False, True),
        ("#000000", False, True),
    ],
)
def test_what_nobody_can_read_is_known_as_such(colour: str, pale: bool, read: bool) -> None:
    reading = brand.reading_of(colour)
    assert (reading.is_pale, reading.is_read) == (pale, read)


def test_every_ready_palette_can_be_read_and_there_are_four_for_each_trade() -> None:
    from regulars.organisation.models import CardPattern, Trade

    assert {trade: len(palettes) for trade, palettes in brand.READY.items()} == dict.fromkeys(Trade.values, 4)
    every = [one for palettes in brand.READY.values() for one in palettes]
    assert [one.accent for one in every if not brand.reading_of(one.accent).is_read] == []
    assert {one.pattern for one in every} <= set(CardPattern.values)
    assert [one.name for one in every if brand.normalise(one.second) != one.second] == []
