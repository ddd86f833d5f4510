"""Benefits and rewards in the back office: the lists, the forms, stock, the report and the files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars.ledger.selectors import balance
from regulars.ledger.services import adjust
from regulars.loyalty.benefits.models import Benefit
from regulars.loyalty.models import Tier
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.rewards.services import redeem

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.capability(70)]


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


def text(answer: Any) -> str:
    """A page as words and tags."""
    return str(answer.content.decode())


def benefit_form(**over: Any) -> dict[str, Any]:
    """A benefit as the form sends it."""
    values = {"name_en": "Late checkout", "code": "late", "kind": "late_checkout", "uses": "2", "period": "year"}
    return {**values, "is_active": "on", **over}


def reward_form(**over: Any) -> dict[str, Any]:
    """A reward as the form sends it."""
    values = {"name_en": "A pot of tea", "kind": "goods", "points": "100", "stock": "3", "is_active": "on"}
    return {**values, **over}


def test_empty_pages_teach(office: Client) -> None:
    assert "No benefit yet. For example" in text(office.get("/office/loyalty/benefits/"))
    assert "Nothing on the shelf yet. For example" in text(office.get("/office/loyalty/rewards/"))


@pytest.mark.capability(48)
@pytest.mark.capability(61)
def test_an_owner_grants_a_benefit_and_reads_that_nobody_uses_it(office: Client, member: Member) -> None:
    tier = Tier.objects.get(pk=member.standing.tier_id)
    answer = office.post("/office/loyalty/benefits/new/", benefit_form(**{f"tier_{tier.pk}": "on"}))
    assert answer.status_code == 302
    benefit = Benefit.objects.get()
    assert (benefit.uses, [grant.tier for grant in benefit.grants.all()]) == (2, [tier])
    page = text(office.get("/office/loyalty/benefits/"))
    assert "1 benefit is used by nobody" in page
    file = office.get("/office/loyalty/benefits/?export=csv")
    assert file["content-type"].startswith("text/csv")
    assert f"Late checkout,{tier},1,0,0,0" in file.content.decode()
    changed = office.post("/office/loyalty/benefits/late/", benefit_form(uses="", name_en="Late, always"))
    assert changed.status_code == 302
    benefit.refresh_from_db()
    assert (benefit.uses, benefit.grants.count(), str(benefit)) == (None, 0, "Late, always")
    assert office.get("/office/loyalty/benefits/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"uses": "0"}, "greater than or equal to 1"),
        ({"uses": "many"}, "whole number"),
        ({"code": "Late!"}, "small Latin letters"),
        ({"kind": "bundle"}, "Please fill this in"),
        ({"kind": "discount"}, "valid choice"),
        ({"name_en": ""}, "at least one language"),
    ],
)
def test_a_wrong_benefit_is_refused_and_nothing_typed_is_lost(office: Client, over: dict[str, str], words: str) -> None:
    answer = office.post("/office/loyalty/benefits/new/", benefit_form(details_en="Ask at the desk", **over))
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Ask at the desk" in text(answer)
    assert Benefit.objects.count() == 0


def test_an_owner_fills_the_shelf_and_counts_stock_in(office: Client, branch: Branch) -> None:
    answer = office.post("/office/loyalty/rewards/new/", reward_form(branches=[branch.pk]))
    assert answer.status_code == 302, text(answer)
    reward = Reward.objects.get()
    assert (reward.points, reward.stock, reward.branches) == (100, 3, [branch.public_id])
    address = f"/office/loyalty/rewards/{reward.public_id}/"
    assert 'name="stock"' not in text(office.get(address))
    assert office.post(address, reward_form(points="120", stock="99")).status_code == 302
    assert office.post(f"{address}stock/", {"stock": "4"}).status_code == 302
    reward.refresh_from_db()
    assert (reward.points, reward.stock) == (120, 7)
    short = office.post(f"{address}stock/", {"stock": "-8"})
    assert short.status_code == 422
    assert "There would be -1 then" in text(short)
    assert office.get("/office/loyalty/rewards/rew_none/").status_code == 404


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"points": "-5"}, "greater than or equal to 1"),
        ({"points": "99999999999"}, "less than or equal to"),
        ({"offered_from": "2026-06-02", "offered_until": "2026-06-01"}, "ends before it begins"),
        ({"name_en": ""}, "at least one language"),
    ],
)
def test_a_wrong_reward_is_refused_and_nothing_typed_is_lost(office: Client, over: dict[str, str], words: str) -> None:
    answer = office.post("/office/loyalty/rewards/new/", reward_form(details_en="Hot and green", **over))
    assert answer.status_code == 422
    assert words in text(answer)
    assert "Hot and green" in text(answer)
    assert Reward.objects.count() == 0


def test_a_redemption_is_cancelled_with_a_reason_and_the_points_go_back(office: Client, member: Member) -> None:
    office.post("/office/loyalty/rewards/new/", reward_form())
    adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    done = redeem(member=member, reward=Reward.objects.get(), key="redeem-one")
    page = text(office.get("/office/loyalty/rewards/"))
    assert "1 redeemed, 1 to be collected" in page
    address = f"/office/loyalty/rewards/redemptions/{done.public_id}/"
    assert office.post(address, {"reason": ""}).status_code == 422
    assert office.post(address, {"reason": "The kettle broke"}).status_code == 302
    assert (Redemption.objects.get().state, balance(member.wallet)) == ("cancelled", 250)
    assert "Nothing more can be done with it" in text(office.get(address))
    file = office.get("/office/loyalty/rewards/?export=csv&state=cancelled").content.decode()
    assert member.public_id in file
    assert str(member) not in file


def test_a_cashier_has_no_business_there(business: Any, cashier: Staff, client_for: Callable[..., Client]) -> None:
    browser = client_for(business, cashier.user)
    for address in ("benefits/", "benefits/new/", "rewards/", "rewards/new/"):
        assert browser.get(f"/office/loyalty/{address}").status_code in (302, 403)
