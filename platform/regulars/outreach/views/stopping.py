"""The page that ends offers, without sign-in: looking changes nothing, sending does, at once, and can be undone.

Mail programs look at every address before a person does, so only a POST ends anything. The same POST may come from a
mail program (RFC 8058): without cookies, so it carries no token of a form and none is asked for.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from regulars import visitors
from regulars.outreach import services, unsubscribe
from regulars.outreach.models import Channel
from regulars.people.models import Member
from regulars.people.selectors import marketing_answers

BY = {
    Channel.EMAIL: gettext_lazy("Offers by e-mail"),
    Channel.SMS: gettext_lazy("Offers by text message"),
    Channel.INBOX: gettext_lazy("Offers in the inbox"),
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show what this address ends, or end it. An address that this business has not signed ends nothing."""
    found = unsubscribe.read_token(token)
    if found is None:
        return _answer(request, {"is_unknown": True}, status=404)
    member, channel = found
    with override(member.language):
        if request.method != "POST":
            return _page(request, member, channel)
        address = visitors.address_of(request)
        if "undo" in request.POST:
            resumed = services.resume_offers(member=member, channel=channel, address=address)
            return _page(request, member, channel, done=_("Offers come again, as before.") if resumed else "")
        ended = "" if request.POST.get("all") else channel
        services.stop_offers(member=member, channel=ended, address=address)
        done = _("No more offers at all.") if not ended else _("No more: %(what)s.") % {"what": BY[Channel(channel)]}
        return _page(request, member, channel, done=done)


def _page(request: HttpRequest, member: Member, channel: str, done: str = "") -> HttpResponse:
    answers = marketing_answers(member)
    context = {
        "what": BY[Channel(channel)],
        "comes": answers[channel],
        "comes_at_all": any(answers.values()),
        "may_resume": services.may_resume_offers(member, channel),
        "done": done,
    }
    return _answer(request, context)


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "outreach/stop.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
