"""The member's own data to take away: every kind of record about a member is in it, and what is in it is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from regulars.ledger.services import adjust, reserve
from regulars.loyalty.benefits.services import save_benefit, use
from regulars.loyalty.rewards.services import cancel, redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.portal.own_data import HELD_IN, member_data
from tests.conftest import new_member

if TYPE_CHECKING:
    from django.test import Client

    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.5"), pytest.mark.django_db]
TEA = {"en": "A pot of green tea", "zh-hans": "绿茶一壶"}


@pytest.fixture
def used(member: Member, branch: Branch, cashier: Staff) -> Member:
    """A member who redeemed twice, gave one back, used a benefit, and has points set aside."""
    from datetime import timedelta

    from regulars import clock

    adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    tea = save_reward(kind="goods", words=TEA, details={}, points=100)
    redeem(member=member, reward=tea, key="redeem-one", branch=branch)
    cancel(redemption=redeem(member=member, reward=tea, key="redeem-two"), reason="Too late", actor=member.public_id)
    late = save_benefit(
        code="late", kind="late_checkout", words=TEA, details={}, uses=2, grants={member.standing.tier: None}
    )
    use(member=member, benefit=late, key="use-of-late", branch=branch, staff=cashier)
    reserve(
        wallet=member.wallet,
        asset="points",
        amount=10,
        key="hold-of-ten",
        expires_at=clock.now() + timedelta(hours=1),
        reason="A table",
        actor="test",
    )
    return member


def test_redemptions_benefits_points_and_tiers_are_in_it(used: Member) -> None:
    data = member_data(used)
    assert [(one["words"]["en"], one["state"], one["reason"]) for one in data["redemptions"]] == [
        ("A pot of green tea", "ordered", ""),
        ("A pot of green tea", "cancelled", "Too late"),
    ]
    assert [one["benefit__words"] for one in data["benefits_used"]] == [TEA]
    assert [change["kind"] for change in data["points"]["changes"]] == [
        "redemption.reversed",
        "redemption",
        "redemption",
        "adjustment",
    ]
    assert [(one["amount"], one["state"]) for one in data["points"]["held"]] == [(10, "held")]
    assert [one["track"] for one in data["tiers"]] == [used.standing.tier.track.code]
    assert {one["asset"] for one in data["other_value"]} >= {"growth", "visits"}


def test_every_kind_of_record_about_a_member_has_its_part(used: Member) -> None:
    kinds = {
        relation.related_model._meta.label
        for model in (type(used), type(used.wallet))
        for relation in model._meta.related_objects
    } - {"people.Member"}
    assert kinds == {kind for kind in HELD_IN if not kind.startswith("specimen.")}
    assert set(HELD_IN.values()) - {""} <= set(member_data(used))


def test_nothing_of_somebody_else_is_in_it(used: Member, phone: Client, branch: Branch) -> None:
    other = new_member(contact="stranger@example.com", branch=branch)
    adjust(wallet=other.wallet, asset="points", amount=250, key="other-key", reason="secret reason", actor="test")
    theirs = redeem(member=other, reward=save_reward(kind="goods", words=TEA, details={}, points=5), key="of-another")
    words: Any = phone.get("/me/profile/data.json").content.decode()
    assert theirs.public_id not in words
    assert "secret reason" not in words
    assert "Too late" in words
