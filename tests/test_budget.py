"""What makes a schema heavy is its relations: each room has a budget of tables and indexes, and all of them have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.footprint import MOST_RELATIONS, relations_by_room

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.clause("2.8"), pytest.mark.django_db]

BUDGET = {
}
"""The most tables and indexes per room. A room that needs more says so here, and takes it from the whole."""


def test_no_room_is_heavier_than_its_budget(business: Business) -> None:
    heavy = {room: count for room, count in relations_by_room(business.schema_name).items() if count > BUDGET.get(room, 0)}
    assert heavy == {}


def test_all_budgets_together_hold() -> None:
    assert sum(BUDGET.values()) <= MOST_RELATIONS


def test_no_budget_is_for_a_room_that_is_not_there(business: Business) -> None:
    assert set(BUDGET) - set(relations_by_room(business.schema_name)) == set()
