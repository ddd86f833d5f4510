"""Acts on a login: what was proved about it."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from regulars.access.models import User


@transaction.atomic
def confirm_email(*, email: str) -> None:
    """A link that only this mailbox got was opened. An address that nobody signs in with changes nothing."""
    user = User.objects.filter(email__iexact=email).exclude(email="").first()
    if user is not None:
        EmailAddress.objects.update_or_create(
            user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
        )
