"""Whatever colour an owner gives, everything drawn with it can be seen and read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars import brand

ROOT = Path(__file__).parents[2]
TOKENS = ROOT / "assets/css/tokens.css"
BUILT = ROOT / "platform/regulars/static/regulars/regulars.css"

colours = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")
schemes = pytest.mark.parametrize(("scheme", "surfaces"), [("light", brand.LIGHT), ("dark", brand.DARK)])


@schemes
@given(colour=colours)
def test_any_colour_gives_words_that_can_be_read(scheme: str, surfaces: brand.Surfaces, colour: str) -> None:
    palette = brand.palette(colour)[scheme]
    pairs = {
        "words on a button": (palette["--accent-content"], palette["--accent"]),
        "words on a button under the pointer": (palette["--accent-content"], palette["--accent-hover"]),
        "a link on a tint": (palette["--accent-text"], palette["--accent-tint"]),
        "ink on a tint": (surfaces.ink, palette["--accent-tint"]),
        "words where the card begins": (palette["--card-content"], palette["--card-ground"]),
        "words where the card ends": (palette["--card-content"], palette["--card-ground-end"]),
        **{f"a link on {ground}": (palette["--accent-text"], ground) for ground in surfaces.grounds},
    }
    assert {name: pair for name, pair in pairs.items() if brand.contrast(*pair) < 4.5} == {}


@schemes
@given(colour=colours)
def test_any_colour_gives_controls_that_can_be_seen(scheme: str, surfaces: brand.Surfaces, colour: str) -> None:
    palette = brand.palette(colour)[scheme]
    pairs = {
        (name, ground): brand.contrast(palette[name], ground)
        for name in ("--accent", "--accent-hover", "--focus")
        for ground in surfaces.grounds
    }
    assert {pair: ratio for pair, ratio in pairs.items() if ratio < 3} == {}
    assert brand.contrast(palette["--focus"], palette["--accent-tint"]) >= 3


@given(colour=colours)
def test_a_colour_survives_the_way_through_oklch(colour: str) -> None:
    there_and_back = brand.hexadecimal(brand.oklch(colour))
    assert all(abs(int(colour[at : at + 2], 16) - int(there_and_back[at : at + 2], 16)) <= 1 for at in (1, 3, 5)), (
        there_and_back
    )


@given(colour=colours)
def test_the_card_keeps_the_colour_as_it_was_given(colour: str) -> None:
    assert [scheme["--card-ground"] for scheme in brand.palette(colour).values()] == [colour, colour]


def test_a_colour_that_already_reads_is_left_alone() -> None:
    light = brand.palette("#c8102e")["light"]
    assert (light["--accent"], light["--accent-text"], light["--accent-content"]) == ("#c8102e", "#c8102e", "#ffffff")


def test_yellow_is_darkened_until_it_is_seen_and_carries_dark_words() -> None:
    light = brand.palette("#ffd600")["light"]
    assert brand.oklch(light["--accent"]).lightness < brand.oklch("#ffd600").lightness
    assert light["--accent-content"] == brand.LIGHT.ink
    assert abs(brand.oklch(light["--accent"]).hue - brand.oklch("#ffd600").hue) < 4


def test_contrast_is_that_of_wcag() -> None:
    assert brand.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert brand.contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)
    assert brand.contrast("#777777", "#777777") == 1


@pytest.mark.parametrize(
    ("given_text", "meant"), [("#ABC", "#aabbcc"), ("0b5563", "#0b5563"), (" #0B5563 ", "#0b5563")]
)
def test_a_colour_may_be_written_short_large_or_bare(given_text: str, meant: str) -> None:
    assert brand.normalise(given_text) == meant


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "#",
        "red",
        "#12",
        "#12345",
        "#1234567",
        "#gggggg",
        "#000;}body{display:none",
        "rgb(0,0,0)",
        "＃０ｂ５５６３",
        "#0b5563\n#",
        None,
    ],
)
def test_what_is_no_colour_is_refused_in_words(nonsense: object) -> None:
    with pytest.raises(brand.BrandColourError, match="is not a colour; write it as #"):
        brand.style_sheet(nonsense)  # type: ignore[arg-type]


@given(text=st.text(max_size=12))
def test_no_text_gets_into_the_style_sheet_but_colours(text: str) -> None:
    try:
        sheet = brand.style_sheet(text)
    except brand.BrandColourError:
        return
    assert re.fullmatch(r"[^<\\]+", sheet)
    assert sheet == brand.style_sheet(brand.normalise(text))


def test_the_style_sheet_says_light_dark_by_the_device_and_dark_by_choice() -> None:
    light, by_device, by_choice = brand.style_sheet("#c8102e").splitlines()
    assert light.startswith(":root{--accent:#c8102e;--accent-content:#ffffff;")
    assert by_device.startswith('@media (prefers-color-scheme: dark){:root:not([data-theme="light"]){--accent:#')
    assert by_choice.startswith(':root[data-theme="dark"]{--accent:#')


@pytest.mark.parametrize("surfaces", [brand.LIGHT, brand.DARK], ids=["light", "dark"])
def test_the_surfaces_checked_are_those_of_the_style_sheet(surfaces: brand.Surfaces) -> None:
    tokens = TOKENS.read_text()
    written = {name: f"--{name}: {value};" for name, value in vars(surfaces).items()}
    assert {name: line for name, line in written.items() if line not in tokens} == {}


def test_pages_without_a_business_wear_the_default_colour() -> None:
    tokens = TOKENS.read_text()
    palette = brand.palette()
    written = {f"{name}: {value};" for scheme in palette.values() for name, value in scheme.items()}
    assert {line for line in written if line not in tokens} == set()


def test_the_style_sheet_loads_nothing_from_outside() -> None:
    built = BUILT.read_text()
    assert set(re.findall(r"url\(([^)]*)\)", built)) == {
        f"patterns/{trade}.svg" for trade in ("retail", "restaurant", "hotel", "salon", "gym", "school", "dealers")
    }
    assert re.findall(r"https?://(?!tailwindcss\.com)\S+", built) == []
