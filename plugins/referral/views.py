"""The pages that members and their friends see: the member's own invitations, and where a link leads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plugins.referral import selectors, services
from plugins.referral.models import Ended, Referral, State
from regulars import hooks, plugins
from regulars.errors import RegularsError
from regulars.organisation.selectors import organisation
from regulars.people.selectors import Member
from regulars.plugins.pages import member_here, member_page, members_only

SIGNS = {
    State.INVITED: ("clock", ""),
    State.JOINED: ("members", "accent"),
    State.QUALIFIED: ("sale", "accent"),
    State.REWARDED: ("gift", "gain"),
    State.REJECTED: ("minus", ""),
    State.EXPIRED: ("clock", ""),
}
"""The icon and the tone of each state."""


@members_only
@require_safe
def invite(request: HttpRequest, member: Member) -> HttpResponse:
    """The member's link, code and QR code, what both get, and how far each friend has come."""
    context: dict[str, Any] = {
        "is_on": plugins.is_on("referral"),
        "terms": selectors.settings(),
        "friends": [_line(row) for row in selectors.friends_of(member)],
        "brought": selectors.brought(member),
    }
    if context["is_on"]:
        try:
            code = services.invitation_of(member=member).code
        except services.NotYours as refusal:
            context["refusal"] = str(refusal)
        else:
            link = _link(request, code)
            words = _("%(business)s: join through my invitation, and we both get points.") % {
                "business": organisation().name
            }
            context |= {"code": code.upper(), "link": link, "qr": _qr(link), "share_words": words}
    return member_page(request, member, "referral/invite.html", section="me", context=context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, code: str) -> HttpResponse:
    """Where an invitation leads: who invites, what it gives, and the way to join."""
    referrer = selectors.referrer_of(code)
    if referrer is None or code.startswith("rfr_"):
        raise Http404
    here = member_here(request)
    is_open = plugins.is_on("referral") and not selectors.is_staff(referrer)
    if request.method == "POST" and here is None and is_open:
        try:
            word = services.accept(code=code)
        except RegularsError:  # it closed a moment ago: joining is possible all the same
            return redirect("portal:join")
        return redirect(f"{reverse('portal:join')}?{urlencode({'ref': word})}")
    context = {
        "is_open": is_open,
        "called": selectors.called(referrer),
        "terms": selectors.settings(),
        "here": here,
        "is_own": here is not None and here.pk == referrer.pk,
    }
    return render(request, "referral/landing.html", context)


def _link(request: HttpRequest, code: str) -> str:
    path = reverse("referral:landing", args=(code,))
    return plugins.first(hooks.site_address, path=path) or request.build_absolute_uri(path)


def _qr(link: str) -> SafeString:
    drawing = segno.make(link, error="m", micro=False).svg_inline(
        border=2, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawing)  # noqa: S308 - drawn here from modules of a code


def _line(row: Referral) -> dict[str, Any]:
    """A friend as the member who invited may see them: a first name, how far they came, the points it gave."""
    icon, tone = SIGNS[State(row.state)]
    return {
        "title": selectors.called(row.friend) or _("A friend"),
        "note": _said(row),
        "when": row.rewarded_at or row.qualified_at or row.joined_at or row.invited_at,
        "points": row.referrer_points if row.state == State.REWARDED else 0,
        "icon": icon,
        "tone": tone,
    }


def _said(row: Referral) -> str:
    """How far a friend came, without saying what they bought."""
    if row.state == State.REWARDED and not row.referrer_points:
        return _("Has bought. You had all rewards there are for now.")
    if row.state == State.REJECTED:
        return (
            _("Gives no points: the purchase was refunded.") if row.ended_because == Ended.REFUNDED else _("No points")
        )
    return {
        State.INVITED: _("Has opened your invitation"),
        State.JOINED: _("Has joined. Points come after the first purchase."),
        State.QUALIFIED: _("Has bought. The points are on their way."),
        State.REWARDED: _("Your points have arrived."),
        State.EXPIRED: _("Has not bought in time"),
    }[State(row.state)]
