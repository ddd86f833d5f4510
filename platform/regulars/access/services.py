"""Acts on a login: what was proved about it, and ending where it is signed in."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from regulars.access.models import Session, User


@transaction.atomic
def confirm_email(*, email: str) -> None:
    """A link that only this mailbox got was opened. An address that nobody signs in with changes nothing."""
    user = User.objects.filter(email__iexact=email).exclude(email="").first()
    if user is not None:
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )


@transaction.atomic
def end_sessions(*, user: User, but_not: str = "") -> int:
    """Sign a user out everywhere, or everywhere else than in the session `but_not`; returns how many ended."""
    ended, _by_model = Session.objects.filter(user_id=user.pk).exclude(session_key=but_not).delete()
    return ended


def forget_sessions(*, now: dt.datetime, limit: int) -> int:
    """Forget the sessions that ran out longest ago; returns how many."""
    over = Session.objects.filter(expire_date__lt=now).order_by("expire_date").values("pk")[:limit]
    gone, _by_model = Session.objects.filter(pk__in=over).delete()
    return gone
