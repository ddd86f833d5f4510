"""One condition, two evaluations: in SQL for sets and in memory for one, and never another answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from regulars import conditions
from regulars.conditions import registry
from tests.regulars.conditions.worlds import trees

pytestmark = [pytest.mark.clause("4.2")]


def test_sql_and_memory_agree(crowd: list[Any]) -> None:
    """Random trees over every field of the rooms: exactly the same members, asked as a set and one by one."""
    from regulars.people.models import Member

    everybody = [member.pk for member in crowd]
    seen = {"all": 0, "none": 0, "some": 0}

    @settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(raw=trees(registry.rooms_fields()))
    def agree(raw: Any) -> None:
        condition = conditions.parse(raw)
        as_set = {member.pk for member in condition.members(Member.objects.filter(pk__in=everybody))}
        facts = conditions.facts_of_many(everybody, condition)
        one_by_one = {pk for pk in everybody if condition.holds(facts[pk])}
        assert as_set == one_by_one, condition.words()
        assert conditions.stored(condition.as_json()) == condition
        seen["none" if not as_set else "all" if len(as_set) == len(everybody) else "some"] += 1

    agree()
    assert min(seen.values()) > 10, seen
