"""About how many members a condition means, from a sample of them: for where counting them all takes too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models.functions import Random

from regulars.conditions.facts import facts_of_many

if TYPE_CHECKING:
    from regulars.conditions.tree import Condition
    from regulars.organisation.scope import Scope

SAMPLE = 2_000
"""So many members say within two in a hundred how many of all are meant."""


def about(condition: Condition, scope: Scope | None = None) -> int:
    """About for how many active members of a scope it holds, to two figures; exact where there are few members.

    Asks about some two thousand members, drawn anew each time, one by one along their indexes. Raises `ValueError` for
    a condition about an occasion.
    """
    if not condition.is_for_sets:
        raise ValueError("a condition about an occasion has no set of members")
    members = apps.get_model("people", "Member")._default_manager.filter(is_active=True)
    members = members if scope is None else scope.limit(members)
    total = members.count()
    drawn = members.alias(drawn=Random()).filter(drawn__lt=SAMPLE / total) if total > SAMPLE else members
    facts = facts_of_many(drawn.values_list("pk", flat=True), condition)
    found = sum(condition.holds(each) for each in facts.values())
    return found if total <= SAMPLE else _to_two_figures(total * found // max(len(facts), 1))


def _to_two_figures(number: int) -> int:
    return round(number, 2 - len(str(number))) if number > 99 else number
