"""Finding entries: by who, what, which record or any word, by group, days, branch and door; never beyond one's scope.

The list goes back from the newest entry by keys, a page at a time, so that it costs the same at any length.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.operations.models import TrailEntry
from regulars.operations.origin import Door
from regulars.operations.trail.acts import LISTS, Group, codes_of, codes_that_say
from regulars.organisation.models import Branch, Staff
from regulars.organisation.permissions import allows
from regulars.organisation.scope import Scope
from regulars.people.finding import found_by
from regulars.people.models import Member
from regulars.sales.models import Sale

MOST_NAMES = 200
"""So many people of one name are looked for."""
DOORS = [(str(door.value) or "inside", door.label) for door in Door]


class TrailFilters(forms.Form):
    """Which entries to show."""

    q = forms.CharField(label=_("Who, what or which record"), required=False, max_length=100)
    group = forms.ChoiceField(label=_("Kind of act"), required=False, choices=[("", _("Everything")), *Group.choices])
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    branch = forms.ModelChoiceField(
        label=_("Branch"), required=False, queryset=Branch.objects.none(), to_field_name="public_id"
    )
    door = forms.ChoiceField(label=_("Through"), required=False, choices=[("", _("Every door")), *DOORS])

    def __init__(self, data: Any, *, scope: Scope) -> None:
        super().__init__(data, label_suffix="")
        branches: Any = self.fields["branch"]
        branches.queryset = scope.limit(Branch.objects.order_by("name"), field="")
        branches.empty_label = _("All branches")

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("since") and found.get("until") and found["since"] > found["until"]:
            self.add_error("until", _("The last day comes before the first."))
        return found

    def entries(self, *, staff: Staff, scope: Scope) -> QuerySet[TrailEntry]:
        """What was asked for, the newest first; nothing for a form that does not hold."""
        found = scope.limit(TrailEntry.objects.order_by("-pk"))
        if not self.is_valid():
            return found.none()
        asked = self.cleaned_data
        if asked["group"]:
            found = found.filter(act__in=codes_of(asked["group"]))
        if asked["since"]:
            found = found.filter(occurred_at__gte=clock.start_of(asked["since"]))
        if asked["until"]:
            found = found.filter(occurred_at__lt=clock.start_of(asked["until"] + dt.timedelta(days=1)))
        if asked["branch"]:
            found = found.filter(branch=asked["branch"])
        if asked["door"]:
            found = found.filter(door="" if asked["door"] == "inside" else asked["door"])
        return _saying(found, asked["q"].strip(), staff, scope) if asked["q"].strip() else found


def _saying(entries: QuerySet[TrailEntry], words: str, staff: Staff, scope: Scope) -> QuerySet[TrailEntry]:
    """Entries of somebody or about something of this name, of acts that say so, or with these words in them."""
    people = list(Staff.objects.filter(name__icontains=words).values_list("public_id", flat=True)[:MOST_NAMES])
    records = [*people, words, *(name for name, said in LISTS.items() if words.casefold() in str(said).casefold())]
    if allows(staff, "members.view"):
        known = found_by(words, sees_contacts=allows(staff, "members.contacts"))
        members = list(scope.limit(Member.objects.filter(known)).values_list("public_id", flat=True)[:MOST_NAMES])
        people, records = [*people, *members], [*records, *members]
    records += Sale.objects.filter(number__iexact=words).values_list("public_id", flat=True)[:MOST_NAMES]
    records += Branch.objects.filter(name__icontains=words).values_list("public_id", flat=True)[:MOST_NAMES]
    found = Q(actor__in=[*people, words]) | Q(subject__in=records) | Q(act__in=codes_that_say(words))
    return entries.alias(said=Cast("detail", TextField()), made=Cast("after", TextField())).filter(
        found | Q(said__icontains=words) | Q(made__icontains=words)
    )
