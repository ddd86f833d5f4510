"""One or two colours of a business become a palette that everybody can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from regulars.brand.colour import BLACK, DEFAULT_COLOUR, WHITE, Oklch, contrast, hexadecimal, mixed, normalise, oklch

TEXT_CONTRAST = 4.5
CONTROL_CONTRAST = 3.0

_STEP = 0.005
_PATTERN_OWN, _PATTERN_SECOND = 0.16, 0.8
"""How strongly the pattern of the card is drawn at most: in the colour of the words, in the second colour."""


@dataclass(frozen=True)
class Surfaces:
    """What the accent stands on in one scheme: the page, a card, a sunken part, and the ink beside it."""

    ground: str
    surface: str
    sunken: str
    ink: str

    @property
    def grounds(self) -> tuple[str, str, str]:
        """Every colour that text in the accent may stand on."""
        return (self.ground, self.surface, self.sunken)


LIGHT = Surfaces(ground="#f6f6f4", surface="#ffffff", sunken="#ededea", ink="#1b1c1f")
DARK = Surfaces(ground="#121315", surface="#1b1d20", sunken="#26292d", ink="#f1f2f3")


@lru_cache(maxsize=512)
def palette(colour: str = DEFAULT_COLOUR, second: str = "") -> dict[str, dict[str, str]]:
    """Return ``{"light": …, "dark": …}``, each from the CSS variable's name to its ``#rrggbb`` value.

    `second` is the colour of the pattern on the card; empty draws it in the colour of the words.
    Raises BrandColourError for what is no colour.
    """
    brand, pattern = normalise(colour), normalise(second) if second else ""
    return {"light": _scheme(brand, pattern, LIGHT), "dark": _scheme(brand, pattern, DARK)}


def style_sheet(colour: str = DEFAULT_COLOUR, second: str = "") -> str:
    """Return the CSS text of a business's brand: light, dark by the device, and dark by the person's own choice.

    Raises BrandColourError for what is no colour.
    """
    both = palette(colour, second)
    light, dark = _declarations(both["light"]), _declarations(both["dark"])
    return (
        f":root{{{light}}}\n"
        f'@media (prefers-color-scheme: dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
        f':root[data-theme="dark"]{{{dark}}}\n'
    )


def _scheme(brand: str, second: str, surfaces: Surfaces) -> dict[str, str]:
    is_dark = surfaces is DARK
    away = 1 if is_dark else -1
    given = oklch(brand)
    tint = hexadecimal(given.at(0.29 if is_dark else 0.955, chroma=min(given.chroma, 0.045 if is_dark else 0.022)))
    text = _move(given, away, lambda value: _reaches(value, (*surfaces.grounds, tint), TEXT_CONTRAST))
    accent = text if is_dark else _light_fill(given)  # in the dark a bright button with dark words is seen best
    words = readable_on(accent)
    card_words = readable_on(brand)
    return {
        "--accent": accent,
        "--accent-content": words,
        "--accent-hover": _hover(accent, words, surfaces),
        "--accent-text": text,
        "--accent-tint": tint,
        "--focus": _move(
            oklch(accent), away, lambda value: _reaches(value, (*surfaces.grounds, tint), CONTROL_CONTRAST)
        ),
        "--card-ground": brand,
        "--card-ground-end": _card_end(brand, card_words),
        "--card-content": card_words,
        "--card-pattern": _card_pattern(brand, second, card_words),
    }


def _card_pattern(brand: str, second: str, words: str) -> str:
    """The colour of the pattern on the card, drawn as strongly as the words upon it allow."""
    over, most = (second, _PATTERN_SECOND) if second else (words, _PATTERN_OWN)
    for hundredths in range(round(most * 100), 0, -2):
        value = mixed(brand, over, hundredths / 100)
        if contrast(words, value) >= TEXT_CONTRAST:
            return value
    return brand


def _light_fill(given: Oklch) -> str:
    """The colour of a button on light surfaces: with white words where the brand comes near that, else light."""
    seen = _move(given, -1, lambda value: _reaches(value, LIGHT.grounds, CONTROL_CONTRAST))
    under_white = _move(given, -1, lambda value: _reaches(value, (*LIGHT.grounds, WHITE), TEXT_CONTRAST))
    # yellow with dark words stays nearer the brand than a brown with white words would
    return under_white if given.lightness - oklch(under_white).lightness <= 0.16 else seen


def _reaches(colour: str, grounds: tuple[str, ...], least: float) -> bool:
    return all(contrast(colour, ground) >= least for ground in grounds)


def nearest_reaching(colour: Oklch, direction: int, grounds: tuple[str, ...], least: float) -> str:
    """The nearest lightness, darker (-1) or lighter (1), that has a contrast of `least` on all of these grounds."""
    return _move(colour, direction, lambda value: _reaches(value, grounds, least))


def readable_on(ground: str) -> str:
    """White where it reads on a colour, else near-black, else black: one of them always does."""
    return next(words for words in (WHITE, LIGHT.ink, BLACK) if contrast(words, ground) >= TEXT_CONTRAST)


def _hover(accent: str, words: str, surfaces: Surfaces) -> str:
    """The accent one step on, still seen and still read; the smaller step where there is no room for the larger."""
    at = oklch(accent)
    away = -1 if words == WHITE else 1
    for step in (0.06 * away, -0.06 * away, 0.04 * away, -0.04 * away, 0.02 * away, -0.02 * away):
        value = hexadecimal(at.at(at.lightness + step))
        if (
            value != accent
            and contrast(value, words) >= TEXT_CONTRAST
            and _reaches(value, surfaces.grounds, CONTROL_CONTRAST)
        ):
            return value
    return accent


def _card_end(brand: str, words: str) -> str:
    """Where the card's colour runs to: away from the words on it, so that they never read worse than at its start."""
    at = oklch(brand)
    moved = hexadecimal(at.at(at.lightness - 0.1) if words == WHITE else at.at(min(at.lightness + 0.05, 0.98)))
    return moved if contrast(moved, words) >= contrast(brand, words) else brand


def _move(colour: Oklch, direction: int, holds: Callable[[str], bool]) -> str:
    """The nearest lightness darker (-1) or lighter (1) where a condition holds; at the end black or white."""
    lightness = colour.lightness
    while 0.0 <= lightness <= 1.0:
        value = hexadecimal(colour.at(lightness))
        if holds(value):
            return value
        lightness += direction * _STEP
    return WHITE if direction > 0 else BLACK


def _declarations(variables: dict[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in variables.items())
