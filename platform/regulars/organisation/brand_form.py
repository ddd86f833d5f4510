"""The form of the brand: two colours, a pattern, a logo. A logo that was good stays when something else was not."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.brand import BrandColourError, normalise
from regulars.brand.logo import ENDINGS, MOST_BYTES, Logo, read_logo, refuse_weight
from regulars.errors import InvalidInput
from regulars.organisation.models import CardPattern, Organisation


class ColourTextField(forms.CharField):
    """A colour as text, `#rrggbb`; a script sets the browser's chooser beside it."""

    default_error_messages = {"colour": _("Enter a colour like #b4532a.")}

    def __init__(self, **options: Any) -> None:
        field = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "none", "data-brand-colour": ""}
        super().__init__(widget=forms.TextInput(attrs=field), max_length=20, **options)

    def clean(self, value: Any) -> str:
        """Raises `ValidationError` for what is no colour; empty stays empty where it may."""
        text = str(super().clean(value) or "")
        if not text:
            return ""
        try:
            return normalise(text)
        except BrandColourError as error:
            raise ValidationError(self.error_messages["colour"], code="colour") from error


class BrandForm(forms.Form):
    """What the business looks like. `chosen_logo` is the logo that came with it, checked and ready to be kept."""

    accent = ColourTextField(
        label=_("First colour"),
        help_text=_("Card, buttons and links. Shades and contrast follow from it by themselves."),
    )
    keeps_pale = forms.BooleanField(
        label=_("Keep this colour for the card; buttons, links and words take a readable shade of it"), required=False
    )
    second_colour = ColourTextField(
        label=_("Second colour"),
        required=False,
        help_text=_("For the pattern on the card. Empty: it follows from the first."),
    )
    card_pattern = forms.ChoiceField(
        label=_("Pattern of the card"),
        required=False,
        choices=[("", _("That of your trade")), *CardPattern.choices],
        widget=forms.RadioSelect,
    )
    logo = forms.FileField(
        label=_("Logo file"),
        required=False,
        max_length=200,
        help_text=_("PNG, JPEG, WebP or SVG, at most 2 MB. We make a square one for small places."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/svg+xml"}),
    )
    removes_logo = forms.BooleanField(
        label=_("Use no logo; the first letter of the name stands instead"), required=False
    )
    logo_kept = forms.CharField(required=False, max_length=MOST_BYTES * 2, widget=forms.HiddenInput)

    chosen_logo: Logo | None = None

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        start = {name: getattr(organisation, name) for name in ("accent", "second_colour", "card_pattern")}
        super().__init__(*args, **{**options, "initial": start})

    def clean_logo(self) -> None:
        """Read the file, whatever it is. Raises `ValidationError` in the words of the refusal."""
        file = self.cleaned_data.get("logo")
        if file:
            try:
                refuse_weight(file.size)
                self.chosen_logo = read_logo(file.read())
            except InvalidInput as refusal:
                raise ValidationError(str(refusal)) from refusal

    def clean_logo_kept(self) -> str:
        """A logo that was good the last time is checked again, for it went through a browser."""
        text = self.cleaned_data.get("logo_kept", "")
        if text and self.chosen_logo is None and "logo" not in self.errors:
            try:
                self.chosen_logo = read_logo(base64.b64decode(text, validate=True))
            except (InvalidInput, binascii.Error, ValueError):
                return ""
        return ""

    @property
    def kept(self) -> str:
        """The good logo as text for a hidden field, empty where there is none."""
        return base64.b64encode(self.chosen_logo.picture).decode() if self.chosen_logo else ""

    @property
    def kept_address(self) -> str:
        """The same as an address that a page can show."""
        return f"data:{ENDINGS[self.chosen_logo.ending]};base64,{self.kept}" if self.chosen_logo else ""

    def changes(self) -> dict[str, Any]:
        """What `organisation.branding.change_brand` is asked to write."""
        named = ("accent", "second_colour", "card_pattern", "removes_logo", "keeps_pale")
        return {**{name: self.cleaned_data[name] for name in named}, "logo": self.chosen_logo}
