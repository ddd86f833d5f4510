"""Who stands at which till: the one check that every page of the counter passes.

Staff with a branch of their own work there and see only its sales. Staff of the whole business say once where they
stand; the choice is kept in the session, which belongs to this business's host alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from regulars import hooks, plugins
from regulars.counter.locking import is_locked
from regulars.loyalty.rewards.models import Reward
from regulars.operations.origin import stands_at
from regulars.organisation import selectors
from regulars.organisation.models import Branch, Organisation, Staff, Terminal
from regulars.organisation.permissions import allows
from regulars.organisation.scope import scope_of
from regulars.sales.models import Sale

Arguments = ParamSpec("Arguments")
CHOSEN_BRANCH = "counter_branch"
CHOSEN_TERMINAL = "counter_terminal"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A member of staff at a till; `terminal` only where one was chosen."""

    organisation: Organisation
    staff: Staff
    branch: Branch
    terminal: Terminal | None

    @property
    def currency(self) -> str:
        """The currency that this till counts in."""
        return self.organisation.currency

    def sees(self, sale: Sale) -> bool:
        """Whether a sale is this person's business: staff see the branches that their role holds for."""
        return scope_of(self.staff).covers(sale.branch)


def staff_only(
    view: Callable[Concatenate[HttpRequest, Staff, Arguments], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
    """Let staff in who may sell; anyone else signs in first, or reads on a 403 page why this door is shut.

    A till that is locked leads to the page that asks for a code.
    """
    return _guarded(view)


def at_till(
    view: Callable[Concatenate[HttpRequest, Desk, Arguments], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
    """Let active staff in who are known to stand somewhere; who is not is asked where, once."""
    return _guarded(_standing(view))


def at_locked_till(
    view: Callable[Concatenate[HttpRequest, Desk, Arguments], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
    """As `at_till`, for the pages that a locked till has left."""
    return _guarded(_standing(view), passes_lock=True)


def at_till_unasked(
    view: Callable[Concatenate[HttpRequest, Desk, Arguments], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
    """As `at_till`, for what a page asks by itself: it keeps no till awake."""
    return _guarded(_standing(view), is_touch=False)


def _guarded(
    view: Callable[Concatenate[HttpRequest, Staff, Arguments], HttpResponse],
    *,
    passes_lock: bool = False,
    is_touch: bool = True,
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Arguments.args, **named: Arguments.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        staff = selectors.staff_of(request.user)
        if not allows(staff, "counter.sell") or staff is None:
            return render(request, "counter/not_staff.html", status=403)
        if not passes_lock and is_locked(request, staff, is_touch=is_touch):
            return _go(request, f"{reverse('counter:switch')}?{urlencode({'next': _here(request)})}")
        return view(request, staff, *args, **named)

    return guarded


def _standing(
    view: Callable[Concatenate[HttpRequest, Desk, Arguments], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Staff, Arguments], HttpResponse]:
    @wraps(view)
    def standing(
        request: HttpRequest, staff: Staff, /, *args: Arguments.args, **named: Arguments.kwargs
    ) -> HttpResponse:
        desk = desk_of(request, staff)
        if desk is not None:
            stands_at(branch=desk.branch, terminal=desk.terminal)
            return view(request, desk, *args, **named)
        return _go(request, f"{reverse('counter:place')}?{urlencode({'next': request.get_full_path()})}")

    return standing


def desk_of(request: HttpRequest, staff: Staff) -> Desk | None:
    """Where this person stands: the own branch, the only one, or the one chosen; None when that has to be asked."""
    branches = branches_for(staff)
    branch = _chosen(branches, request.session.get(CHOSEN_BRANCH))
    if branch is None and len(branches) == 1:
        branch = branches[0]
    if branch is None:
        return None
    chosen = request.session.get(CHOSEN_TERMINAL)
    terminal = branch.terminals.filter(is_active=True, public_id=chosen).first() if chosen else None
    return Desk(organisation=selectors.organisation(), staff=staff, branch=branch, terminal=terminal)


def branches_for(staff: Staff) -> list[Branch]:
    """The open branches at which this person may sell; who has a branch of their own was found with it."""
    if staff.branch is not None:
        return [staff.branch] if staff.branch.is_open else []
    scope = scope_of(staff)
    return [branch for branch in selectors.open_branches() if scope.covers(branch)]


def terminals_of(branch: Branch) -> list[Terminal]:
    """The tills of a branch that are in use, by name."""
    return list(branch.terminals.filter(is_active=True).order_by("name"))


def menu_of(staff: Staff) -> list[hooks.MenuItem]:
    """The rewards, where the business has any, and what modules add to the counter's menu, in order."""
    items = plugins.ask(hooks.menu_items, door="counter", staff=staff, member=None)
    if Reward.objects.filter(is_active=True).exists():
        rewards = hooks.MenuItem(label=_("Rewards"), url=reverse("counter:rewards"), icon="gift", order=0)
        items = [rewards, *items]
    shown = [item for item in items if not item.permission or allows(staff, item.permission)]
    return sorted(shown, key=lambda item: item.order)


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where to go on to: an address of this very host, else the fallback."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_address = wanted.startswith(("/", "http")) and wanted.isprintable()  # else it would be read as a name of ours
    if is_address and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(fallback)


def _chosen(offered: list[Any], public_id: object) -> Any:
    return next((one for one in offered if one.public_id == public_id), None)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return _go(request, redirect_to_login(_here(request), resolve_url("account_login")).url)


def _here(request: HttpRequest) -> str:
    """Where to come back to: this page; the till itself after a form, which is not sent twice."""
    if request.method == "POST" or request.headers.get("HX-Request"):
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        is_ours = shown.path.startswith(reverse("counter:home"))
        return f"{shown.path}?{shown.query}" if is_ours else reverse("counter:home")
    return request.get_full_path()


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """Go to another page; a fragment that htmx asked for must move the whole page, not itself."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
