"""The owner's first step into the new business: one link, one minute, one use, then the back office."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tenants import handover

BACK_OFFICE = "/office/"


@never_cache
@require_GET
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the owner in and open the back office; a link that is used up says so and shows the way to sign in."""
    try:
        user = handover.redeem(token)
    except handover.HandoverRefused as refusal:
        if request.user.is_authenticated:  # the page was loaded again
            return HttpResponseRedirect(BACK_OFFICE)
        return _private(render(request, "tenants/welcome_over.html", {"message": refusal.message}, status=403))
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return _private(HttpResponseRedirect(BACK_OFFICE))


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
