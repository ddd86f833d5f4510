"""Forms about the team: only roles and places that whoever asks may give are offered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from regulars.organisation.models import Branch, CustomRole, Language, Region, Role, Staff
from regulars.organisation.permissions import HELD, granted, may_grant, permissions
from regulars.organisation.scope import branches_in, scope_of

OWN = "own:"
REGION, BRANCH = "region:", "branch:"


class PlacedForm(forms.Form):
    """A role and where it holds. `place()` is what the services of the team take."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), help_text=_("What each role may do stands under Team › Roles."))
    where = forms.ChoiceField(
        label=_("Where it holds"),
        required=False,
        help_text=_("The role holds only there: in lists, downloads and approvals too."),
    )

    def __init__(self, *args: Any, giver: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].choices = _roles(giver)  # type: ignore[attr-defined]
        self.fields["where"].choices = _places(giver)  # type: ignore[attr-defined]

    def place(self) -> dict[str, Any]:
        """`role`, `custom_role`, `region`, `branch` as chosen."""
        role, where = self.cleaned_data["role"], self.cleaned_data["where"]
        own = CustomRole.objects.filter(public_id=role.removeprefix(OWN)).first() if role.startswith(OWN) else None
        region = Region.objects.filter(public_id=where.removeprefix(REGION)).first()
        branch = Branch.objects.filter(public_id=where.removeprefix(BRANCH)).first()
        return {
            "role": Role.CUSTOM if own else role,
            "custom_role": own,
            "region": region if where.startswith(REGION) else None,
            "branch": branch if where.startswith(BRANCH) else None,
        }


class InvitationForm(PlacedForm):
    """Somebody to invite."""

    email = forms.EmailField(label=_("E-mail"), help_text=_("The link to come in goes there."))
    language = forms.ChoiceField(label=_("Language of the mail"), choices=Language.choices)
    field_order = ("name", "email", "role", "where", "language")


class PersonForm(PlacedForm):
    """Somebody who works here already."""

    def __init__(self, *args: Any, staff: Staff, **options: Any) -> None:
        role = f"{OWN}{staff.custom_role.public_id}" if staff.custom_role else staff.role
        where = f"{REGION}{staff.region.public_id}" if staff.region else ""
        where = f"{BRANCH}{staff.branch.public_id}" if staff.branch else where
        super().__init__(*args, initial={"name": staff.name, "role": role, "where": where}, **options)


class RoleForm(forms.Form):
    """A role of the business's own: its name and a box for each permission that whoever asks may give."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("For example: Shift leader."))
    permissions = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, giver: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        held = granted(giver)
        groups: dict[str, list[tuple[str, str]]] = {}
        for permission in permissions():
            if permission.code in held:
                groups.setdefault(str(permission.group), []).append((permission.code, str(permission.label)))
        self.fields["permissions"].choices = list(groups.items())  # type: ignore[attr-defined]


def _roles(giver: Staff) -> list[tuple[str, str]]:
    built_in = [
        (role.value, str(role.label)) for role in Role if role != Role.CUSTOM and _may_give(giver, HELD[role], role)
    ]
    own = [
        (f"{OWN}{role.public_id}", role.name)
        for role in CustomRole.objects.all()
        if _may_give(giver, frozenset(role.permissions), Role.CUSTOM)
    ]
    return [*built_in, *own]


def _may_give(giver: Staff, codes: frozenset[str], role: str) -> bool:
    return giver.role == Role.OWNER or (role != Role.OWNER and may_grant(giver, codes))


def _places(giver: Staff) -> list[tuple[str, str]]:
    scope = scope_of(giver)
    branches = scope.limit(Branch.objects.all(), field="")
    regions = [region for region in Region.objects.all() if scope.branches is None or _inside(region, scope.branches)]
    return [
        *([("", str(_("The whole business")))] if scope.is_whole else []),
        *((f"{REGION}{region.public_id}", gettext("Region: %(region)s") % {"region": region}) for region in regions),
        *((f"{BRANCH}{branch.public_id}", str(branch)) for branch in branches),
    ]


def _inside(region: Region, branches: frozenset[int]) -> bool:
    found = frozenset(branches_in(region.pk))
    return bool(found) and found <= branches
