"""What staff fill in at the counter besides the sale: a new member who joins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.errors import InvalidInput
from regulars.organisation.models import Language
from regulars.people import introductions
from regulars.people.contacts import Contact, normal_contact
from regulars.people.terms import Terms, terms


class JoinForm(forms.Form):
    """A person joins at the counter: one contact, a name if they like, and their agreement to the words shown."""

    contact = forms.CharField(label=_("Phone or e-mail"), max_length=200)
    name = forms.CharField(label=_("Name of the member"), max_length=80, required=False)
    language = forms.ChoiceField(label=_("Language of messages"), choices=Language.choices)
    agrees = forms.BooleanField(
        label=_("The member has read these words and agreed to them"),
        error_messages={"required": _("Ask the member, and tick this once they agreed. Without it nobody can join.")},
    )
    marketing = forms.BooleanField(label=_("The member would also like offers and news"), required=False)

    def __init__(self, *args: Any, country: str, language: str, **named: Any) -> None:
        named["initial"] = {"language": language, **named.get("initial", {})}
        super().__init__(*args, **{**named, "prefix": "new", "auto_id": "%s"})
        self.country = country
        stop = {"data-next-field-target": "stop"}
        typed = {"autocomplete": "off", "spellcheck": "false", **stop}
        self.fields["contact"].widget.attrs |= {**typed, **_asked_at_once(), "autofocus": True}
        self.fields["name"].widget.attrs |= typed
        self.fields["agrees"].widget.attrs |= stop
        if (asked := introductions.field_here()) is not None:
            quiet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
            self.fields["introduction"] = forms.CharField(
                label=str(asked.label), required=False, max_length=40, widget=forms.TextInput(attrs=quiet)
            )

    def clean_introduction(self) -> str | None:
        """The word that brought them, None for none."""
        try:
            return introductions.checked(self.cleaned_data["introduction"])
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean_contact(self) -> Contact:
        """The contact in normal form."""
        try:
            return normal_contact(self.cleaned_data["contact"], country=self.country)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def terms(self) -> Terms:
        """The words to show, in the language the member will be written to."""
        chosen = self["language"].value()
        return terms(chosen if chosen in Language.values else Language.ENGLISH)


def _asked_at_once() -> dict[str, str]:
    """Whoever is a member already is shown as soon as their contact stands there."""
    return {
        "hx-post": reverse("counter:join"),
        "hx-trigger": "change",
        "hx-include": "#basket, #join",
        "hx-vals": '{"known": "1"}',
        "hx-target": "#till",
        "hx-swap": "outerHTML",
        "hx-sync": "#join:drop",
    }
