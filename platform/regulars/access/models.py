"""The user: whoever signs in (members at first sign-in, staff by invitation, operators in public); their sessions."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from regulars.access.browsers import known_as
from regulars.public_ids import PublicIdField


class User(AbstractUser):
    """A login of one business. The `username` is a random public id: people sign in by e-mail, phone or passkey."""

    username = PublicIdField(prefix="usr", verbose_name=_("sign-in id"), editable=True)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")

    objects: ClassVar[UserManager[Self]] = UserManager()

    came_with_session = False
    """Whether this request asked for the user together with what it is in the business (`sessions.ask_beside`)."""

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(fields=["username"], name="access_user_username"),
            models.UniqueConstraint(Lower("email"), name="access_user_email", condition=~Q(email="")),
            models.UniqueConstraint(fields=["phone"], name="access_user_phone", condition=~Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email or self.username


class Session(AbstractBaseSession):
    """Somebody who is signed in somewhere, or a visitor with a basket. `address` and `browser` are of the sign-in.

    Whose it was may be gone by now, so the user is no constraint.
    """

    expire_date = models.DateTimeField(_("ends"))
    user = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    browser = models.CharField(_("browser"), max_length=200, blank=True, default="")
    begun_at = models.DateTimeField(_("signed in"), null=True)
    seen_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [
            models.Index(fields=["user"], name="access_session_user", condition=Q(user__isnull=False)),
            models.Index(fields=["expire_date"], name="access_session_ends"),
        ]

    @property
    def known_as(self) -> str:
        """Browser and system in two words."""
        return known_as(self.browser)

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        """The store that reads it."""
        from regulars.access.sessions import SessionStore

        return SessionStore
