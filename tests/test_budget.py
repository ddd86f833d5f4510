"""What makes a schema heavy is its relations: each room has a budget of tables and indexes, and so has the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.footprint import MOST_RELATIONS, relations_by_room

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.clause("2.8"), pytest.mark.django_db]

BUDGET = {
    "access": 20,
    "api": 8,
    "backoffice": 5,
    "catalogue": 36,
    "cms": 8,
    "counter": 12,
    "insights": 3,
    "ledger": 28,
    "loyalty": 96,
    "operations": 27,
    "organisation": 46,
    "outreach": 14,
    "people": 44,
    "sales": 32,
    "referral": 12,
    "specimen": 6,
    "account": 13,
    "admin": 4,
    "auth": 13,
    "contenttypes": 3,
    "django": 2,
    "mfa": 4,
    "taggit": 13,
    "wagtailadmin": 12,
    "wagtailcore": 167,
    "wagtaildocs": 4,
    "wagtailembeds": 5,
    "wagtailimages": 13,
    "wagtailsearch": 7,
    "wagtailusers": 3,
}
"""The most tables and indexes per room. A room that needs more says so here, and takes it from the whole."""


def test_no_room_is_heavier_than_its_budget(business: Business) -> None:
    found = relations_by_room(business.schema_name)
    heavy = {room: count for room, count in found.items() if count > BUDGET.get(room, 0)}
    assert heavy == {}, "\n".join(f"{room}: {count}" for room, count in sorted(heavy.items()))


def test_all_budgets_together_hold() -> None:
    assert sum(BUDGET.values()) <= MOST_RELATIONS


def test_no_budget_is_for_a_room_that_is_not_there(business: Business) -> None:
    assert set(BUDGET) - set(relations_by_room(business.schema_name)) == set()
