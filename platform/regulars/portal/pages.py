"""How every page of a signed-in member is drawn: the bar with its unread count, and the shop window if there is one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from regulars.catalogue.selectors import has_window
from regulars.outreach import selectors as outreach
from regulars.people.models import Member


def page(
    request: HttpRequest, member: Member, template: str, *, section: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Draw a member's page; `section` says which part of the bar is lit."""
    frame = {
        "member": member,
        "section": section,
        "unread": outreach.unread_count(member),
        "has_window": has_window(),
    }
    return render(request, template, frame | context, status=status)
