"""Addresses of the API: the core's own, then each module's below `modules/<name>/`, behind the gate."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from regulars import plugins
from regulars.api import happenings, members, problems
from regulars.api.callers import TerminalToken
from regulars.plugins.addresses import behind_the_gate

api = NinjaAPI(
    title="Regulars", version="1", urls_namespace="api", auth=TerminalToken(), docs_url=None, openapi_url=None
)
problems.install(api)
api.add_router("/members", members.router)
api.add_router("", happenings.router)
for _name, _router in plugins.routes().items():
    api.add_router(f"/modules/{_name}", _router, tags=[_name], url_name_prefix=_name)


def _gated(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """A route of a module goes behind the gate, any other stays as it is."""
    parts = str(pattern.pattern).split("/")
    if isinstance(pattern, URLPattern) and parts[0] == "modules":
        return behind_the_gate(parts[1], pattern)
    return pattern


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    *(_gated(pattern) for pattern in api.urls[0] if getattr(pattern, "name", "") != "api-root"),
    re_path(r"", csrf_exempt(problems.unknown_address)),
]
