"""Going to the practice place and coming back: a page at the business, a page there, and two acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_update
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from regulars.errors import TooMany
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows, opens_back_office
from regulars.organisation.selectors import staff_of
from tenants import handover, hosts, limits, services
from tenants.models import Business

MAY_START_OVER = "team.manage"
View = Callable[[HttpRequest, Staff], HttpResponse]


def _staff_only(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """For members of staff; whoever is not signed in does so first."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.path if request.method == "GET" else "/", resolve_url("account_login"))
        staff = staff_of(request.user)
        if staff is None:
            raise PermissionDenied
        return view(request, staff)

    return guarded


@never_cache
@csp_update({"form-action": hosts.everywhere()})
@require_safe
@_staff_only
def practice(request: HttpRequest, staff: Staff) -> HttpResponse:
    """What practising is and the way in; at the practice place itself, the way back."""
    return _page(request, staff)


@never_cache
@csp_update({"form-action": hosts.everywhere()})
@require_POST
@_staff_only
def enter(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Open the practice place if there is none and go there, signed in with the same role."""
    business: Business = request.tenant  # type: ignore[attr-defined]
    if business.practice_of_id is not None:
        return HttpResponseRedirect(request.path.removesuffix("enter/"))
    return _entered(request, staff)


@never_cache
@csp_update({"form-action": hosts.everywhere()})
@require_POST
@_staff_only
def start_over(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Throw the practice place away and go to a fresh one. For those who manage the team, for it is everybody's."""
    business: Business = request.tenant  # type: ignore[attr-defined]
    if business.practice_of_id is not None:
        return HttpResponseRedirect(request.path.removesuffix("start-over/"))
    if not allows(staff, MAY_START_OVER):
        raise PermissionDenied
    try:
        limits.count(request, limits.fresh_practice())
    except TooMany as refusal:
        return _page(request, staff, refusal=str(refusal.message), status=429)
    services.start_over(business=business)
    return _entered(request, staff)


def _entered(request: HttpRequest, staff: Staff) -> HttpResponse:
    where = services.enter_practice(
        business=request.tenant,  # type: ignore[attr-defined]
        staff=staff,
        door=_door(request, staff),
        language=get_language() or "",
    )
    return HttpResponseRedirect(where)


def _door(request: HttpRequest, staff: Staff) -> str:
    """The door that was asked for, else the one that is one's own."""
    asked = request.POST.get("door") or request.GET.get("door") or ""
    if asked in handover.DOORS and (asked == "counter" or opens_back_office(staff)):
        return asked
    return "office" if opens_back_office(staff) else "counter"


def _page(request: HttpRequest, staff: Staff, *, refusal: str = "", status: int = 200) -> HttpResponse:
    business: Business = request.tenant  # type: ignore[attr-defined]
    home = business.practice_of
    door = _door(request, staff)
    context = {
        "door": door,
        "back": f"{hosts.root_of(home) if home else ''}{handover.DOORS[door]}",
        "over": f"{hosts.root_of(home) if home else ''}{request.path}",
        "place": None if home else services.practice_place(business=business),
        "may_start_over": allows(staff, MAY_START_OVER),
        "refusal": refusal,
        "kept_days": services.KEPT_DAYS,
    }
    return render(request, "tenants/practice.html", context, status=status)
