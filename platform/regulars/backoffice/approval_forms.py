"""Forms of approvals: the decision, and a limit. They read and check, the services write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.fields import MoneyField
from regulars.organisation.approvals.limits import LimitBook
from regulars.organisation.approvals.registry import EVERYBODY, Act
from regulars.organisation.models import ApprovalLimit, Branch, CustomRole, Role

LARGEST_COUNT = 10**9


class DecisionForm(forms.Form):
    """What is decided, and a word about it."""

    decision = forms.ChoiceField(
        choices=[("approve", "approve"), ("refuse", "refuse"), ("withdraw", "withdraw")], widget=forms.HiddenInput
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("Whoever asked reads it. Needed when you refuse."),
    )

    def clean(self) -> dict[str, Any]:
        """A refusal says why."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("decision") == "refuse" and not values.get("note"):
            self.add_error("note", gettext("Say why, so that whoever asked knows what to do instead."))
        return values


class LimitForm(forms.Form):
    """Whom a limit is for, where, and how much they do alone."""

    role = forms.ChoiceField(label=_("For"), required=False)
    branch = forms.ModelChoiceField(
        label=_("Branch"),
        queryset=Branch.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("Every branch"),
        help_text=_("What is set for one branch comes before what is set for every branch."),
    )
    is_free = forms.BooleanField(label=_("Without any limit"), required=False)

    def __init__(self, *args: Any, act: Act, currency: str, asked: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.act = act
        own = {role.public_id: role for role in CustomRole.objects.order_by("name")}
        self.own_roles = own
        role, branch = self.fields["role"], self.fields["branch"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(branch, forms.ModelChoiceField)
        role.choices = [
            (EVERYBODY, gettext("Everybody else")),
            *((code, words) for code, words in Role.choices if code not in (Role.OWNER, Role.CUSTOM)),
            *((public_id, found.name) for public_id, found in own.items()),
        ]
        branch.queryset = Branch.objects.order_by("name")
        self._add_limit(currency)
        self.order_fields(["role", "branch", "limit", "is_free"])
        if asked["role"] in dict(role.choices):
            self._fill(asked)

    def _add_limit(self, currency: str) -> None:
        words: dict[str, Any] = {
            "label": gettext("Up to, alone"),
            "required": False,
            "help_text": gettext("Beyond it somebody else has to approve. 0: always."),
        }
        if self.act.unit == "money":
            field = MoneyField(**words)
            field.in_currency(currency)
            self.fields["limit"] = field
        else:
            self.fields["limit"] = forms.IntegerField(**words, min_value=0, max_value=LARGEST_COUNT)

    def _fill(self, asked: dict[str, str]) -> None:
        """The limit as it stands for whom and where the sentence said."""
        role = asked["role"]
        own = self.own_roles.get(role)
        branch = Branch.objects.filter(public_id=asked["branch"]).first()
        place = (Role.CUSTOM if own else role, own.pk if own else None, branch.pk if branch else None)
        standing = LimitBook(ApprovalLimit.objects.filter(act=self.act.code)).standing(self.act)
        self.initial.update(
            role=role,
            branch=branch.public_id if branch else "",
            limit=standing.get(place),
            is_free=place in standing and standing[place] is None,
        )

    def clean_limit(self) -> int | None:
        """Nothing below zero."""
        limit: int | None = self.cleaned_data["limit"]
        if limit is not None and limit < 0:
            raise ValidationError(gettext("Enter 0 or more."))
        return limit

    def clean(self) -> dict[str, Any]:
        """Either an amount or no limit at all."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("is_free"):
            values["limit"] = None
        elif "limit" in values and values["limit"] is None and "default" not in self.data:
            self.add_error("limit", gettext("Enter an amount, or choose “Without any limit”."))
        return values

    def place(self) -> dict[str, Any]:
        """Whom and where, as the services ask for it."""
        role = self.cleaned_data["role"]
        own = self.own_roles.get(role)
        return {"role": Role.CUSTOM if own else role, "custom_role": own, "branch": self.cleaned_data["branch"]}
