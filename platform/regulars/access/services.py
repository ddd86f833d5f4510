"""Acts on a login: what was proved about it, and ending where it is signed in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from regulars import clock
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


@transaction.atomic
def clear_sessions() -> int:
    """Forget the sessions that have run out; returns how many."""
    gone, _by_model = Session.objects.filter(expire_date__lt=clock.now()).delete()
    return gone
