"""How often a token may call: counted by the minute and told with every answer, so that callers slow down in time."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from regulars.api.models import Token
from regulars.errors import TooMany
from regulars.visitors import tally

MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What is left of a token's minute: `reset` in seconds."""

    token: Token
    limit: int
    remaining: int
    reset: int


def count(request: HttpRequest, token: Token) -> None:
    """Count one request of a token; raises `TooMany` once the minute's limit is passed."""
    counted, reset = tally("api", token.public_id, within=MINUTE)
    rate = Rate(token=token, limit=token.per_minute, remaining=max(0, token.per_minute - counted), reset=reset)
    request.api_rate = rate  # type: ignore[attr-defined]
    if counted > token.per_minute:
        raise TooMany(
            _("This token may ask %(limit)s times a minute. Please try again in %(seconds)s seconds.")
            % {"limit": rate.limit, "seconds": rate.reset}
        )


def rate_of(request: HttpRequest) -> Rate | None:
    """What was counted for a request, None where its caller is unknown."""
    return getattr(request, "api_rate", None)


def tell(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Write what is left into the headers of an answer."""
    rate = rate_of(request)
    if rate is None:
        return
    answer["RateLimit-Limit"] = str(rate.limit)
    answer["RateLimit-Remaining"] = str(rate.remaining)
    answer["RateLimit-Reset"] = str(rate.reset)
    if answer.status_code == 429:
        answer["Retry-After"] = str(rate.reset)
