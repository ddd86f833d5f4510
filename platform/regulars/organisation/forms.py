"""Forms of the business's settings: they read and check, the services write."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.organisation.models import Language, Organisation


def zones() -> list[tuple[str, str]]:
    """Every time zone of a place."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class BusinessForm(forms.Form):
    """The settings an owner changes alone. Currency and country stay as they were when the business opened."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As members know it."))
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
