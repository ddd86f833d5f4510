"""Which business is this request for? Answered from the host, before anything else runs.

A host of a business puts the thread into its schema and zone, the base domain into public; everybody else gets a plain
page. When the answer is sent the thread is back where it was, which for a server's thread is nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.utils import translation

from regulars.api import problems
from regulars.operations.origin import Door, door_of
from regulars.outage import AGAIN_IN, is_unreachable
from tenants import selectors
from tenants.context import business_context, public_context
from tenants.models import BusinessState

log = structlog.get_logger(__name__)
LONGEST_HOST = 253


class BeingSent(threading.local):
    """The streamed answer that a thread is still sending from inside its business.

    A body may be let go unread and be closed much later, by the garbage collector and from any thread; by then the
    thread may be in another business, where it must stay.
    """

    stack: ExitStack | None = None

    def stay(self, stack: ExitStack, response: HttpResponse) -> None:
        """Leave the business when the answer is closed."""
        self.stack = stack
        response._resource_closers.append(partial(self.end, stack))  # type: ignore[attr-defined]

    def end(self, stack: ExitStack | None = None) -> None:
        """Leave the business of an answer, if this thread is still at it; whichever it is, unless one is named."""
        present = self.stack
        if present is not None and stack in (None, present):
            self.stack = None
            present.close()


_being_sent = BeingSent()


class BusinessMiddleware:
    """Enters the business that a host belongs to, and leaves it again, whatever happens in between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _being_sent.end()
        try:
            host = host_of(request)
            where = self._where(request, host) if host else nobody_here(request, "")
        except (OperationalError, InterfaceError) as error:
            return unreachable(request, error)
        return where if isinstance(where, HttpResponse) else self._inside(where, request)

    def _where(self, request: HttpRequest, host: str) -> AbstractContextManager[Any] | HttpResponse:
        """The place to answer from, or the answer where there is none."""
        request.tenant = None  # type: ignore[attr-defined]
        if selectors.is_public_host(host):
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            return public_context()
        business = selectors.business_at(host)
        if business is None:
            return nobody_here(request, host)
        if business.state == BusinessState.ARCHIVED:
            return archived(request)
        request.tenant = business  # type: ignore[attr-defined]
        request.urlconf = settings.ROOT_URLCONF
        return business_context(business)

    def _inside(self, where: AbstractContextManager[Any], request: HttpRequest) -> HttpResponse:
        with ExitStack() as stack:
            stack.enter_context(where)
            response = self.get_response(request)
            if request.tenant is not None and request.tenant.practice_of_id is not None:  # type: ignore[attr-defined]
                response.headers["X-Robots-Tag"] = "noindex, nofollow"
            if response.streaming:  # what is still to be read from the database is read while the body is sent
                _being_sent.stay(stack.pop_all(), response)
            return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A database that went away while a view was asking it: 503 in words."""
        if isinstance(error, OperationalError | InterfaceError) and is_unreachable(error):
            return unreachable(request, error)
        return None


def host_of(request: HttpRequest) -> str:
    """The host a request came to, lower case, without port; empty when the header is no host name."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ""
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    name = name.lower().removesuffix(".")
    return name if len(name) <= LONGEST_HOST and name.isascii() else ""


def nobody_here(request: HttpRequest, host: str) -> HttpResponse:
    """404 for a host that no business owns."""
    return _plain(request, "tenants/no_such_place.html", 404, {"host": host})


def archived(request: HttpRequest) -> HttpResponse:
    """410 for a business that has closed its place here."""
    return _plain(request, "tenants/archived.html", 410, {})


def unreachable(request: HttpRequest, error: Exception) -> HttpResponse:
    """503 and one line in the log."""
    log.error("database_unreachable", path=request.path, error=str(error).strip().partition("\n")[0][:200])
    response = _plain(request, "503.html", 503, {}) if door_of(request.path_info) != Door.API else _problem(request)
    response["Retry-After"] = str(AGAIN_IN)
    response._has_been_logged = True  # type: ignore[attr-defined] # by the line above
    return response


def _problem(request: HttpRequest) -> HttpResponse:
    """The same for another system, which reads no pages."""
    with translation.override(translation.get_language_from_request(request)):
        return problems.unreachable()


def _plain(request: HttpRequest, template: str, status: int, context: dict[str, str]) -> HttpResponse:
    """A page that needs neither database nor business, in the language that the browser asks for."""
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    public_url = f"{settings.PUBLIC_SCHEME}://{settings.BASE_DOMAIN}{port}"
    with translation.override(translation.get_language_from_request(request)):
        try:
            body: str = loader.render_to_string(template, {**context, "public_url": public_url})
        except TemplateDoesNotExist:
            body = "The service cannot be reached for a moment. 服务暂时无法访问，请稍后再试。\n"
    response = HttpResponse(body, status=status)
    response["Content-Security-Policy"] = (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "no-store"
    return response
