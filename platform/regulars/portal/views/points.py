"""A member's points one by one: until when each is good, what earns more, and to whom they can be given."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from regulars import clock
from regulars.errors import InvalidInput, RegularsError
from regulars.ledger import selectors as ledger
from regulars.ledger.models import Lot
from regulars.loyalty.models import Cause
from regulars.loyalty.points import gifts, tasks
from regulars.people.models import Card, CardState, Member
from regulars.portal.admission import members_only
from regulars.portal.history import title_of
from regulars.portal.pages import page

LARGEST_TYPED = 9


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Points that came together: what is left of them, why they came, from when and until when they are good."""

    left: int
    title: str
    reason: str
    came_on: dt.date
    usable_from: dt.date | None
    last_day: dt.date | None


@members_only
@require_safe
def batches(request: HttpRequest, member: Member) -> HttpResponse:
    """Every lot of points with its date, the tasks that bring more, and where points can go."""
    return _points(request, member)


def _points(
    request: HttpRequest, member: Member, *, refusal: str = "", at: str = "", field: str = "", status: int = 200
) -> HttpResponse:
    held = ledger.lots(member.wallet)
    context = {
        "batches": [_batch(lot) for lot in held],
        "points": ledger.spendable(member.wallet),
        "tasks": tasks.tasks_for(member),
        "rules": gifts.points_settings(),
        "causes": list(Cause.objects.filter(is_active=True).order_by("pk")),
        "key": request.POST.get("key") or secrets.token_hex(16),
        "typed": request.POST,
        "refusal": refusal,
        "refused_at": at,
        "refused_field": field,
    }
    return page(request, member, "portal/points.html", section="activity", context=context, status=status)


def _batch(lot: Lot) -> Batch:
    ends, now = lot.expires_at, clock.now()
    return Batch(
        left=lot.remaining,
        title=title_of(lot.opened_by.kind, lot.amount),
        reason=lot.opened_by.reason,
        came_on=lot.opened_by.business_date,
        usable_from=clock.day_of(lot.available_from) if lot.available_from > now else None,
        last_day=clock.day_of(ends - dt.timedelta(microseconds=1)) if ends else None,
    )


@members_only
@require_POST
def gift(request: HttpRequest, member: Member) -> HttpResponse:
    """Give points to another member, named by the number of their card."""
    try:
        points = _whole(request)
        gifts.give_points(
            giver=member,
            receiver=_receiver(request.POST.get("receiver", "")),
            points=points,
            key=_key(request),
            words=request.POST.get("words", "")[:200],
        )
    except RegularsError as refusal:
        return _points(request, member, refusal=str(refusal), at="gift", field=refusal.field, status=422)
    said = ngettext("%(points)s point is on its way.", "%(points)s points are on their way.", points)
    messages.success(request, said % {"points": points})
    return redirect("portal:batches")


@members_only
@require_POST
def donate(request: HttpRequest, member: Member) -> HttpResponse:
    """Give points to a cause."""
    try:
        cause = Cause.objects.filter(public_id=request.POST.get("cause", "")[:24]).first()
        if cause is None:
            raise InvalidInput(_("Choose a cause."), field="cause")
        gifts.donate(member=member, cause=cause, points=_whole(request), key=_key(request))
    except RegularsError as refusal:
        return _points(request, member, refusal=str(refusal), at="donation", field=refusal.field, status=422)
    messages.success(request, _("Thank you. %(cause)s has your points.") % {"cause": cause})
    return redirect("portal:batches")


def _receiver(typed: str) -> Member:
    number = "".join(each for each in typed if each.isalnum())[:20]
    card = Card.objects.select_related("member").filter(number=number, state=CardState.ACTIVE).first()
    if card is None:
        raise InvalidInput(_("There is no card with this number. It stands on the card."), field="receiver")
    return card.member


def _whole(request: HttpRequest) -> int:
    typed = request.POST.get("points", "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= LARGEST_TYPED):
        raise InvalidInput(_("Enter a whole number."), field="points")
    return int(typed)


def _key(request: HttpRequest) -> str:
    key: Any = request.POST.get("key", "")
    if not 8 <= len(key) <= 40 or not key.isalnum():
        raise InvalidInput(_("This page is too old. Please open it again."))
    return str(key)
