"""One till, several people: whoever rings up next takes over with a code, and each sale shows who it was.

A sale that is open when somebody takes over is put aside: it is offered to them at once and priced anew when it is
brought back, so it is theirs by what holds then. A locked till opens for the code of whoever locked it, as it was.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars.counter import locking
from regulars.counter.desk import CHOSEN_BRANCH, CHOSEN_TERMINAL, Desk, at_locked_till, at_till, menu_of, safe_next
from regulars.errors import InvalidInput, RegularsError
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.organisation.team.pins import BY_PIN, TILL_LOCKED, check_pin, sharers

BACKEND = "regulars.access.backends.PasswordBackend"


@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@at_locked_till
def who(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose who one is and enter the code; the till goes on in that name, at the same place, and nowhere else."""
    is_locked = bool(request.session.get(TILL_LOCKED))
    people = [person for person in sharers(desk.branch) if is_locked or person.pk != desk.staff.pk]
    error, chosen = "", next((one for one in people if one.public_id == request.POST.get("who")), None)
    if request.method == "POST":
        try:
            if chosen is None:
                raise InvalidInput(_("Choose who you are."))
            check_pin(staff=chosen, pin=request.POST.get("pin", ""))
        except RegularsError as refusal:
            error = str(refusal)
        else:
            return _unlocked(request, desk) if chosen.pk == desk.staff.pk else _taken_over(request, desk, chosen)
    context = {
        "desk": desk,
        "staff": desk.staff,
        "people": people,
        "chosen": chosen or (desk.staff if is_locked else None),
        "error": error,
        "is_locked": is_locked,
        "next": safe_next(request, "counter:home"),
        "menu": [] if is_locked else menu_of(desk.staff),
    }
    return render(request, "counter/switch.html", context, status=422 if error else 200)


@require_POST
@at_till
def lock(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Lock the till, by hand or because nobody touched it. Without a code there is nothing to open it with."""
    if not desk.staff.pin_hash:
        return redirect("team_sign_in")
    locking.lock(request)
    record(act="staff.till_locked", actor=desk.staff.public_id, subject=desk.staff.public_id, branch=desk.branch)
    return redirect(f"{reverse('counter:switch')}?{urlencode({'next': safe_next(request, 'counter:home')})}")


@require_http_methods(["GET", "POST"])
@at_locked_till
def full_sign_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What a code does not open opens with e-mail and password: says so, and on pressing signs this person out."""
    if request.method == "POST":
        logout(request)
        return redirect_to_login(reverse("wagtailadmin_home"), resolve_url("account_login"))
    context = {"desk": desk, "staff": desk.staff, "menu": menu_of(desk.staff)}
    return render(request, "counter/full_sign_in.html", context, status=403)


def _unlocked(request: HttpRequest, desk: Desk) -> HttpResponse:
    locking.unlock(request)
    record(act="staff.till_unlocked", actor=desk.staff.public_id, subject=desk.staff.public_id, branch=desk.branch)
    return redirect(safe_next(request, "counter:home"))


def _taken_over(request: HttpRequest, desk: Desk, chosen: Staff) -> HttpResponse:
    record(act="staff.till_taken_over", actor=chosen.public_id, subject=chosen.public_id, branch=desk.branch)
    aside = urlencode(_open_sale(safe_next(request, "counter:home")))
    logout(request)  # a new session: nothing of the colleague's is carried over
    login(request, chosen.user, backend=BACKEND)
    request.session[BY_PIN] = True
    request.session[CHOSEN_BRANCH] = desk.branch.public_id
    request.session[CHOSEN_TERMINAL] = desk.terminal.public_id if desk.terminal else ""
    home = reverse("counter:home")
    return redirect(f"{home}?{aside}" if aside else home)


def _open_sale(address: str) -> dict[str, str]:
    """The sale that stood at the till, from the address it was left at, to be put aside; nothing for none.

    An exchange goes along with it: what went back is set against that sale, whoever rings it up.
    """
    found = parse_qs(urlsplit(address).query)
    aside, key, credit = found.get("quote") or found.get("aside"), found.get("sale"), found.get("credit")
    carried = {"credit": credit[0][:40]} if credit else {}
    if not aside:
        return carried
    return {"aside": aside[0][:40], **({"sale": key[0][:64]} if key else {}), **carried}
