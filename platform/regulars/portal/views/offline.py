"""What makes the portal an app of the shop's own: its colours, its icon, its manifest, and the card without a network.

None of these speaks of a person. The service worker keeps the card page on the device, for this origin alone, and drops
it as soon as somebody signs out or the server no longer knows the session.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from regulars import brand as brands
from regulars.brand.logo import ENDINGS
from regulars.organisation import selectors as organisations
from regulars.organisation.models import Organisation

FIVE_MINUTES = 300
YEAR = 60 * 60 * 24 * 365


def _organisation(request: HttpRequest) -> Organisation:
    return organisations.organisation_of_version(request.GET.get("v", "")[:40])


def _style_sheet(organisation: Organisation) -> str:
    """The variables of the business's colours; of the default one where the stored text is no colour."""
    try:
        return brands.style_sheet(organisation.accent, organisation.second_colour)
    except brands.BrandColourError:
        return brands.style_sheet()


def _tag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _kept_as_long_as_it_holds(request: HttpRequest, organisation: Organisation, answer: HttpResponse) -> HttpResponse:
    """An address that names this very version never changes what it says; any other is asked again soon."""
    is_this = request.GET.get("v", "") == organisation.brand_version
    patch_cache_control(answer, public=True, max_age=YEAR if is_this else FIVE_MINUTES)
    return answer


@require_safe
@condition(etag_func=lambda request: _tag(_style_sheet(_organisation(request))))
def brand(request: HttpRequest) -> HttpResponse:
    """The business's colours as a style sheet."""
    organisation = _organisation(request)
    answer = HttpResponse(_style_sheet(organisation), content_type="text/css; charset=utf-8")
    return _kept_as_long_as_it_holds(request, organisation, answer)


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo of the business."""
    organisation = _organisation(request)
    return _kept_as_long_as_it_holds(request, organisation, _picture(str(organisation.logo)))


@require_safe
def mark(request: HttpRequest) -> HttpResponse:
    """The logo as a square."""
    organisation = _organisation(request)
    return _kept_as_long_as_it_holds(request, organisation, _picture(str(organisation.logo_square)))


def _picture(name: str) -> HttpResponse:
    """A file of the brand, with headers under which a drawing stays a drawing. Raises `Http404` where there is none."""
    kind = ENDINGS.get(name.rpartition(".")[2])
    if not name or kind is None:
        raise Http404
    try:
        with default_storage.open(name) as file:
            answer = HttpResponse(file.read(), content_type=kind)
    except OSError as error:
        raise Http404 from error
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Content-Disposition"] = f'inline; filename="{PurePosixPath(name).name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"  # mail programs show it as well
    return answer


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """The sign on the home screen of a phone: the square logo, or the business's first letter on its colour."""
    organisation = _organisation(request)
    if organisation.logo_square and default_storage.exists(str(organisation.logo_square)):
        return _kept_as_long_as_it_holds(request, organisation, _picture(str(organisation.logo_square)))
    try:
        colours = brands.palette(organisation.accent)["light"]
    except brands.BrandColourError:
        colours = brands.palette()["light"]
    context = {
        "letter": organisation.name[:1].upper(),
        "ground": colours["--card-ground"],
        "ink": colours["--card-content"],
    }
    answer = render(request, "portal/icon.svg", context, content_type="image/svg+xml")
    patch_cache_control(answer, public=True, max_age=FIVE_MINUTES)
    return answer


def _icons(organisation: Organisation) -> list[dict[str, str]]:
    address = f"{reverse('portal:icon')}?v={organisation.brand_version}"
    if str(organisation.logo_square).endswith(".png"):
        return [{"src": address, "sizes": "512x512", "type": "image/png", "purpose": "any"}]
    return [{"src": address, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]


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
        "icons": _icons(organisation),
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
