"""What every page needs to know of the business it belongs to."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest


def organisation(request: HttpRequest) -> dict[str, Any]:
    """`organisation`: the settings of the business this request is in, None on the public site."""
    from regulars import hooks, plugins
    from regulars.organisation import selectors

    if getattr(connection, "schema_name", None) in (None, "", "public"):
        return {"organisation": None}
    found = selectors.organisation()
    way_out = plugins.first(hooks.practice_page) if found.is_practice else None
    return {"organisation": found, "may": May(request), "practice_page": way_out}


class May:
    """`{% if may.points_adjust %}`: whether whoever reads the page may do something; asked only where it is written."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.held: frozenset[str] | None = None

    def __getitem__(self, name: str) -> bool:
        """Whether the permission whose dots are written as underscores is held."""
        if self.held is None:
            from regulars.organisation.permissions import granted
            from regulars.organisation.selectors import staff_of

            held = granted(staff_of(getattr(self.request, "user", None)))
            self.held = frozenset(code.replace(".", "_") for code in held)
        return name in self.held
