"""How a refusal looks to whoever asked: a page in their language, or JSON where JSON was asked for."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, TooManyFieldsSent
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.urls import NoReverseMatch
from django.utils.datastructures import MultiValueDictKeyError
from modelsearch.backends.base import FilterFieldError

from regulars.errors import NotAllowed, NotFound, RegularsError, TooMany

log = structlog.get_logger(__name__)
STATUS: dict[type[RegularsError], int] = {NotFound: 404, NotAllowed: 403, TooMany: 429}


class RefusalMiddleware:
    """Turns a refusal that no view has caught into the right page; views catch the ones a form can show."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """404, 403, 429 or 400 for our own family and for bodies that are too large; anything else is a fault."""
        if isinstance(error, RegularsError):
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
            return page(request, status, str(error))
        if isinstance(error, RequestDataTooBig | TooManyFieldsSent):
            return page(request, 400)
        nonsense = _status_of_nonsense(error) if _is_of_wagtail(request) else None
        return page(request, nonsense) if nonsense else None


def _is_of_wagtail(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.func.__module__.startswith("wagtail.")


def _status_of_nonsense(error: Exception) -> int | None:
    """What Wagtail's views should have answered for content that none of its own pages sends, None for a fault.

    They trust their hidden fields, `next` and ids; our own views check theirs, and are not excused here.
    """
    if isinstance(error, ObjectDoesNotExist):
        return 404
    is_no_id = isinstance(error, ValueError) and "expected a number but got" in str(error)
    is_no_address = isinstance(error, NoReverseMatch) and "not a valid view function or pattern name" in str(error)
    is_other = isinstance(error, MultiValueDictKeyError | DataError | FilterFieldError)
    return 400 if is_no_id or is_no_address or is_other else None


def page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """The error page of a status, in the language of the request."""
    return render(request, f"{status}.html", {"message": message}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 in words."""
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 in words."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 in words."""
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 from a page that needs neither context nor database."""
    return HttpResponseServerError(loader.get_template("500.html").render())
