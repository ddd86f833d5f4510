"""The members' shelf: what can be had first, redeeming once, the code to collect, and giving back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars.ledger.selectors import balance
from regulars.ledger.services import adjust
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.rewards.services import redeem
from regulars.loyalty.rewards.shelving import save_reward
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.capability(70)]
TEA = {"en": "A pot of green tea", "zh-hans": "绿茶一壶"}


@pytest.fixture
def rich(member: Member) -> Member:
    """The member with 250 points."""
    adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    return member


@pytest.fixture
def tea(member: Member) -> Reward:
    """A reward for 100 points."""
    return save_reward(kind="goods", words=TEA, details={"en": "Hot", "zh-hans": "热的"}, points=100, stock=3)


def redeeming(reward: Reward, key: str = "key-of-the-page", **over: Any) -> dict[str, Any]:
    """What the page sends."""
    return {"key": key, "points": reward.points, **over}


def test_the_shelf_shows_first_what_can_be_had_and_what_is_missing_to_the_rest(
    phone: Client, rich: Member, tea: Reward
) -> None:
    save_reward(kind="goods", words={"en": "A whole cake"}, details={}, points=300)
    page = phone.get("/me/rewards/").content.decode()
    assert page.index("A pot of green tea") < page.index("A whole cake")
    assert "You have 250 points to use." in page
    assert "50 points are missing." in page
    assert page.count("/redeem/") == 1


def test_the_shelf_speaks_the_members_language(chinese_phone: Client, rich: Member, tea: Reward) -> None:
    page = chinese_phone.get("/me/rewards/").content.decode()
    assert "绿茶一壶" in page
    assert "你有 250 积分可用。" in page
    assert "A pot of green tea" not in page


def test_redeeming_leads_to_the_code_and_a_second_click_to_the_same(phone: Client, rich: Member, tea: Reward) -> None:
    first = phone.post(f"/me/rewards/{tea.public_id}/redeem/", redeeming(tea))
    again = phone.post(f"/me/rewards/{tea.public_id}/redeem/", redeeming(tea))
    assert (first.status_code, first["location"]) == (302, again["location"])
    page = phone.get(first["location"]).content.decode()
    assert shown_code(Redemption.objects.get().code) in page
    assert "QR code to collect your reward" in page
    assert balance(rich.wallet) == 150


@pytest.mark.parametrize(
    ("over", "stock", "words"),
    [
        ({"points": 90}, 3, "It costs 100 points now"),
        ({}, 0, "All gone for now"),
        ({"key": "short"}, 3, "A key of 8 to 80 characters"),
        ({"branch": "brn_nowhere"}, 3, "Choose where you collect it"),
    ],
)
def test_a_refusal_stands_above_the_shelf_and_nothing_is_posted(
    phone: Client, rich: Member, tea: Reward, over: dict[str, Any], stock: int, words: str
) -> None:
    Reward.objects.update(stock=stock)
    answer = phone.post(f"/me/rewards/{tea.public_id}/redeem/", redeeming(tea, **over))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (balance(rich.wallet), Redemption.objects.count()) == (250, 0)


def test_too_few_points_says_how_many(phone: Client, member: Member, tea: Reward) -> None:
    answer = phone.post(f"/me/rewards/{tea.public_id}/redeem/", redeeming(tea))
    assert answer.status_code == 422
    assert "100 points are missing." in answer.content.decode()


def test_what_was_not_collected_can_be_given_back_once(phone: Client, rich: Member, tea: Reward) -> None:
    done = redeem(member=rich, reward=tea, key="redeem-one")
    back = phone.post(f"/me/rewards/redeemed/{done.public_id}/cancel/")
    assert back.status_code == 302
    assert "100 points went back to you." in phone.get(back["location"]).content.decode()
    again = phone.post(f"/me/rewards/redeemed/{done.public_id}/cancel/")
    assert again.status_code == 422
    assert "This was cancelled on" in again.content.decode()
    assert balance(rich.wallet) == 250


def test_the_code_of_another_member_is_not_there(phone: Client, member: Member, branch: Branch, tea: Reward) -> None:
    other = new_member(contact="+8613800138111", branch=branch)
    adjust(wallet=other.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    done = redeem(member=other, reward=tea, key="redeem-one")
    assert phone.get(f"/me/rewards/redeemed/{done.public_id}/").status_code == 404
    assert phone.post(f"/me/rewards/redeemed/{done.public_id}/cancel/").status_code == 404
    assert phone.post("/me/rewards/rew_none/redeem/", redeeming(tea)).status_code == 404


def test_benefits_stand_there_with_the_uses_that_are_left(phone: Client, member: Member) -> None:
    save_benefit(
        code="late",
        kind="late_checkout",
        words={"en": "Late checkout"},
        details={"en": "Until two"},
        uses=2,
        grants={member.standing.tier: None},
    )
    page = phone.get("/me/rewards/").content.decode()
    assert "Late checkout" in page
    assert "2 of 2 left" in page


def test_a_stranger_is_asked_to_sign_in_before_redeeming(visitor: Client, tea: Reward) -> None:
    answer = visitor.post(f"/me/rewards/{tea.public_id}/redeem/", redeeming(tea))
    assert answer.status_code == 302
    assert re.match(r"/me/sign-in/", answer["location"])


def test_the_shelf_costs_the_same_for_one_reward_and_for_many(
    phone: Client, rich: Member, tea: Reward, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(12):
        save_reward(kind="service", words={"en": f"Reward {number}"}, details={}, points=10 + number)
    phone.get("/me/rewards/")
    with django_assert_max_num_queries(20):
        phone.get("/me/rewards/")
