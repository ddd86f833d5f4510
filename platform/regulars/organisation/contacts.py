"""The e-mail addresses of a business and its staff, in one form."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput


def clean_email(value: str, *, field: str = "contact_email") -> str:
    """An address in lower case, empty for none. Raises `InvalidInput` for what is no address."""
    value = value.strip().lower()
    if value:
        try:
            validate_email(value)
        except ValidationError as error:
            raise InvalidInput(_("Enter an e-mail address like name@example.com."), field=field) from error
    return value
