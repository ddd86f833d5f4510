"""Which devices of a visitor a page may ask for: the camera at the counter, and nothing anywhere else."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

NONE = "camera=(), microphone=(), geolocation=()"
AT_THE_COUNTER = "camera=(self), microphone=(), geolocation=()"
"""Staff scan cards and products there; what the camera sees never leaves the device."""


class DevicesMiddleware:
    """Says it in the header that browsers obey, so that not even a script of a stranger gets further."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        response.headers["Permissions-Policy"] = AT_THE_COUNTER if match and match.app_name == "counter" else NONE
        return response
