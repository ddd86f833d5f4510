"""One colour of a business becomes a palette that everybody can read.

An owner gives one colour; buttons, links, tints, focus rings and the member card are derived from it in OKLCH, in
light and in dark, and each pair is checked: text at least 4.5:1, controls at least 3:1. Where the colour itself does
not reach that, only its lightness moves (and its chroma, as far as sRGB has no such colour), so the shop's hue stays
the shop's. The member card keeps the colour as it was given.

The surfaces are those of ``assets/css/tokens.css``; a test holds the two together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_COLOUR = "#0b5563"
"""The colour of a business that has not chosen one, and of the public site."""

TEXT_CONTRAST = 4.5
CONTROL_CONTRAST = 3.0

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_WHITE = "#ffffff"
_STEP = 0.005


class BrandColourError(ValueError):
    """The text given is no colour of the form ``#rgb`` or ``#rrggbb``."""

    def __init__(self, given: object) -> None:
        super().__init__(
            f"{str(given)[:40]!r} is not a colour; write it as # and six hexadecimal digits, such as {DEFAULT_COLOUR}."
        )
        self.given = given


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


@dataclass(frozen=True)
class Oklch:
    """A colour as the eye orders them: lightness 0–1, chroma from 0, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    def at(self, lightness: float, *, chroma: float | None = None) -> Oklch:
        """The same hue at another lightness (0–1), and at another chroma where one is given."""
        return Oklch(min(max(lightness, 0.0), 1.0), self.chroma if chroma is None else chroma, self.hue)


def normalise(colour: str) -> str:
    """Return a colour as ``#rrggbb`` in small letters.

    Raises BrandColourError for anything but three or six hexadecimal digits with or without ``#``.
    """
    match = _HEX.fullmatch(colour.strip()) if isinstance(colour, str) else None
    if match is None:
        raise BrandColourError(colour)
    digits = match.group(1).lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2 between two ``#rrggbb`` colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def oklch(colour: str) -> Oklch:
    """A ``#rrggbb`` colour in OKLCH."""
    red, green, blue = (_linear(value) for value in _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def hexadecimal(colour: Oklch) -> str:
    """An OKLCH colour as ``#rrggbb``; chroma is reduced as far as sRGB asks, lightness and hue are kept."""
    low, high = 0.0, colour.chroma
    if not _in_gamut(_to_linear(colour)):
        for _ in range(20):
            middle = (low + high) / 2
            if _in_gamut(_to_linear(colour.at(colour.lightness, chroma=middle))):
                low = middle
            else:
                high = middle
        colour = colour.at(colour.lightness, chroma=low)
    return "#" + "".join(f"{_byte(value):02x}" for value in _to_linear(colour))


@lru_cache(maxsize=512)
def palette(colour: str = DEFAULT_COLOUR) -> dict[str, dict[str, str]]:
    """Return ``{"light": …, "dark": …}``, each from the CSS variable's name to its ``#rrggbb`` value.

    Raises BrandColourError for what is no colour.
    """
    brand = normalise(colour)
    return {"light": _scheme(brand, LIGHT), "dark": _scheme(brand, DARK)}


def style_sheet(colour: str = DEFAULT_COLOUR) -> str:
    """Return the CSS text of a business's brand: light, dark by the device, and dark by the person's own choice.

    Raises BrandColourError for what is no colour.
    """
    both = palette(colour)
    light, dark = _declarations(both["light"]), _declarations(both["dark"])
    return (
        f":root{{{light}}}\n"
        f'@media (prefers-color-scheme: dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
        f':root[data-theme="dark"]{{{dark}}}\n'
    )


def _scheme(brand: str, surfaces: Surfaces) -> dict[str, str]:
    is_dark = surfaces is DARK
    away = 1 if is_dark else -1
    given = oklch(brand)
    tint = hexadecimal(given.at(0.29 if is_dark else 0.955, chroma=min(given.chroma, 0.045 if is_dark else 0.022)))
    text = _move(given, away, lambda value: _reaches(value, (*surfaces.grounds, tint), TEXT_CONTRAST))
    accent = text if is_dark else _light_fill(given)  # in the dark a bright button with dark words is seen best
    words = _readable_on(accent)
    card_words = _readable_on(brand)
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
    }


def _light_fill(given: Oklch) -> str:
    """The colour of a button on light surfaces: with white words where the brand comes near that, else light."""
    seen = _move(given, -1, lambda value: _reaches(value, LIGHT.grounds, CONTROL_CONTRAST))
    under_white = _move(given, -1, lambda value: _reaches(value, (*LIGHT.grounds, _WHITE), TEXT_CONTRAST))
    # yellow with dark words stays nearer the brand than a brown with white words would
    return under_white if given.lightness - oklch(under_white).lightness <= 0.16 else seen


def _reaches(colour: str, grounds: tuple[str, ...], least: float) -> bool:
    return all(contrast(colour, ground) >= least for ground in grounds)


def _readable_on(ground: str) -> str:
    """White where it reads on a colour, else near-black, else black: one of them always does."""
    return next(words for words in (_WHITE, LIGHT.ink, "#000000") if contrast(words, ground) >= TEXT_CONTRAST)


def _hover(accent: str, words: str, surfaces: Surfaces) -> str:
    """The accent one step on, still seen and still read; the smaller step where there is no room for the larger."""
    at = oklch(accent)
    away = -1 if words == _WHITE else 1
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
    moved = hexadecimal(at.at(at.lightness - 0.1) if words == _WHITE else at.at(min(at.lightness + 0.05, 0.98)))
    return moved if contrast(moved, words) >= contrast(brand, words) else brand


def _move(colour: Oklch, direction: int, holds: Callable[[str], bool]) -> str:
    """The nearest lightness darker (-1) or lighter (1) where a condition holds; at the end black or white."""
    lightness = colour.lightness
    while 0.0 <= lightness <= 1.0:
        value = hexadecimal(colour.at(lightness))
        if holds(value):
            return value
        lightness += direction * _STEP
    return _WHITE if direction > 0 else "#000000"


def _declarations(variables: dict[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in variables.items())


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _byte(linear: float) -> int:
    value = min(max(linear, 0.0), 1.0)
    encoded = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(encoded * 255)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(value) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_linear(colour: Oklch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(linear: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= value <= 1.0005 for value in linear)
