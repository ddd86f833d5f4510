"""Moving members to another branch, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import transaction

from regulars.organisation.models import Branch
from regulars.people.models import Member


@transaction.atomic
def move_members(*, members: Sequence[int], branch: Branch) -> dict[int, int | None]:
    """Make a branch the home of members (database ids); returns where each was before, without those already there."""
    there = Member.objects.select_for_update().filter(pk__in=members).exclude(branch=branch).order_by("pk")
    before: dict[int, int | None] = dict(there.values_list("pk", "branch_id"))
    Member.objects.filter(pk__in=before).update(branch=branch)
    return before


@transaction.atomic
def move_back(*, before: Mapping[int, int | None], branch: Branch) -> int:
    """Put members back where they were, if they are still at `branch`; returns how many."""
    by_home: dict[int | None, list[int]] = defaultdict(list)
    for member, home in before.items():
        by_home[home].append(member)
    return sum(
        Member.objects.filter(pk__in=members, branch=branch).update(branch_id=home) for home, members in by_home.items()
    )
