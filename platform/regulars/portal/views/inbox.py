"""Messages to the member, kept here whatever other way they went."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from regulars.outreach import selectors as outreach
from regulars.outreach import services as outreach_services
from regulars.outreach.models import Message
from regulars.people.models import Member
from regulars.portal.admission import members_only
from regulars.portal.pages import page

LAST_ADDRESS = re.compile(r"[\s:：,，]+(?P<address>(?:https?://|/)\S+)\s*$")
"""The address that a message ends with, for e-mail and SMS; here it becomes a link."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message as the inbox shows it: the address at its end becomes a link of this very site."""

    subject: str
    words: str
    path: str
    written_at: dt.datetime
    is_new: bool


@members_only
@require_safe
def inbox(request: HttpRequest, member: Member) -> HttpResponse:
    """The newest messages first; the page then marks them read by a request of its own."""
    letters = [_letter(message, request.get_host()) for message in outreach.inbox(member)]
    return page(request, member, "portal/inbox.html", section="inbox", context={"inbox": letters})


@members_only
@require_POST
def read(request: HttpRequest, member: Member) -> HttpResponse:
    """Every message is read."""
    outreach_services.mark_read(member=member)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("portal:inbox")


def _letter(message: Message, host: str) -> Letter:
    words, path = message.body, ""
    found = LAST_ADDRESS.search(words)
    if found is not None:
        address = urlsplit(found["address"])
        if not address.netloc or address.hostname == host.partition(":")[0]:
            stop = "。" if message.language.startswith("zh") else "."
            words, path = words[: found.start()].rstrip("。.") + stop, address.path
    return Letter(
        subject=message.subject,
        words=words,
        path=path,
        written_at=message.written_at,
        is_new=message.read_at is None,
    )
