"""Whether a colour can be read, and the nearest one that can: what an owner is told before it is saved.

Nothing ever becomes unreadable by a pale colour, for buttons, links and words take shades that pass. But an owner who
chose it expects to see it, so the colour is refused with its sample until they take the nearest or say that they want
it for the card alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.brand.colour import contrast, normalise, oklch
from regulars.brand.palette import CONTROL_CONTRAST, LIGHT, TEXT_CONTRAST, nearest_reaching, readable_on


@dataclass(frozen=True)
class Reading:
    """A colour as words on a white page: `ratio` is its contrast there, `nearest` the nearest colour that is read."""

    colour: str
    ratio: float
    nearest: str
    words_on_it: str

    @property
    def is_pale(self) -> bool:
        """Nobody reads large words in it, nobody sees a button of it: less than 3 : 1."""
        return self.ratio < CONTROL_CONTRAST

    @property
    def is_read(self) -> bool:
        """Small words in it are read as they are: 4.5 : 1 at least."""
        return self.ratio >= TEXT_CONTRAST


def reading_of(colour: str) -> Reading:
    """Judge a colour on the light page, where most people see it. Raises BrandColourError for what is no colour."""
    given = normalise(colour)
    nearest = nearest_reaching(oklch(given), -1, LIGHT.grounds, TEXT_CONTRAST)
    ratio = min(contrast(given, ground) for ground in LIGHT.grounds)
    return Reading(colour=given, ratio=ratio, nearest=nearest, words_on_it=readable_on(given))
