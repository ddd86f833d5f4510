"""The page behind the link that an owner gets by mail: confirmed, used, too old or unknown, each with a way on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.errors import TooMany
from tenants import hosts, limits, services
from tenants.models import EmailConfirmation
from tenants.services import LinkTooOld, LinkUnknown


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Opened, the link confirms the owner's e-mail; sent as a form, it asks for a new one when it was too old."""
    try:
        found = services.find_confirmation(token)
    except LinkUnknown as refusal:
        words = _("Open the newest mail we sent you, or copy its whole link into the browser.")
        return _page(request, "unknown", _("We do not know this link"), words, status=404, refusal=str(refusal.message))
    if request.method == "POST" and found.confirmed_at is None:
        return _send_again(request, found)
    try:
        business = services.confirm_email(token)
    except LinkTooOld:
        return _too_old(request, found)
    office = f"{hosts.root_of(business)}/office/"
    if found.confirmed_at is not None:
        words = _("You have used this link before, and that was enough. There is nothing left to do.")
        return _page(request, "used", _("Your e-mail was already confirmed"), words, office=office)
    words = _("Thank you. Messages about %(business)s reach you at %(email)s.")
    words %= {"business": business.name, "email": business.owner_email}
    return _page(request, "confirmed", _("Your e-mail is confirmed"), words, office=office)


def _send_again(request: HttpRequest, found: EmailConfirmation) -> HttpResponse:
    try:
        limits.count(request, limits.mails())
    except TooMany as refusal:
        return _too_old(request, found, status=429, refusal=str(refusal.message))
    services.send_confirmation(business=found.business)
    words = _("We have written to %(email)s. The link in that mail works for seven days.")
    words %= {"email": found.business.owner_email}
    return _page(request, "sent", _("A new link is on its way"), words)


def _too_old(request: HttpRequest, found: EmailConfirmation, *, status: int = 410, refusal: str = "") -> HttpResponse:
    words = _("It worked for seven days. We gladly send a new one to the same e-mail; your place is open meanwhile.")
    return _page(request, "expired", _("This link is too old"), words, status=status, refusal=refusal, may_resend=True)


def _page(request: HttpRequest, state: str, title: str, words: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"page": "confirm", "state": state, "title": title, "words": words, **more}
    response = render(request, "tenants/confirm.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response
