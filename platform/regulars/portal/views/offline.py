"""What makes the portal an app of the shop's own: its colours, its icon, its manifest, and the card without a network.

None of these speaks of a person. The service worker keeps the card page on the device, for this origin alone, and drops
it as soon as somebody signs out or the server no longer knows the session.
"""

from __future__ import annotations

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from regulars import brand as brands
from regulars.organisation import selectors as organisations

FIVE_MINUTES = 300


def _style_sheet() -> str:
    """The variables of the business's colour; of the default one where the stored text is no colour."""
    try:
        return brands.style_sheet(organisations.organisation().accent)
    except brands.BrandColourError:
        return brands.style_sheet()


def _tag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
@condition(etag_func=lambda request: _tag(_style_sheet()))
def brand(request: HttpRequest) -> HttpResponse:
    """The business's colours as a style sheet."""
    return HttpResponse(_style_sheet(), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
def icon(request: HttpRequest) -> HttpResponse:
    """The sign on the home screen of a phone: the business's first letter on its colour."""
    organisation = organisations.organisation()
    try:
        colours = brands.palette(organisation.accent)["light"]
    except brands.BrandColourError:
        colours = brands.palette()["light"]
    context = {
        "letter": organisation.name[:1].upper(),
        "ground": colours["--card-ground"],
        "ink": colours["--card-content"],
    }
    return render(request, "portal/icon.svg", context, content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the portal on its home screen."""
    organisation = organisations.organisation()
    words = {
        "id": reverse("portal:card"),
        "name": organisation.name,
        "short_name": organisation.name[:12],
        "lang": get_language(),
        "start_url": reverse("portal:card"),
        "scope": reverse("portal:card"),
        "display": "standalone",
        "background_color": "#f6f6f4",
        "theme_color": organisation.accent,
        "icons": [{"src": reverse("portal:icon"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(words, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the card page for times without a network, for addresses below this one only."""
    parts = [static("regulars/regulars.css"), static("regulars/regulars.js"), static("regulars/icons.svg")]
    places = {
        "card": reverse("portal:card"),
        "offline": reverse("portal:offline"),
        "signOut": reverse("portal:sign_out"),
        "brand": reverse("portal:brand_style"),
        "parts": [*parts, reverse("portal:icon")],
    }
    script = json.dumps(places, ensure_ascii=True)
    return render(
        request, "portal/service-worker.js", {"places": script}, content_type="text/javascript; charset=utf-8"
    )


@require_safe
@cache_control(public=True, max_age=FIVE_MINUTES)
def without_network(request: HttpRequest) -> HttpResponse:
    """What a screen that needs the network says while there is none."""
    return render(request, "portal/offline.html")
