"""Colours as text, as the eye orders them (OKLCH), and how well one is seen on another (WCAG 2)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

DEFAULT_COLOUR = "#0b5563"
"""The colour of a business that has not chosen one, and of the public site."""

WHITE = "#ffffff"
BLACK = "#000000"

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


class BrandColourError(ValueError):
    """The text given is no colour of the form ``#rgb`` or ``#rrggbb``."""

    def __init__(self, given: object) -> None:
        super().__init__(
            f"{str(given)[:40]!r} is not a colour; write it as # and six hexadecimal digits, such as {DEFAULT_COLOUR}."
        )
        self.given = given


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
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
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


def mixed(ground: str, over: str, share: float) -> str:
    """A colour laid over another at a share from 0 to 1, as a browser blends them."""
    pairs = zip(_channels(ground), _channels(over), strict=True)
    return "#" + "".join(f"{round(255 * (under + (upper - under) * share)):02x}" for under, upper in pairs)


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _byte(linear: float) -> int:
    value = min(max(linear, 0.0), 1.0)
    encoded = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(encoded * 255)


def luminance(colour: str) -> float:
    """How much light a `#rrggbb` colour gives, from 0 to 1 (WCAG 2)."""
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
