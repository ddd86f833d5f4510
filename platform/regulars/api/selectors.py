"""Questions about tokens: which there are, and whose one is."""

from __future__ import annotations

from django.db.models import F, QuerySet

from regulars.api.models import Token
from regulars.errors import NotFound
from regulars.organisation.selectors import hash_of_token

LONGEST = 200


def tokens() -> QuerySet[Token]:
    """All tokens with the till and the person they act for, those in use first, then the newest."""
    found = Token.objects.select_related("terminal__branch", "staff__custom_role")
    return found.order_by(F("revoked_at").desc(nulls_first=True), "-made_at", "-id")


def token_by_public_id(public_id: str) -> Token:
    """One token. Raises `NotFound`."""
    found = tokens().filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def token_by_secret(secret: str) -> Token | None:
    """The token in use that this secret stands for: not revoked, its till in use, its person still on the team."""
    if not secret or len(secret) > LONGEST:
        return None
    in_use = Token.objects.filter(revoked_at=None, terminal__is_active=True, staff__is_active=True)
    related = in_use.select_related("terminal__branch", "staff__branch", "staff__region", "staff__custom_role")
    return related.filter(token_hash=hash_of_token(secret)).first()
