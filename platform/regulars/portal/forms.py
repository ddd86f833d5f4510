"""What members type: a contact, a code, the few words of joining, and their profile."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.errors import InvalidInput, RegularsError
from regulars.organisation.models import Language
from regulars.people import introductions, profile
from regulars.people.profile_forms import answer_fields, answers_in
from regulars.people.terms import Terms


def refuse(form: forms.Form, error: RegularsError) -> None:
    """Show a refusal beside its field, or above the form where the form has no such field."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


class ContactForm(forms.Form):
    """One field for a phone number or an e-mail address; what it means is for `people.contacts` to say."""

    contact = forms.CharField(
        label=_("Phone number or e-mail"),
        max_length=200,
        error_messages={"required": _("Enter your phone number or e-mail address.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class CodeForm(forms.Form):
    """The six digits that were sent."""

    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=40,
        error_messages={
            "required": _("Enter the six digits we sent you."),
            "max_length": _("The code has six digits."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """The digits alone, whatever keyboard they came from."""
        digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", self.cleaned_data["code"]))
        if not re.fullmatch(r"[0-9]{6}", digits):
            raise forms.ValidationError(_("The code has six digits."))
        return digits


class JoiningForm(forms.Form):
    """What a new member says: a name if wanted, the language, and what is agreed to. Nothing is ticked beforehand."""

    name = forms.CharField(
        label=_("What may we call you?"),
        required=False,
        max_length=80,
        error_messages={"max_length": _("A name has at most 80 characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        error_messages={
            "required": _("Choose English or Chinese."),
            "invalid_choice": _("Choose English or Chinese."),
        },
    )
    terms = forms.BooleanField(error_messages={"required": _("To join, please read the terms and agree to them.")})
    marketing = forms.BooleanField(required=False)
    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, shown: Terms, **options: Any) -> None:
        super().__init__(*args, **options)
        self.shown = shown
        self.fields["terms"].label = shown.words
        self.fields["marketing"].label = shown.marketing
        self.fields["terms"].widget.use_required_attribute = lambda initial: False  # members need not agree again
        if (asked := introductions.field_here()) is not None:
            self.fields["introduction"] = forms.CharField(
                label=str(asked.label),
                help_text=str(asked.help),
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
            )

    def clean_introduction(self) -> str | None:
        """The word that brought them, None for none."""
        try:
            return introductions.checked(self.cleaned_data["introduction"])
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean_terms(self) -> bool:
        """Agreement to the very words that are in force, not to older ones in a page left open."""
        if self.data.get("version", self.shown.version) != self.shown.version:
            raise forms.ValidationError(_("The terms have changed. Please read them again and agree to them."))
        return bool(self.cleaned_data["terms"])


class ProfileForm(forms.Form):
    """What members change about themselves."""

    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=80,
        error_messages={"max_length": _("A name has at most 80 characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    birthday = forms.DateField(
        label=_("Birthday"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Enter a date like 1990-04-25.")},
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        error_messages={
            "required": _("Choose English or Chinese."),
            "invalid_choice": _("Choose English or Chinese."),
        },
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.update(answer_fields(profile.asked_of_themselves()))

    def about(self) -> dict[str, Any]:
        """Name, birthday and language as they were typed."""
        return {name: self.cleaned_data[name] for name in self.base_fields}

    def answers(self) -> dict[str, Any]:
        """What was answered to the questions of the business, by code; None for no answer."""
        return answers_in(self.cleaned_data)

    def asked(self) -> list[forms.BoundField]:
        """The fields of these questions."""
        return [self[name] for name in self.fields if name not in self.base_fields]
