"""Signing in, by Django's and by allauth's way, and who is signed in: that is asked at nearly every request."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend

from regulars.access.models import User
from regulars.asked_often import AskedOften

USER = AskedOften(User.objects.all, by="id")


class SignedIn:
    """Finds who is signed in; nobody whose login was closed."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, None for one who may not sign in."""
        user = USER.first(user_id)
        return user if user is not None and user.is_active else None


class PasswordBackend(SignedIn, ModelBackend):
    """A sign-in id or an e-mail address with a password."""


class AddressBackend(SignedIn, AuthenticationBackend):  # type: ignore[misc]
    """An e-mail address, as allauth knows it, with a password, a code or a passkey."""
