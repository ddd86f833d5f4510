"""The user: whoever signs in. A member gets one at first sign-in, staff by invitation, operators in public."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from regulars.public_ids import PublicIdField


class User(AbstractUser):
    """A login of one business. The `username` is a random public id: people sign in by e-mail, phone or passkey."""

    username = PublicIdField(prefix="usr", verbose_name=_("sign-in id"), editable=True)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")

    objects: ClassVar[UserManager[Self]] = UserManager()

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
