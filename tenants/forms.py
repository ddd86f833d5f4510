"""The forms of the public site: what a person must say to open a business, and to find one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.errors import InvalidInput
from regulars.organisation.models import Trade
from regulars.text import plain_text
from tenants import countries

LONGEST_NAME = 80
LONGEST_PASSWORD = 128
EXAMPLES: dict[str, str | Promise] = {
    Trade.RETAIL: _("Fashion, tea, books"),
    Trade.RESTAURANT: _("Café, bakery, bar"),
    Trade.HOTEL: _("Guest house, resort"),
    Trade.SALON: _("Hair, nails, massage"),
    Trade.GYM: _("Yoga, climbing, pool"),
    Trade.SCHOOL: _("Language, music, tutoring"),
    Trade.DEALERS: _("Brand with resellers"),
}
"""What stands beside the picture of a trade."""


@dataclass(frozen=True)
class TradeTile:
    """One picture to choose; drawing and colour go by the trade's code."""

    value: str
    label: str
    examples: str | Promise
    is_chosen: bool


def readable_name(text: str) -> str:
    """A business's name as it will be printed; raises ValidationError for what nobody could read out."""
    try:
        return plain_text(text, field="name", longest=LONGEST_NAME)
    except InvalidInput as refusal:
        raise ValidationError(
            _("Write the name with letters, characters or figures; signs may stand beside them."), code="invalid"
        ) from refusal


class SignUpForm(forms.Form):
    """Everything needed to open a business, and nothing more."""

    use_required_attribute = True

    name = forms.CharField(
        label=_("Name of your business"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter the name your customers know."),
            "max_length": _("At most 80 characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    address = forms.CharField(
        label=_("Your address on the web"),
        max_length=200,
        error_messages={
            "required": _("Choose an address, for example the name of your business in Latin letters."),
            "max_length": _("An address has at most 40 letters."),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}
        ),
    )
    trade = forms.ChoiceField(
        label=_("What kind of business is it?"),
        choices=Trade.choices,
        error_messages={
            "required": _("Choose the kind that comes nearest; you can change everything later."),
            "invalid_choice": _("Choose one of the seven kinds."),
        },
        widget=forms.RadioSelect,
    )
    country = forms.ChoiceField(
        label=_("Country or region"),
        help_text=_("Sets your currency and time zone. You can change both later."),
        error_messages={"invalid_choice": _("Choose a country or region of the list.")},
    )
    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        error_messages={
            "required": _("Enter your e-mail; you sign in with it."),
            "invalid": _("This is no e-mail address. Write it like name@example.com."),
            "max_length": _("An e-mail address has at most 254 characters."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        error_messages={
            "required": _("Choose a password of at least 10 characters."),
            "max_length": _("A password has at most 128 characters."),
        },
        widget=forms.PasswordInput(
            render_value=True, attrs={"autocomplete": "new-password", "aria-describedby": "password_helptext"}
        ),
    )
    agrees = forms.BooleanField(
        label=_("I agree"), error_messages={"required": _("Please read the terms and tick the box to agree.")}
    )
    zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    website = forms.CharField(required=False, max_length=400)

    def __init__(self, *args: Any, language: str, host_end: str = "", **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", **options})
        self.host_end = host_end
        self.language = language
        self.fields["country"].choices = countries.choices(language)  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """The name in one line, in normal form, without what cannot be seen."""
        return readable_name(self.cleaned_data["name"])

    def clean_address(self) -> str:
        """Lower case, without the rest of the host in case somebody typed it."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["address"]).strip().lower()
        typed = re.sub(r"^https?://", "", typed).rstrip("/")
        return typed.removesuffix(self.host_end) if self.host_end else typed

    def clean_website(self) -> str:
        """A field no person sees: whoever fills it in is a program."""
        if self.cleaned_data["website"]:
            raise ValidationError(
                _("A hidden field was filled in. Load the page again and leave it to you, not to a program.")
            )
        return ""

    def clean(self) -> dict[str, Any]:
        """Judge the password beside the name and the e-mail it must not resemble."""
        cleaned = dict(super().clean() or {})
        password = cleaned.get("password")
        if password:
            resembles = get_user_model()(email=cleaned.get("email", ""), first_name=cleaned.get("name", ""))
            try:
                validate_password(password, user=resembles)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def setting(self) -> countries.Setting:
        """Country, currency and zone as chosen."""
        return countries.setting_of(self.cleaned_data["country"], self.cleaned_data["zone"])

    @property
    def tiles(self) -> list[TradeTile]:
        """The kinds of business as pictures."""
        chosen = self["trade"].value()
        return [
            TradeTile(value, str(label), EXAMPLES[value], is_chosen=value == chosen) for value, label in Trade.choices
        ]

    @property
    def first_wrong(self) -> str:
        """The field to take the person to, empty when none is wrong."""
        return next((name for name in self.fields if name in self.errors), "")


class FindForm(forms.Form):
    """The address of a business, typed by somebody who knows it."""

    address = forms.CharField(
        label=_("Address of the business"),
        max_length=200,
        error_messages={
            "required": _("Type the address that stands on your card, receipt or invitation."),
            "max_length": _("That is longer than any address here."),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "inputmode": "url"}
        ),
    )
