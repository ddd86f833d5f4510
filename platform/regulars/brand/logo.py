"""A logo as it may be kept: checked, drawn anew, with a square twin for small places.

What comes in is judged by its content, never by its name. Refusals say what was found and what would be right.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.brand import drawings, pictures
from regulars.errors import InvalidInput

MOST_BYTES = 2 * 1024 * 1024
"""The heaviest file that is taken, in bytes."""

ENDINGS = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}
"""What a kept logo can be, with its media type."""


@dataclass(frozen=True)
class Logo:
    """A logo ready to be kept: the picture, its square twin, their endings, and the colour it is seen on."""

    picture: bytes
    ending: str
    square: bytes
    square_ending: str
    ground: str


def read_logo(content: bytes) -> Logo:
    """Check a file and draw it anew. Raises `InvalidInput` (field `logo`) in words naming what was found."""
    refuse_weight(len(content))
    if not content:
        raise InvalidInput(_("This file is empty. Choose a PNG, JPEG, WebP or SVG file."), field="logo")
    if drawings.is_drawing(content):
        drawing, ground = drawings.cleaned(content)
        return Logo(picture=drawing, ending="svg", square=drawing, square_ending="svg", ground=ground)
    picture = pictures.opened(content)
    ground = pictures.ground_of(picture)
    whole, ending = pictures.encoded(picture)
    return Logo(
        picture=whole, ending=ending, square=pictures.square(picture, ground), square_ending="png", ground=ground
    )


def refuse_weight(size: int) -> None:
    """Raises `InvalidInput` for a file of more than `MOST_BYTES` bytes, before anything of it is read."""
    if size > MOST_BYTES:
        raise InvalidInput(
            _("This file has %(size)s MB; a logo may have %(most)s MB. Save it smaller: 1,000 pixels are plenty.")
            % {"size": f"{size / 1024 / 1024:.1f}", "most": MOST_BYTES // 1024 // 1024},
            field="logo",
        )
