"""What an owner fills in to make a token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.api.models import MOST_PER_MINUTE, PER_MINUTE
from regulars.api.scopes import SCOPES
from regulars.organisation.models import Staff, Terminal


class TillField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A till in use, with its branch."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Terminal.objects.none(), to_field_name="public_id", **options)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody on the team, with their role."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Staff.objects.none(), to_field_name="public_id", **options)

    def label_from_instance(self, obj: Any) -> str:
        """Name and role, which decides what the token may do at most."""
        return f"{obj.name} · {obj.role_name}"


class TokenForm(forms.Form):
    """A token to make: for which till, in whose name, for what."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("The program that will use it, for example: till software, web shop."),
    )
    terminal = TillField(
        label=_("At which till"),
        help_text=_("What it sells stands at this till, and it sees the sales of its branch alone."),
    )
    staff = PersonField(
        label=_("Acts for"),
        help_text=_("Its acts bear this name. It may do no more than this person, and the same limits hold."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=[(scope.code, scope.label) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
    per_minute = forms.IntegerField(
        label=_("Requests a minute"),
        min_value=1,
        max_value=MOST_PER_MINUTE,
        initial=PER_MINUTE,
        help_text=_("Beyond that it is told to wait."),
    )

    def __init__(self, *args: Any, giver: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        tills: Any = self.fields["terminal"]
        tills.queryset = (
            Terminal.objects.select_related("branch").filter(is_active=True).order_by("branch__name", "name")
        )
        people: Any = self.fields["staff"]
        people.queryset = Staff.objects.select_related("custom_role").filter(is_active=True).order_by("name")
        people.initial = giver.public_id
