"""The way into the back office: staff with the right come in, everybody else is shown to their own door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access

from regulars.backoffice.views.today import Today
from regulars.organisation.selectors import staff_of

OFFICE_RIGHT = "wagtailadmin.access_admin"
_today = require_admin_access(Today.as_view())


def own_door(request: HttpRequest) -> str:
    """Where somebody without back-office rights belongs: cashiers to the counter, members to their card."""
    return reverse("counter:home") if staff_of(request.user) else reverse("portal:card")


@never_cache
def front_door(request: HttpRequest) -> HttpResponse:
    """The first page of the back office, or the door that is one's own."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    if not request.user.has_perm(OFFICE_RIGHT):
        return HttpResponseRedirect(own_door(request))
    answer: HttpResponse = _today(request)
    return answer


@never_cache
def sign_in(request: HttpRequest, **_: Any) -> HttpResponse:
    """Instead of Wagtail's own sign-in page: staff sign in at `/account/login/`, with their second factor."""
    wanted = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        wanted = reverse("wagtailadmin_home")
    if not request.user.is_authenticated:
        return redirect_to_login(wanted, reverse("account_login"))
    if request.user.has_perm(OFFICE_RIGHT):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(own_door(request))


def not_here(request: HttpRequest, **_: Any) -> HttpResponse:
    """Passwords are reset where staff sign in."""
    return redirect("account_reset_password")
