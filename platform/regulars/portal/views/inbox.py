"""Messages to the member, kept here whatever other way they went."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from regulars.outreach import selectors as outreach
from regulars.outreach import services as outreach_services
from regulars.people.models import Member
from regulars.portal.admission import members_only
from regulars.portal.pages import page


@members_only
@require_safe
def inbox(request: HttpRequest, member: Member) -> HttpResponse:
    """The newest messages first; the page then marks them read by a request of its own."""
    return page(request, member, "portal/inbox.html", section="inbox", context={"inbox": outreach.inbox(member)})


@members_only
@require_POST
def read(request: HttpRequest, member: Member) -> HttpResponse:
    """Every message is read."""
    outreach_services.mark_read(member=member)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("portal:inbox")
