"""Forms of the business's settings: they read and check, the services write."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.fields import ColourField
from regulars.organisation.models import Branch, Language, Organisation, Role


def zones() -> list[tuple[str, str]]:
    """Every time zone of a place."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class BusinessForm(forms.Form):
    """The settings an owner changes alone. Currency and country stay as they were when the business opened."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As members know it."))
    accent = ColourField(
        label=_("Brand colour"), help_text=_("Buttons and cards. Shades and contrast follow from it by themselves.")
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("What people see whose own language is neither of the two."),
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=zones, help_text=_("Where your day begins and ends."))
    contact_email = forms.EmailField(
        label=_("Contact e-mail"), required=False, help_text=_("Shown to members below your pages.")
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        start = {name: getattr(organisation, name) for name in self.base_fields}
        super().__init__(*args, **{**options, "initial": start})

    def changes(self) -> dict[str, Any]:
        """What `organisation.services.change` is asked to write."""
        return dict(self.cleaned_data)


class BranchForm(forms.Form):
    """A branch to open."""

    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=200, required=False, help_text=_("As members find it."))


class BranchField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the open branches, known by its public id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Branch.objects.filter(is_open=True), to_field_name="public_id", **options)


class TillForm(forms.Form):
    """A till to add."""

    branch = BranchField(label=_("Branch"))
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("For example: Till 2."))


class StaffForm(forms.Form):
    """Somebody to invite."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.CASHIER,
        help_text=_("Cashiers work at the counter. Managers and owners come into this back office as well."),
    )
    branch = BranchField(label=_("Branch"), required=False, help_text=_("Empty: the whole business."))
