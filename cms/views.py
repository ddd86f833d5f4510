"""The way into the site: `/` sends each reader to the home page in a language they read."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from regulars.organisation import selectors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send the reader to the home page in a language: as they chose, as their browser says, or as the business does."""
    response = HttpResponseRedirect(f"/{readers_language(request)}/")
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


def readers_language(request: HttpRequest) -> str:
    """A language of ours for whoever asks."""
    chosen = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    accepted = [code for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    for code in chosen + accepted:
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return str(selectors.organisation().language)
