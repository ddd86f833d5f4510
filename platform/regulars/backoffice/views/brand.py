"""The business's colour in Wagtail's admin, as the variables that its style sheet is made of."""

from __future__ import annotations

import colorsys

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from regulars.brand import hexadecimal, oklch, palette
from regulars.organisation.selectors import organisation

MENU_LIGHTNESS = 0.3
"""Dark enough for white words on any hue (OKLCH)."""


@cache_control(max_age=300, private=True)
def brand_style(request: HttpRequest) -> HttpResponse:
    """Menu and buttons of the back office in the brand's hue; contrast is the palette's business."""
    accent = organisation().accent
    given = oklch(accent)
    menu = hexadecimal(given.at(MENU_LIGHTNESS, chroma=min(given.chroma, 0.07)))
    acts = palette(accent)["light"]["--accent-text"]
    style = f":root{{{_hsl('primary', menu)}{_hsl('secondary', acts)}--office-accent:{acts}}}\n"
    return HttpResponse(style, content_type="text/css; charset=utf-8")


def _hsl(name: str, colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return (
        f"--w-color-{name}-hue:{hue * 360:.1f};--w-color-{name}-saturation:{saturation * 100:.1f}%;"
        f"--w-color-{name}-lightness:{lightness * 100:.1f}%;"
    )
