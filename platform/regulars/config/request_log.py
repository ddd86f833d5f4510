"""Every request leaves two lines in the log; whose address they name is what the rest of the product takes it for."""

from __future__ import annotations

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from regulars.visitors import address_of


class RequestLogMiddleware(RequestMiddleware):
    """As django-structlog's, which would believe any `X-Forwarded-For` that a client sends along."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Note the visitor's address, as far as it can be trusted."""
        structlog.contextvars.bind_contextvars(ip=address_of(request))
