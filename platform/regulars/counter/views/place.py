"""Where staff stand: chosen once by those who work in several branches."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.counter.desk import (
    CHOSEN_BRANCH,
    CHOSEN_TERMINAL,
    branches_for,
    desk_of,
    menu_of,
    safe_next,
    staff_only,
    terminals_of,
)
from regulars.organisation.models import Staff


@require_http_methods(["GET", "POST"])
@staff_only
def choose(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Choose the branch, and the till where there are several; without an open branch, say what to do."""
    branches = branches_for(staff)
    error = ""
    if request.method == "POST":
        branch_id, _colon, terminal_id = request.POST.get("place", "").partition(":")
        branch = next((one for one in branches if one.public_id == branch_id), None)
        if branch is not None:
            tills = {terminal.public_id for terminal in terminals_of(branch)}
            request.session[CHOSEN_BRANCH] = branch.public_id
            request.session[CHOSEN_TERMINAL] = terminal_id if terminal_id in tills else ""
            return redirect(safe_next(request, "counter:home"))
        error = _("Choose one of the branches below.")
    context = {
        "staff": staff,
        "desk": desk_of(request, staff),
        "places": [(branch, terminals_of(branch)) for branch in branches],
        "next": safe_next(request, "counter:home"),
        "error": error,
        "menu": menu_of(staff),
    }
    return render(request, "counter/place.html", context, status=422 if error else 200)
