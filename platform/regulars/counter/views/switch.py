"""One till, several people: whoever rings up next takes over with a code, and each sale shows who it was."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from regulars.counter.desk import CHOSEN_BRANCH, CHOSEN_TERMINAL, Desk, at_till, menu_of
from regulars.errors import RegularsError
from regulars.operations.trail import record
from regulars.organisation.team.pins import BY_PIN, check_pin, sharers

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
@at_till
def who(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose who one is and enter the code; the till goes on in that name, at the same place, and nowhere else."""
    people = [person for person in sharers(desk.branch) if person.pk != desk.staff.pk]
    error, chosen = "", next((one for one in people if one.public_id == request.POST.get("who")), None)
    if request.method == "POST":
        try:
            if chosen is None:
                error = _("Choose who you are.")
            else:
                check_pin(staff=chosen, pin=request.POST.get("pin", ""))
        except RegularsError as refusal:
            error = str(refusal)
        if chosen is not None and not error:
            record(act="staff.till_taken_over", actor=chosen.public_id, subject=chosen.public_id, branch=desk.branch)
            logout(request)  # a new session: nothing of the colleague's is carried over
            login(request, chosen.user, backend=BACKEND)
            request.session[BY_PIN] = True
            request.session[CHOSEN_BRANCH] = desk.branch.public_id
            request.session[CHOSEN_TERMINAL] = desk.terminal.public_id if desk.terminal else ""
            return redirect("counter:home")
    context = {"desk": desk, "staff": desk.staff, "people": people, "chosen": chosen, "error": error}
    context["menu"] = menu_of(desk.staff)
    return render(request, "counter/switch.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@at_till
def full_sign_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What a code does not open opens with e-mail and password: says so, and on pressing signs this person out."""
    if request.method == "POST":
        logout(request)
        return redirect_to_login(reverse("wagtailadmin_home"), resolve_url("account_login"))
    context = {"desk": desk, "staff": desk.staff, "menu": menu_of(desk.staff)}
    return render(request, "counter/full_sign_in.html", context, status=403)
