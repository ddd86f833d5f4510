"""Which language a request is spoken to in; the library's middleware with one difference.

When nothing stands at an address, the stock middleware tries the same address below a language (`/x/` → `/en/x/`),
which is right for pages. When a view of ours was reached and says 404 (a record of somebody else, a module that is
off), that is the answer and nobody is sent elsewhere.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language


class LanguageMiddleware(LocaleMiddleware):
    """Chooses the language and lets a view's own 404 stand."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave a view's 404 as it is; everything else as the library does it."""
        if response.status_code != 404 or request.resolver_match is None:
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", get_language() or "")
        return response
