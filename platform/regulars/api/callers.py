"""Who may call: a terminal of this business, by the token it was given."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from regulars.operations.origin import stands_at
from regulars.organisation.models import Terminal
from regulars.organisation.selectors import terminal_by_token


class TerminalToken(HttpBearer):
    """`Authorization: Bearer <token>` of an active terminal; the route finds it as `request.auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> Terminal | None:
        """The terminal that holds the token, None for anybody else."""
        terminal = terminal_by_token(token.strip())
        if terminal is not None:
            stands_at(branch=terminal.branch, terminal=terminal)
        return terminal
