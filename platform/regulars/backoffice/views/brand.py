"""The look of the business: the page where it is chosen, and the style sheet of Wagtail's admin made of it."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from wagtail.admin import messages

from regulars.backoffice.needs import needs
from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.brand import (
    DEFAULT_COLOUR,
    READY,
    TEXT_CONTRAST,
    BrandColourError,
    hexadecimal,
    mail_colours,
    nearest_reaching,
    normalise,
    oklch,
    palette,
    reading_of,
)
from regulars.errors import InvalidInput
from regulars.organisation.brand_form import BrandForm
from regulars.organisation.branding import change_brand, undo_brand
from regulars.organisation.models import CardPattern, Organisation, Trade
from regulars.organisation.selectors import organisation, organisation_of_version

MENU_LIGHTNESS = 0.3
"""Dark enough for white words on any hue (OKLCH)."""

DARK_GROUNDS = ("#1d1d1d", "#262626", "#333333")
"""What links of Wagtail's admin stand on in the dark."""

CLEAR = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""A picture of nothing, in whose place the browser puts a logo that was chosen but not sent yet."""


@cache_control(max_age=300, private=True)
def brand_style(request: HttpRequest) -> HttpResponse:
    """Menu and buttons of the back office in the brand's hue; contrast is the palette's business."""
    accent = _colour(organisation_of_version(request.GET.get("v", "")[:40]).accent, DEFAULT_COLOUR)
    given = oklch(accent)
    menu = hexadecimal(given.at(MENU_LIGHTNESS, chroma=min(given.chroma, 0.07)))
    acts = palette(accent)["light"]["--accent-text"]
    seen = nearest_reaching(given, 1, DARK_GROUNDS, TEXT_CONTRAST)
    dark = f"--w-color-secondary-100:{seen};--w-color-secondary-75:{seen}"
    style = (
        f":root{{{_hsl('primary', menu)}{_hsl('secondary', acts)}--office-accent:{acts}}}\n"
        f"@media (prefers-color-scheme: dark){{.w-theme-system{{{dark}}}}}\n"
        f".w-theme-dark{{{dark}}}\n"
    )
    return HttpResponse(style, content_type="text/css; charset=utf-8")


def _hsl(name: str, colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return (
        f"--w-color-{name}-hue:{hue * 360:.1f};--w-color-{name}-saturation:{saturation * 100:.1f}%;"
        f"--w-color-{name}-lightness:{lightness * 100:.1f}%;"
    )


def _colour(text: str, otherwise: str) -> str:
    """A colour as it was typed, or another where it is none."""
    try:
        return normalise(text)
    except BrandColourError:
        return otherwise


@dataclass(frozen=True)
class Look:
    """What a preview draws: the settings as they would be."""

    name: str
    accent: str
    second_colour: str
    pattern: str
    logo_url: str
    mark_url: str
    logo_ground: str

    @property
    def mail_logo_address(self) -> str:
        """The logo in the mail of the preview, which knows this host."""
        return self.logo_url


def _look(request: HttpRequest) -> Look:
    """The look that an address describes; what it does not say, or says wrongly, is as it stands."""
    here, sent = organisation(), request.GET
    pattern = sent.get("card_pattern", here.card_pattern)
    logo = sent.get("logo", "")
    second = sent.get("second_colour", here.second_colour)
    pictures = {"none": ("", ""), "own": (CLEAR, CLEAR)}.get(logo, (here.logo_url, here.mark_url))
    return Look(
        name=here.name,
        accent=_colour(sent.get("accent", ""), _colour(here.accent, DEFAULT_COLOUR)),
        second_colour=_colour(second, "") if second else "",
        pattern=pattern if pattern in CardPattern.values else here.trade,
        logo_url=pictures[0],
        mark_url=pictures[1],
        logo_ground="#ffffff" if logo == "own" else here.logo_ground,
    )


@never_cache
@require_safe
@needs("brand.change")
def brand_preview(request: HttpRequest) -> HttpResponse:
    """Card, counter, mail and receipt in a look that nobody has saved, in light or in dark."""
    look = _look(request)
    scheme = "dark" if request.GET.get("scheme") == "dark" else "light"
    both = mail_colours(look)
    colours = (
        {name: both[f"{name}_dark"] for name in list(both) if f"{name}_dark" in both} if scheme == "dark" else both
    )
    variables = ";".join(f"{name}:{value}" for name, value in palette(look.accent, look.second_colour)[scheme].items())
    context = {"look": look, "scheme": scheme, "variables": variables, "colours": colours}
    return render(request, "backoffice/brand_preview.html", context)


@never_cache
@require_safe
@needs("brand.change")
def brand_reading(request: HttpRequest) -> HttpResponse:
    """Whether the colour in the address can be read, with its sample."""
    try:
        reading = reading_of(request.GET.get("accent", ""))
    except BrandColourError:
        return HttpResponse()
    return render(request, "backoffice/brand_reading.html", {"reading": reading})


class BrandPage(ActPage):
    """Logo, colours and pattern, with everything that wears them beside the form."""

    form_class = BrandForm
    template_name = "backoffice/brand.html"
    success_url = reverse_lazy("office_settings:brand")
    page_title = gettext_lazy("Brand")
    header_icon = "sparkles"
    permission = "brand.change"
    success_message = gettext_lazy("Saved. Site, cards, counter, mail and receipts show it at once.")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The look as it is, and what was clicked instead of typed."""
        kwargs = {**super().get_form_kwargs(), "organisation": organisation()}
        if "data" in kwargs:
            kwargs["data"] = kwargs["data"].copy()
            for name, value in _clicked(self.request.POST.get("act", "")).items():
                kwargs["data"][name] = value
        return kwargs

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Save, take back, or only show what was clicked."""
        act = request.POST.get("act", "save")
        if act == "undo":
            return self._undone(request)
        if act == "save":
            return super().post(request, *args, **options)
        form = self.get_form()
        form.is_valid()
        return self.render_to_response(self.get_context_data(form=form))

    def _undone(self, request: HttpRequest) -> HttpResponse:
        try:
            undo_brand(by=actor_of(request))
            messages.success(request, _("Taken back. The look is as it was before."))
        except InvalidInput as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(self.get_success_url())

    def act(self, form: Any) -> Organisation:
        """Change it through the service."""
        return change_brand(by=actor_of(self.request), **form.changes())

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The palettes to click, the reading of the colour, and what the last change replaced."""
        found = super().get_context_data(**context)
        form, here = found["form"], organisation()
        typed = {name: form[name].value() or "" for name in ("accent", "second_colour", "card_pattern")}
        accent = _colour(str(typed["accent"]), "")
        trades = sorted(READY, key=lambda trade: trade != here.trade)
        return found | {
            "here": here,
            "typed": typed,
            "reading": reading_of(accent) if accent else None,
            "ready": [
                (Trade(trade).label, [(f"palette:{trade}:{at}", one) for at, one in enumerate(READY[trade])])
                for trade in trades
            ],
            "before": here.brand_before,
            "schemes": [("light", _("In light")), ("dark", _("In the dark"))],
        }


def _clicked(act: str) -> dict[str, str]:
    """What a click fills in: `use:#rrggbb` the colour, `palette:trade:number` a ready palette; nothing for others."""
    kind, _colon, rest = act.partition(":")
    if kind == "use":
        return {"accent": _colour(rest, DEFAULT_COLOUR)}
    if kind == "palette":
        trade, _colon, number = rest.partition(":")
        palettes = READY.get(trade, ())
        if number.isdecimal() and int(number[:3]) < len(palettes):
            one = palettes[int(number[:3])]
            return {"accent": one.accent, "second_colour": one.second, "card_pattern": one.pattern}
    return {}
