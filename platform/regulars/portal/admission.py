"""Who may come in: members only, where they go on to, and the contact that is waiting for its code.

The waiting contact lives in the session, which belongs to one business, so nothing of it travels in an address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control

from regulars import clock, visitors
from regulars.hooks import Introduction
from regulars.people import introductions
from regulars.people import selectors as people
from regulars.people import services as people_services
from regulars.people.contacts import Contact
from regulars.people.models import Member

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
MemberView = Callable[Concatenate[HttpRequest, Member, Rest], HttpResponse]

LONGEST_NEXT = 500
PENDING = "portal_pending"
INTRODUCTION = "portal_introduction"
"""The word from a link that brought this visitor, until they join."""
PENDING_MINUTES = 30
"""How long a contact waits for its code before the way starts again."""
CODES_PER_HOUR = 120
"""How many codes one household may have sent: enough for customers on the shop's own Wi-Fi, few for a program."""
YEAR_SECONDS = 365 * 24 * 60 * 60

unkept = cache_control(private=True, no_store=True)
"""Pages that speak of a person are kept by no cache on the way."""


def members_only(view: MemberView[Rest]) -> View[Rest]:
    """Hand the signed-in member to a view; anybody else is asked to sign in and comes back afterwards."""

    @wraps(view)
    @unkept
    def for_members(request: HttpRequest, /, *args: Rest.args, **named: Rest.kwargs) -> HttpResponse:
        member = member_here(request)
        if member is None:
            after = request.get_full_path() if request.method == "GET" else reverse("portal:card")
            return redirect(f"{reverse('portal:sign_in')}?{urlencode({'next': after})}")
        return view(request, member, *args, **named)

    return for_members


def member_here(request: HttpRequest) -> Member | None:
    """The active member who is signed in, if any; staff without a membership are none."""
    if not request.user.is_authenticated:
        return None
    member = people.member_of(request.user)
    return member if member is not None and member.is_active else None


def own_path(wanted: str | None) -> str:
    """Where to go on to: a path of this very host, or the card. Hosts, schemes and scripts of others are ignored."""
    text = wanted or ""
    is_ours = text.startswith("/") and len(text) <= LONGEST_NEXT and text.isprintable()
    if is_ours and url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return text
    return reverse("portal:card")


def send_code(request: HttpRequest, *, contact: Contact, language: str) -> None:
    """Send a code to a contact. Raises `TooMany` for a contact or a household that asks without end."""
    visitors.count(request, visitors.Limit("code", CODES_PER_HOUR))
    people_services.request_code(contact=contact, language=language)


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A contact on its way in: when its code was sent, whether it is proven, and where its owner wants to go."""

    kind: str
    value: str
    sent_at: str
    after: str
    is_proven: bool = False

    @property
    def contact(self) -> Contact:
        """The contact in normal form."""
        return Contact(kind="email" if self.kind == "email" else "phone", value=self.value)

    @property
    def may_resend_at(self) -> dt.datetime:
        """From when on another code can be asked for."""
        return dt.datetime.fromisoformat(self.sent_at) + dt.timedelta(seconds=60)

    @property
    def is_fresh(self) -> bool:
        """Whether its owner is still on the way in."""
        return clock.now() - dt.datetime.fromisoformat(self.sent_at) < dt.timedelta(minutes=PENDING_MINUTES)


def remember(request: HttpRequest, *, contact: Contact, after: str, is_proven: bool = False) -> Pending:
    """Keep a contact in the session until its code is there."""
    pending = Pending(
        kind=contact.kind, value=contact.value, sent_at=clock.now().isoformat(), after=after, is_proven=is_proven
    )
    request.session[PENDING] = asdict(pending)
    return pending


def pending_here(request: HttpRequest) -> Pending | None:
    """The contact that is waiting for its code in this session, if it has not waited too long."""
    kept = request.session.get(PENDING)
    pending = Pending(**kept) if isinstance(kept, dict) else None
    return pending if pending is not None and pending.is_fresh else None


def introduction_here(request: HttpRequest) -> Introduction | None:
    """What the word means that brought this visitor, from `?ref=` or from an earlier page; None for no known word."""
    named = request.GET.get("ref", "")
    if (meaning := introductions.meaning_of(named)) is not None:
        request.session[INTRODUCTION] = named
        return meaning
    return introductions.meaning_of(request.session.get(INTRODUCTION, ""))


def speak(response: HttpResponse, language: str) -> None:
    """From now on this device is spoken to in a language, as the language switcher of every door does it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR_SECONDS,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


def let_in(request: HttpRequest, *, member: Member) -> None:
    """Sign a member in whose contact is proven; the session gets a new key and forgets the waiting contact."""
    request.session.pop(PENDING, None)
    request.session.pop(INTRODUCTION, None)
    login(request, people_services.user_for(member=member), backend="regulars.access.backends.PasswordBackend")
