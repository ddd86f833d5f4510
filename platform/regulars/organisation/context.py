"""What every page needs to know of the business it belongs to."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest


def organisation(request: HttpRequest) -> dict[str, Any]:
    """`organisation`: the settings of the business this request is in, None on the public site."""
    from regulars.organisation import selectors

    if getattr(connection, "schema_name", None) in (None, "", "public"):
        return {"organisation": None}
    return {"organisation": selectors.organisation()}
