"""The first step into a business from another host: one link, one minute, one use, then the door it is for."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tenants import handover

PRACTICE_SESSION = 12 * 60 * 60
"""Seconds somebody stays signed in where they practise: whoever leaves the team cannot enter again."""


@never_cache
@require_GET
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the person in and open their door; a link that is used up says so and shows the way to sign in."""
    path, language = handover.leads_to(token)
    try:
        user = handover.redeem(token)
    except handover.HandoverRefused as refusal:
        if request.user.is_authenticated:  # the page was loaded again
            return HttpResponseRedirect(path)
        return _private(render(request, "tenants/welcome_over.html", {"message": refusal.message}, status=403))
    login(request, user, backend="regulars.access.backends.PasswordBackend")
    if request.tenant.practice_of_id is not None:  # type: ignore[attr-defined]
        request.session.set_expiry(PRACTICE_SESSION)
    response = HttpResponseRedirect(path)
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
