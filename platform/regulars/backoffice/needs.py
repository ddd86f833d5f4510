"""What a page of the back office needs: a permission of whoever asks. A page that names none is open to nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from regulars.organisation.models import Staff
from regulars.organisation.permissions import granted, opens_back_office
from regulars.organisation.scope import Scope, scope_of
from regulars.organisation.selectors import staff_of
from regulars.organisation.team import second_factor
from regulars.organisation.team.pins import BY_PIN

ANYBODY = "office"
"""For pages that everybody who enters the back office may see: one's own account, help, search."""

View = Callable[..., HttpResponse]


def admitted(request: HttpRequest, permission: str) -> tuple[Staff, Scope]:
    """Who asks and where their rights hold, on pages of the house and of modules alike.

    Raises `PermissionDenied` for whoever does not hold the permission, came in by the code of a till, or still lacks
    the second factor that the role needs; the last is asked once for a request.
    """
    user: Any = request.user
    staff = staff_of(user)
    if staff is None or not permission or BY_PIN in request.session:
        raise PermissionDenied
    if getattr(user, "staff_asking", None) is None and second_factor.is_missing(staff):
        raise PermissionDenied
    if not (opens_back_office(staff) if permission == ANYBODY else permission in granted(staff)):
        raise PermissionDenied
    user.staff_asking = staff
    return staff, scope_of(staff)


def needs(permission: str) -> Callable[[View], View]:
    """A function view for those who hold a permission; `request.staff` and `request.scope` are set for it."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            request.staff, request.scope = admitted(request, permission)  # type: ignore[attr-defined]
            return view(request, *args, **options)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard
