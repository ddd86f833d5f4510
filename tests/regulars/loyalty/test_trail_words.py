"""What was changed about the programme reads in words: fields, the codes in them, and records by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.utils import translation

from regulars.loyalty.points.services import save_points_rule
from regulars.loyalty.rewards.shelving import restock, save_reward
from regulars.operations.models import TrailEntry
from regulars.operations.trail.acts import labels_of_rooms
from regulars.operations.trail.reading import lines_for
from regulars.operations.trail.values import LABELS

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.django_db]
TEA = {"en": "A pot of green tea", "zh-hans": "绿茶一壶"}
TOLD = (
    "Reward",
    "CouponTemplate",
    "Benefit",
    "PointsRule",
    "PointsSettings",
    "Task",
    "Cause",
    "Tier",
    "Track",
    "NightRules",
)


@pytest.mark.parametrize("name", TOLD)
def test_every_field_that_is_told_has_a_name(name: str) -> None:
    fields = [each.name for each in apps.get_model(f"loyalty.{name}")._meta.concrete_fields if not each.primary_key]
    named = {**LABELS, **labels_of_rooms()}
    assert [field for field in fields if field not in named and field != "public_id"] == []


def newest(owner: Staff) -> Any:
    """The newest entry in words."""
    return lines_for([TrailEntry.objects.order_by("-pk")[0]], reader=owner)[0]


@pytest.mark.parametrize(("language", "name"), [("en", "A pot of green tea"), ("zh-hans", "绿茶一壶")])
def test_a_reward_is_told_by_its_name(owner: Staff, branch: Branch, language: str, name: str) -> None:
    reward = save_reward(kind="goods", words=TEA, details={}, points=100, stock=3, by=owner.public_id)
    save_reward(
        reward=reward,
        kind="service",
        words=TEA,
        details={"en": "Hot"},
        points=100,
        branches=[branch],
        condition={"field": "ledger.points", "is": "at_least", "value": 5},
        by=owner.public_id,
    )
    with translation.override(language):
        line = newest(owner)
        assert line.record == name
        said = {change.label: change.after for change in line.changes}
        assert branch.name in said.values()
        assert ("Service" if language == "en" else "服务") in said.values()
        assert not any("{" in each or "_" in each for pair in said.items() for each in pair), said
        restock(reward=reward, by_how_many=2, actor=owner.public_id)
        assert newest(owner).record == name


def test_days_and_codes_of_a_rule_are_words(owner: Staff, branch: Branch) -> None:
    rule = save_points_rule(name="Tuesdays", points=2, per_amount=1000, by=owner.public_id)
    save_points_rule(
        rule=rule, name="Tuesdays", points=2, per_amount=1000, weekdays=[1], kind="fixed", by=owner.public_id
    )
    said = {change.label: (change.before, change.after) for change in newest(owner).changes}
    assert said["weekdays"] == ("—", "Tuesday")
    assert all("_" not in each for each in said["kind"])
