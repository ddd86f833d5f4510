"""What staff do about their own sign-in: accepting an invitation, seeing where they are signed in, choosing a code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from regulars import clock
from regulars.access.models import Session, User
from regulars.access.services import end_sessions
from regulars.errors import RegularsError
from regulars.operations.trail import record
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows, opens_back_office
from regulars.organisation.selectors import staff_of
from regulars.organisation.team import invitations, pins, second_factor

BACKEND = "regulars.access.backends.PasswordBackend"


class PasswordForm(forms.Form):
    """A password to choose."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least ten characters. A short sentence is easier to remember than a riddle."),
    )


class PinForm(forms.Form):
    """A code to choose; empty to have none."""

    pin = forms.CharField(
        label=gettext_lazy("Code for the till"),
        required=False,
        max_length=pins.LONGEST,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9]*"}),
        help_text=gettext_lazy("4 to 6 digits. With it you take over a till that a colleague is signed in at."),
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the password and be inside; a link that was used or is over says so (410)."""
    try:
        invitation = invitations.invitation_of(token)
    except invitations.InvitationOver as refusal:
        return render(request, "organisation/invitation_over.html", {"message": refusal}, status=410)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.accept(token=token, password=form.cleaned_data["password"])
        except invitations.InvitationOver as refusal:
            return render(request, "organisation/invitation_over.html", {"message": refusal}, status=410)
        except RegularsError as refusal:
            form.add_error("password", str(refusal))
        else:
            login(request, user, backend=BACKEND)
            return redirect("wagtailadmin_home" if opens_back_office(staff_of(user)) else "counter:home")
    context = {"form": form, "invited": invitation.staff}
    return render(request, "organisation/invitation.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """One's own sign-in on one page: where one is signed in, second factor, password, code for the till."""
    return _page(request, PinForm())


@login_required
@require_POST
def end_session(request: HttpRequest, number: str) -> HttpResponse:
    """End one of one's own sessions, or with `others` all but this one. 404 for a session that is not one's own."""
    user = _user(request)
    if number == "others":
        end_sessions(user=user, but_not=request.session.session_key or "")
    else:
        mine = Session.objects.filter(user_id=user.pk).exclude(session_key=request.session.session_key)
        if not number.isdigit() or int(number) >= len(found := list(_ordered(mine))):
            raise Http404
        found[int(number)].delete()
    staff = staff_of(user)
    record(act="staff.session_ended", actor=staff.public_id if staff else "", subject=staff.public_id if staff else "")
    return redirect("team_sign_in")


@sensitive_post_parameters("pin")
@login_required
@require_POST
def choose_pin(request: HttpRequest) -> HttpResponse:
    """Choose the code for shared tills, or have none."""
    staff, form = _staff(request), PinForm(request.POST)
    if form.is_valid():
        try:
            pins.set_pin(staff=staff, pin=form.cleaned_data["pin"])
        except RegularsError as refusal:
            form.add_error("pin", str(refusal))
        else:
            return redirect("team_sign_in")
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: PinForm, status: int = 200) -> HttpResponse:
    staff, user = _staff(request), _user(request)
    others = Session.objects.filter(user_id=user.pk).exclude(session_key=request.session.session_key)
    context: dict[str, Any] = {
        "form": form,
        "staff": staff,
        "sessions": list(_ordered(others)),
        "this": Session.objects.filter(session_key=request.session.session_key).first(),
        "uses_till": allows(staff, "counter.sell"),
        "second_factor_by": second_factor.demanded_from(staff),
        "has_second_factor": second_factor.has_one(staff),
        "home": "wagtailadmin_home" if opens_back_office(staff) else "counter:home",
    }
    return render(request, "organisation/sign_in.html", context, status=status)


def _ordered(sessions: Any) -> Any:
    return sessions.filter(expire_date__gt=clock.now()).order_by("-begun_at", "session_key")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _staff(request: HttpRequest) -> Staff:
    staff = staff_of(request.user)
    if staff is None:
        raise Http404(_("Only staff have this page."))
    return staff
