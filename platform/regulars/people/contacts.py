"""A phone number or an e-mail address in the one form in which two spellings of it are the same."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput


@dataclass(frozen=True)
class Contact:
    """How somebody is reached: a phone in E.164 or an e-mail in lower case."""

    kind: Literal["phone", "email"]
    value: str

    @property
    def masked(self) -> str:
        """Enough to recognise one's own, too little to learn another's: `+86 ••••• 0000`, `a•••@example.com`."""
        if self.kind == "phone":
            return f"+{phonenumbers.parse(self.value).country_code} ••••• {self.value[-4:]}"
        name, _at, host = self.value.partition("@")
        return f"{name[:1]}•••@{host}"


def normal_contact(text: str, *, country: str = "CN") -> Contact:
    """What a person typed as a contact; `country` (two letters) reads national phone numbers.

    Raises `InvalidInput` with field `contact`.
    """
    typed = unicodedata.normalize("NFKC", text or "").strip()
    if "@" in typed:
        return Contact("email", _email(typed))
    try:
        number = phonenumbers.parse(typed[:40], country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise InvalidInput(
            _("Enter a mobile number like %(example)s, or an e-mail address.") % {"example": _example(country)},
            field="contact",
        )
    return Contact("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _email(typed: str) -> str:
    try:
        validate_email(typed)
    except ValidationError:
        raise InvalidInput(_("Enter an e-mail address like name@example.com."), field="contact") from None
    if len(typed) > 200:
        raise InvalidInput(_("This e-mail address is too long."), field="contact")
    return typed.lower()


def _example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return "+86 138 0013 8000"
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
