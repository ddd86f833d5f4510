"""Addresses of the API: the core's own, then each module's below `modules/<name>/`, behind the gate."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from regulars import plugins
from regulars.api import (
    approvals,
    coupons,
    happenings,
    holds,
    limits,
    members,
    points,
    problems,
    products,
    rewards,
    sales,
)
from regulars.api.callers import MayCall
from regulars.api.keys import once, together
from regulars.api.scopes import MODULES
from regulars.api.services import note_use
from regulars.outage import is_unreachable
from regulars.plugins.addresses import behind_the_gate

Answers = Callable[..., HttpResponseBase]

api = NinjaAPI(
    title="Regulars", version="1", urls_namespace="api", auth=MayCall(MODULES), docs_url=None, openapi_url=None
)
problems.install(api)
api.add_decorator(once)
api.add_decorator(together, mode="view")
for _room in (members, products, sales, holds, coupons, points, rewards, happenings, approvals):
    api.add_router("", _room.router)
for _name, _router in plugins.routes().items():
    api.add_router(f"/modules/{_name}", _router, tags=[_name], url_name_prefix=_name)


def _served(answers: Answers) -> Answers:
    """Whatever answers, with what every answer of the API has: a problem for each refusal, the rate in its headers."""

    @wraps(answers)
    def serving(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            answer = answers(request, *args, **named)
            if (rate := limits.rate_of(request)) is not None:
                note_use(token=rate.token)
        except (OperationalError, InterfaceError) as error:
            if not is_unreachable(error):
                raise
            structlog.get_logger(__name__).error("database_unreachable", path=request.path)
            return problems.unreachable()
        if answer.status_code == 405:
            return problems.wrong_method(answer.get("Allow", ""))
        limits.tell(request, answer)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return serving


def _gated(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """A route of a module goes behind the gate, any other stays as it is; each is served alike."""
    if not isinstance(pattern, URLPattern):
        return pattern
    served = URLPattern(pattern.pattern, _served(pattern.callback), pattern.default_args, pattern.name)
    parts = str(pattern.pattern).split("/")
    return behind_the_gate(parts[1], served) if parts[0] == "modules" else served


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    *(_gated(pattern) for pattern in api.urls[0] if getattr(pattern, "name", "") != "api-root"),
    re_path(r"", csrf_exempt(problems.unknown_address)),
]
