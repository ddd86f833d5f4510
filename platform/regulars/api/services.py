"""Acts on tokens: making one, revoking one, noting that it was used; and forgetting old answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from regulars import clock
from regulars.api.models import MOST_PER_MINUTE, PER_MINUTE, Answer, Token
from regulars.api.scopes import BY_CODE
from regulars.errors import InvalidInput
from regulars.operations.trail import record
from regulars.organisation.models import Staff, Terminal
from regulars.organisation.permissions import allows, require
from regulars.organisation.scope import scope_of
from regulars.organisation.selectors import hash_of_token
from regulars.public_ids import random_code
from regulars.text import plain_text

PERMISSION = "api.manage"
NOTED_EVERY = dt.timedelta(minutes=1)
ANSWERS_KEPT = dt.timedelta(days=30)
"""How long a key still gets its first answer word for word."""


@transaction.atomic
def make_token(
    *, terminal: Terminal, staff: Staff, name: str, scopes: Iterable[str], by: Staff, per_minute: int = PER_MINUTE
) -> tuple[Token, str]:
    """Make a token for a till in the name of `staff`; returns it with its secret, shown this once and never stored.

    Raises `NotAllowed`, and `InvalidInput` for an empty name, a till out of use, no scope, a scope that needs more
    than the person may do, or a person who does not work at the till's branch.
    """
    require(by, PERMISSION)
    codes = sorted(set(scopes))
    _check_scopes(codes, staff)
    if not terminal.is_active:
        raise InvalidInput(_("This till is out of use. Choose another one."), field="terminal")
    if not staff.is_active or not scope_of(staff).covers(terminal.branch):
        raise InvalidInput(_("This person does not work at the till's branch. Choose another one."), field="staff")
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise InvalidInput(_("Enter from 1 to %(most)s.") % {"most": MOST_PER_MINUTE}, field="per_minute")
    secret = f"rgt_{random_code(32)}"  # behind a prefix that scanners for leaked secrets can know
    token = Token.objects.create(
        name=plain_text(name, field="name", longest=60),
        terminal=terminal,
        staff=staff,
        token_hash=hash_of_token(secret),
        scopes=codes,
        per_minute=per_minute,
        made_by=by.public_id,
    )
    after = {"name": token.name, "till": terminal.public_id, "acts_for": staff.public_id, "scopes": codes}
    _note("token.made", token, by, after=after)
    return token, secret


def _check_scopes(codes: list[str], staff: Staff) -> None:
    if not codes or not set(codes) <= BY_CODE.keys():
        raise InvalidInput(_("Choose at least one of the things it may do."), field="scopes")
    beyond = [BY_CODE[code] for code in codes if (needed := BY_CODE[code].permission) and not allows(staff, needed)]
    if beyond:
        words = {"name": staff.name, "scope": beyond[0].label}
        raise InvalidInput(
            _("%(name)s may not do this: %(scope)s. Leave it out, or choose somebody who may.") % words, field="scopes"
        )


@transaction.atomic
def revoke_token(*, token: Token, by: Staff) -> Token:
    """End a token for good; whoever calls with it is nobody from now on. Again changes nothing. Raises `NotAllowed`."""
    require(by, PERMISSION)
    now = clock.now()
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        token.revoked_at = now
        _note("token.revoked", token, by)
    return token


def note_use(*, token: Token) -> None:
    """Remember that a token was used just now; written once a minute at most."""
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def forget_answers(*, now: dt.datetime, limit: int) -> int:
    """Forget the oldest answers given more than `ANSWERS_KEPT` ago; returns how many."""
    old = Answer.objects.filter(answered_at__lt=now - ANSWERS_KEPT).order_by("answered_at").values("pk")[:limit]
    gone, _by_model = Answer.objects.filter(pk__in=old).delete()
    return gone


def _note(act: str, token: Token, by: Staff, *, after: dict[str, object] | None = None) -> None:
    record(act=act, actor=by.public_id, subject=token.public_id, branch=token.terminal.branch, after=after)
