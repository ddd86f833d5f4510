"""The brand in a mail, where no style sheet of variables is understood: plain colours for light and for dark."""

from __future__ import annotations

from typing import Protocol

from regulars.brand.colour import BrandColourError
from regulars.brand.palette import DARK, LIGHT, palette


class Branded(Protocol):
    """Whoever has a brand: the business's settings."""

    @property
    def accent(self) -> str:
        """The first colour."""

    @property
    def second_colour(self) -> str:
        """The second, or nothing."""


def mail_colours(organisation: Branded) -> dict[str, str]:
    """What the layout of a mail draws with, from a name to its `#rrggbb` value; those for dark end in `_dark`.

    `band` is the strip that bears the name, `button` and `link` the ways on; each has a `…_words` where words stand on
    it. A stored colour that is none gives the default palette.
    """
    try:
        both = palette(organisation.accent, organisation.second_colour)
    except BrandColourError:
        both = palette()
    found: dict[str, str] = {}
    for ending, scheme, surfaces, muted in (
        ("", both["light"], LIGHT, "#575a60"),
        ("_dark", both["dark"], DARK, "#aab0b7"),
    ):
        found |= {
            f"ground{ending}": surfaces.ground,
            f"surface{ending}": surfaces.surface,
            f"ink{ending}": surfaces.ink,
            f"muted{ending}": muted,
            f"band{ending}": scheme["--card-ground"],
            f"band_words{ending}": scheme["--card-content"],
            f"button{ending}": scheme["--accent"],
            f"button_words{ending}": scheme["--accent-content"],
            f"link{ending}": scheme["--accent-text"],
        }
    return found
