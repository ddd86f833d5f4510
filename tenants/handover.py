"""From one host to another, signed in: sessions are host-only, so a short-lived link carries a person over.

The token names one login of one schema and the state in which that login was: the first use changes that state in one
conditional update, so a second use, in whichever process, finds nothing to take.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth import get_user_model
from django.core import signing
from django.db import connection
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.access.models import User
from regulars.errors import RegularsError
from tenants import hosts
from tenants.context import business_context
from tenants.models import Business

SALT = "tenants.handover"
DOORS = {"office": "/office/", "counter": "/counter/"}
"""Where a link may lead."""
LIFE = dt.timedelta(seconds=60)


class HandoverRefused(RegularsError):
    """The link is too old, was used before, or belongs to another business."""

    message = _("This link worked once, for one minute. Sign in with your e-mail and password.")


def make_token(*, business: Business, email: str, door: str = "office", language: str = "") -> str:
    """A token that signs the login with this e-mail in at this business, once, within a minute.

    `door` is one of `DOORS`; in `language` the person goes on reading there.
    Raises User.DoesNotExist when the business has no such login.
    """
    with business_context(business):
        user = get_user_model().objects.get(email__iexact=email)
    claims = {
        "schema": business.schema_name,
        "user": user.username,
        "seen": user.last_login.isoformat() if user.last_login else "",
        "until": (clock.now() + LIFE).timestamp(),
        "door": door,
        "language": language,
    }
    return signing.dumps(claims, salt=SALT, compress=True)


def redeem(token: str) -> User:
    """The login a token stands for, in the business this thread is in; the token is used up.

    Raises HandoverRefused for a token that is forged, too old, used before or made for another business.
    """
    try:
        claims = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise HandoverRefused from error
    now = clock.now()
    here: str = connection.schema_name  # type: ignore[attr-defined]
    if claims["schema"] != here or now.timestamp() > claims["until"]:
        raise HandoverRefused
    seen = dt.datetime.fromisoformat(claims["seen"]) if claims["seen"] else None
    # a first sign-in leaves no earlier time behind; an equal one would leave the token usable
    users = User.objects.filter(username=claims["user"], is_active=True)
    waiting = users.filter(last_login=seen) if seen else users.filter(last_login__isnull=True)
    if seen == now or waiting.update(last_login=now) != 1:
        raise HandoverRefused
    return users.get()


def leads_to(token: str) -> tuple[str, str]:
    """The path behind the door that a token names, and its language; the back office for one that is not of ours."""
    try:
        claims = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        claims = {}
    return DOORS.get(claims.get("door", ""), DOORS["office"]), str(claims.get("language", ""))


def link(*, business: Business, email: str, door: str = "office", language: str = "") -> str:
    """The whole address that lands somebody signed in: `https://<host>/welcome/<token>/`."""
    token = make_token(business=business, email=email, door=door, language=language)
    return f"{hosts.root_of(business)}/welcome/{token}/"
