"""Branches and the people of the team, found by name within the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.backoffice.columns import Asker
from regulars.backoffice.search import MOST, Hit, searchable
from regulars.organisation.models import Branch, Staff


@searchable("branches", label=_("Branches"), permission="team.view", order=30)
def branches(typed: str, asker: Asker) -> Iterator[Hit]:
    """By name or address."""
    found = Branch.objects.filter(name__icontains=typed) | Branch.objects.filter(address__icontains=typed)
    for branch in asker.scope.limit(found, "")[:MOST]:
        url = reverse("office_settings:branch", args=(branch.public_id,)) if asker.may("places.manage") else ""
        yield Hit(label=branch.name, detail=branch.address, url=url or reverse("office_settings:places"), icon="branch")


@searchable("team", label=_("Team"), permission="team.view", order=40)
def team(typed: str, asker: Asker) -> Iterator[Hit]:
    """By name; whoever works beyond one's scope is not found."""
    found = Staff.objects.filter(name__icontains=typed, is_active=True).select_related("custom_role", "branch")
    for person in asker.scope.limit(found)[:MOST]:
        yield Hit(
            label=person.name,
            detail=" · ".join(words for words in (person.role_name, str(person.branch or "")) if words),
            url=reverse("office_team:person", args=(person.public_id,)),
            icon="members",
        )
