"""Where an act comes from: the door, the visitor's address, the till. Set at the doors, read by the trail.

A middleware notes the door and the address for the length of a request; the counter and the API add the till once they
know it. So no service passes it along. Work that nobody asked for at a door comes from nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from regulars.visitors import address_of

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Terminal


class Door(models.TextChoices):
    """Through which an act came; what no door brought was done by the house itself."""

    OFFICE = "office", _("Back office")
    COUNTER = "counter", _("Counter")
    PORTAL = "portal", _("Member's phone")
    API = "api", _("Other system")
    SITE = "site", _("Website")
    INSIDE = "", _("In the background")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an act comes from; `terminal` is a public id, `branch_id` the branch that the till stands in."""

    door: str = ""
    address: str = ""
    terminal: str = ""
    branch_id: int | None = None


NOWHERE = Origin()
DOORS = {"office": Door.OFFICE, "counter": Door.COUNTER, "me": Door.PORTAL, "api": Door.API, "account": Door.SITE}
"""The door by the first part of an address; everything else is the site."""

_present: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def present() -> Origin:
    """Where what is done now comes from."""
    return _present.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Let whatever is done in the block come from there."""
    token = _present.set(origin)
    try:
        yield
    finally:
        _present.reset(token)


def stands_at(*, branch: Branch | None, terminal: Terminal | None) -> None:
    """Note the till at which the present request is made; it is forgotten with the request."""
    _present.set(
        replace(
            present(),
            branch_id=branch.pk if branch is not None else None,
            terminal=terminal.public_id if terminal is not None else "",
        )
    )


def door_of(path: str) -> str:
    """Through which door a path leads."""
    return str(DOORS.get(path.lstrip("/").partition("/")[0], Door.SITE))


class OriginMiddleware:
    """Notes where each request comes from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(Origin(door=door_of(request.path_info), address=address_of(request) or "")):
            return self.get_response(request)
