"""Forms about places: branches, regions, tills."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.organisation.models import Branch, Region


class RegionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the regions, known by its public id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Region.objects.all(), to_field_name="public_id", required=False, **options)


class BranchField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the branches, known by its public id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Branch.objects.filter(is_open=True), to_field_name="public_id", **options)


class BranchForm(forms.Form):
    """A branch to open or to change."""

    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=200, required=False, help_text=_("As members find it."))
    region = RegionField(
        label=_("Region"), empty_label=_("None"), help_text=_("People whose role holds for the region see this branch.")
    )
    zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        required=False,
        help_text=_("Only where it differs from the business's, for example Asia/Urumqi."),
    )


class RegionForm(forms.Form):
    """A region to draw or to change."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For example: East China, or Hangzhou."))
    parent = RegionField(label=_("Part of"), empty_label=_("No other region"))


class TillForm(forms.Form):
    """A till to add."""

    branch = BranchField(label=_("Branch"))
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("For example: Till 2."))
