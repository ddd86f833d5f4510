"""How passkeys and other second factors of ours differ from the library's: they bear the name of the business.

A passkey belongs to one host, the business's own: with it nobody comes in at another business of this installation.
"""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def _name_of_the_business() -> str:
    from regulars.organisation.selectors import organisation

    return str(organisation().name)


class StaffFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The library's second factors in the name of the business."""

    def get_totp_issuer(self) -> str:
        """What the app for codes shows: somebody may work for two businesses."""
        return _name_of_the_business()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """For whom a passkey is good: this host and no other."""
        return {"id": context.request.get_host().partition(":")[0], "name": _name_of_the_business()}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """What a new passkey is called until its owner renames it."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey, good alone as well unless somebody says otherwise."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = gettext_lazy("Come in with it alone, without the password")
        alone.help_text = gettext_lazy("Take the tick away for an older security key that cannot do this.")
