"""Rewards at the counter: what members have redeemed and somebody has to put ready."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from regulars.counter.desk import Desk, at_till, menu_of
from regulars.counter.masking import glimpse
from regulars.errors import NotFound, RegularsError
from regulars.loyalty.rewards import selectors, services
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.models import RedemptionState
from regulars.loyalty.rewards.pictures import picture_of


@require_GET
@at_till
def waiting(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is to be put ready at this branch, the oldest first, then what lies ready already."""
    return _page(request, desk)


@require_POST
@at_till
def ready(request: HttpRequest, desk: Desk, public_id: str) -> HttpResponse:
    """Note that it lies ready; the member is told. What is for another branch is not there."""
    found = selectors.redemption_by_public_id(public_id.replace("\0", ""))
    if found.branch is not None and found.branch_id != desk.branch.pk:
        raise NotFound
    try:
        services.mark_ready(redemption=found, branch=desk.branch, by=desk.staff)
    except RegularsError as refusal:
        return _page(request, desk, trouble=str(refusal))
    return redirect("counter:rewards")


def _page(request: HttpRequest, desk: Desk, *, trouble: str = "") -> HttpResponse:
    rows = [
        {
            "redemption": one,
            "buyer": glimpse(one.member),
            "picture": picture_of(one.reward),
            "code": shown_code(one.code)[-4:],
            "is_ready": one.state == RedemptionState.READY,
            "last_day": selectors.last_day_of(one),
        }
        for one in selectors.to_prepare(desk.branch)
    ]
    context = {"desk": desk, "rows": rows, "trouble": trouble, "menu": menu_of(desk.staff)}
    return render(request, "counter/rewards.html", context, status=409 if trouble else 200)
