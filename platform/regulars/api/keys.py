"""Every request that posts acts once: it carries a key, and the same request under that key gets the same answer again.

The answer is kept in the transaction of the act itself. Of ten who send one request at once the first acts while the
others wait for its row; a refusal undoes the row with everything else, so that it can be sent again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.api.callers import Caller
from regulars.api.models import Answer
from regulars.errors import KeyUsedBefore, RegularsError
from regulars.ledger.services import request_hash

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
SHORTEST, LONGEST = 8, 80
ASKING = frozenset({"GET", "HEAD", "OPTIONS"})
Route = TypeVar("Route", bound=Callable[..., Any])


class KeyMissing(RegularsError):
    """A request that posts came without a key, or with one that cannot be one (HTTP 400)."""

    message = _("Send a key of 8 to 80 printable characters in the header “Idempotency-Key”, a new one for each act.")
    field = HEADER


def posts_nothing(route: Route) -> Route:
    """Mark a route that answers a question although it is a POST, and so needs no key. A storm holds it to that."""
    route.posts_nothing = True  # type: ignore[attr-defined]
    return route


def needs_key(method: str, route: Callable[..., Any]) -> bool:
    """Whether a request to this route posts, and so must carry a key."""
    return method not in ASKING and not getattr(route, "posts_nothing", False)


def key_for(request: HttpRequest) -> str:
    """The key under which a service acts for this request: the same for the same token and header, 44 characters."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    mixed = f"{caller.token.public_id}:{request.headers[HEADER]}"
    return f"api:{hashlib.sha256(mixed.encode()).hexdigest()[:40]}"


def once(route: Callable[..., Any]) -> Callable[..., Any]:
    """Claim the key before the route acts; where it has acted already, answer as then. Around the validated route."""

    @wraps(route)
    def claimed(request: HttpRequest, *args: Any, **named: Any) -> Any:
        if not needs_key(request.method or "", route):
            return route(request, *args, **named)
        known = _claim(request)
        return route(request, *args, **named) if known is None else _again(known)

    return claimed


def together(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the act and its kept answer be one transaction, undone as one. Around the whole operation."""

    @wraps(run)
    def in_one(request: HttpRequest, **named: Any) -> HttpResponse:
        if request.method in ASKING:
            return run(request, **named)
        with transaction.atomic():
            answer = run(request, **named)
            claim: Answer | None = getattr(request, "api_claim", None)
            if answer.status_code >= 400:
                transaction.set_rollback(True)
            elif claim is not None:
                claim.status, claim.body = answer.status_code, answer.content.decode()
                claim.save(update_fields=["status", "body"])
        return answer

    return in_one


def _claim(request: HttpRequest) -> Answer | None:
    """Take the key for this request; None where nobody has, else what was answered. Raises `KeyUsedBefore`."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    key = request.headers.get(HEADER, "")
    if not SHORTEST <= len(key) <= LONGEST or not key.isprintable():
        raise KeyMissing
    fingerprint = _fingerprint(request)
    claim = Answer(token=caller.token, key=key, request_hash=fingerprint, answered_at=clock.now())
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError:
        known = Answer.objects.get(token=caller.token, key=key)
        if known.request_hash != fingerprint:
            raise KeyUsedBefore(field=HEADER) from None
        return known
    request.api_claim = claim  # type: ignore[attr-defined]
    return None


def _again(known: Answer) -> HttpResponse:
    answer = HttpResponse(known.body, status=known.status, content_type="application/json; charset=utf-8")
    answer[REPLAYED] = "true"
    return answer


def _fingerprint(request: HttpRequest) -> str:
    try:
        body = json.dumps(json.loads(request.body or b"null"), sort_keys=True)
    except ValueError:
        body = hashlib.sha256(request.body).hexdigest()
    return request_hash(request.method, request.get_full_path(), body)
