"""What a business looks like: its colours become a palette that everybody can read.

An owner gives one colour, perhaps two; buttons, links, tints, focus rings and the member card are derived in OKLCH, in
light and in dark, and each pair is checked: text at least 4.5:1, controls at least 3:1. Where the colour itself does
not reach that, only its lightness moves (and its chroma, as far as sRGB has no such colour), so the shop's hue stays
the shop's. The member card keeps the colour as it was given.

The surfaces are those of ``assets/css/tokens.css``; a test holds the two together.
"""

from __future__ import annotations

from regulars.brand.colour import (
    DEFAULT_COLOUR,
    BrandColourError,
    Oklch,
    contrast,
    hexadecimal,
    luminance,
    mixed,
    normalise,
    oklch,
)
from regulars.brand.mail import mail_colours
from regulars.brand.palette import (
    CONTROL_CONTRAST,
    DARK,
    LIGHT,
    TEXT_CONTRAST,
    Surfaces,
    nearest_reaching,
    palette,
    style_sheet,
)
from regulars.brand.reading import Reading, reading_of
from regulars.brand.ready import READY, ReadyPalette

__all__ = [
    "CONTROL_CONTRAST",
    "DARK",
    "DEFAULT_COLOUR",
    "LIGHT",
    "READY",
    "TEXT_CONTRAST",
    "BrandColourError",
    "Oklch",
    "Reading",
    "ReadyPalette",
    "Surfaces",
    "contrast",
    "hexadecimal",
    "luminance",
    "mail_colours",
    "mixed",
    "nearest_reaching",
    "normalise",
    "oklch",
    "palette",
    "reading_of",
    "style_sheet",
]
