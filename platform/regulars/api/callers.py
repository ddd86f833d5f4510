"""Who may call: another system by a token, which speaks for a till in the name of a member of staff."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from regulars.api import limits
from regulars.api.models import Token
from regulars.api.scopes import BY_CODE
from regulars.api.selectors import token_by_secret
from regulars.errors import NotAllowed
from regulars.operations.origin import stands_at
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.organisation.permissions import require
from regulars.sales.models import Sale


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls: what is done is done at this till, by this person, and nothing of other branches is seen."""

    token: Token
    terminal: Terminal
    branch: Branch
    staff: Staff

    def sees(self, sale: Sale) -> bool:
        """Whether a sale is this caller's business: those of its own branch are."""
        return bool(sale.branch_id == self.branch.pk)


class Asking(HttpRequest):
    """A request whose caller is known: `auth` is set before any route runs."""

    auth: Caller


class MayCall(HttpBearer):
    """`Authorization: Bearer <token>` of a token with this scope; the route finds its caller as `request.auth`."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The caller, None for anybody else. Raises `TooMany` beyond its rate, `NotAllowed` beyond its scope."""
        found = token_by_secret(token.strip())
        if found is None:
            return None
        caller = Caller(token=found, terminal=found.terminal, branch=found.terminal.branch, staff=found.staff)
        stands_at(branch=caller.branch, terminal=caller.terminal)
        limits.count(request, found)
        self._require(caller)
        return caller

    def _require(self, caller: Caller) -> None:
        if self.scope not in caller.token.scopes:
            raise NotAllowed(
                _("This token is not for that: it lacks the scope “%(scope)s”. Ask the owner for another token.")
                % {"scope": self.scope}
            )
        if not caller.branch.is_open:
            raise NotAllowed(_("This branch is closed. Nothing is sold here."))
        if needed := BY_CODE[self.scope].permission:
            require(caller.staff, needed, branch=caller.branch)
