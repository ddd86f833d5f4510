"""What is wrong, as other systems read it: `application/problem+json` (RFC 9457), in the caller's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from regulars.api.keys import KeyMissing
from regulars.errors import InvalidInput, NotAllowed, NotFound, RegularsError, TooMany
from regulars.loyalty.coupons.reading import CouponRefused
from regulars.outage import AGAIN_IN, is_unreachable
from regulars.people.services import AlreadyMember

STATUS: dict[type[RegularsError], int] = {
    KeyMissing: 400,
    NotAllowed: 403,
    NotFound: 404,
    InvalidInput: 422,
    TooMany: 429,
}
CONFLICT = 409
"""Every other refusal: what was asked for rightly, and cannot be as things stand."""
TITLES: dict[int, str | Promise] = {
    400: _("The request cannot be done as it is"),
    401: _("Who is calling is not known"),
    403: _("This is not allowed"),
    404: _("Not found"),
    405: _("This address does not answer this method"),
    409: _("The request contradicts how things stand"),
    422: _("A value is not as it should be"),
    429: _("Too many requests"),
    500: _("Something went wrong here"),
    503: _("The service cannot be reached for a moment"),
}
WORDS: dict[str, str | Promise] = {
    "missing": _("This value is missing."),
    "int_parsing": _("This must be a whole number."),
    "int_type": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "string_type": _("This must be text."),
    "string_too_long": _("This text is too long."),
    "string_too_short": _("This text is too short."),
    "greater_than_equal": _("This is too small."),
    "less_than_equal": _("This is too large."),
    "too_long": _("This list is too long."),
    "too_short": _("This list is too short."),
    "null_byte": _("This text holds a character that no text has."),
    "extra_forbidden": _("There is no such value. Check its name."),
    "json_invalid": _("The body is not valid JSON."),
}
MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


def problem(
    status: int, detail: str | Promise, *, field: str = "", errors: list[dict[str, str]] | None = None, **more: str
) -> JsonResponse:
    """One problem: a title for the status, what is wrong and what would be right, the field at fault if any."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": str(detail),
        **more,
    }
    if field:
        body["field"] = field
    if errors:
        body["errors"] = errors
    answer = JsonResponse(body, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def unknown_address(request: HttpRequest, **_arguments: Any) -> JsonResponse:
    """Any address below the API that nothing answers, and those of modules that are off."""
    return problem(404, _("Nothing answers at this address. Check it against the documentation."))


def wrong_method(allowed: str) -> JsonResponse:
    """An address that answers other methods; they stand in `Allow`."""
    answer = problem(405, _("Look at the header “Allow”: it names the methods that this address answers."))
    answer["Allow"] = allowed
    return answer


def unreachable() -> JsonResponse:
    """The database is out for a moment; with when to try again."""
    answer = problem(503, _("Nothing was done. Send the request again in a few seconds, with the same key."))
    answer["Retry-After"] = str(AGAIN_IN)
    answer["Cache-Control"] = "no-store"
    return answer


def install(api: NinjaAPI) -> None:
    """Let every error of an API leave it as a problem."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], JsonResponse]] = {
        RegularsError: _refused,
        ValidationError: _invalid,
        AuthenticationError: _unknown_caller,
        HttpError: _stopped,
        Http404: lambda request, error: unknown_address(request),
        Exception: _failed,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _refused(request: HttpRequest, error: RegularsError) -> JsonResponse:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), CONFLICT)
    if isinstance(error, AlreadyMember):
        return problem(status, error.message, field=error.field, member=error.member.public_id)
    if isinstance(error, CouponRefused):
        return problem(status, error.message, field=error.field, coupon=error.coupon)
    return problem(status, error.message, field=error.field)


def _invalid(request: HttpRequest, error: ValidationError) -> JsonResponse:
    errors = [
        {
            "field": ".".join(str(part) for part in each.get("loc", [])[2:] or each.get("loc", [])[-1:]),
            "message": str(WORDS.get(str(each.get("type")), _("This value is not as it should be."))),
        }
        for each in error.errors[:50]
    ]
    return problem(422, _("Look at “errors”: it names each value and what is wrong with it."), errors=errors)


def _unknown_caller(request: HttpRequest, error: AuthenticationError) -> JsonResponse:
    return problem(
        401, _("Send a token that is in use: “Authorization: Bearer …”. The owner makes and revokes tokens.")
    )


def _stopped(request: HttpRequest, error: HttpError) -> JsonResponse:
    if error.status_code == 400:  # the one that the framework raises itself
        return problem(400, WORDS["json_invalid"])
    return problem(error.status_code, error.message)


def _failed(request: HttpRequest, error: Exception) -> JsonResponse:
    if isinstance(error, OperationalError | InterfaceError) and is_unreachable(error):
        log.error("database_unreachable", path=request.path, error=str(error).strip().partition("\n")[0][:200])
        return unreachable()
    log.exception("api_failed", path=request.path, exc_info=error)
    return problem(500, _("This is our fault, not yours. Nothing was done; you may send the request again."))
