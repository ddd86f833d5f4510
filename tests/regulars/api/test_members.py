"""Members over the API: found as at the counter, masked as at the counter, taken in with what they agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.loyalty.rewards.shelving import save_reward
from regulars.organisation.models import Branch, Staff
from regulars.organisation.places.services import add_terminal, open_branch
from regulars.people.models import Consent, Member, Source
from regulars.people.selectors import card_of
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("5.7"), pytest.mark.capability(147), pytest.mark.capability(149)]
PHONE = "+8613800138000"


@pytest.fixture
def namesake(branch: Branch) -> Member:
    """Somebody else whose phone ends alike."""
    return new_member(contact="+8613900138000", name="Li Hong", branch=branch)


@pytest.mark.parametrize("which", ["phone", "card", "code"])
def test_whatever_names_one_member_finds_them_at_any_branch(
    call: Any, member: Member, namesake: Member, owner: Staff, token_for: Any, which: str
) -> None:
    card = card_of(member)
    text = {"phone": PHONE, "card": card.number, "code": card.code}[which]
    far = token_for(terminal=add_terminal(branch=open_branch(name="West Lake", by=owner), name="Lake till"))
    found = call(f"/members?text={text.replace('+', '%2B')}", token=far).json()
    assert [each["member"] for each in found["members"]] == [member.public_id]
    assert (found["member"]["name"], found["member"]["contact"]) == ("Li Hua", "+86 ••••• 8000")
    assert call(f"/members/{member.public_id}", token=far).json() == found["member"]


def test_several_are_told_masked_and_none_in_full(call: Any, member: Member, namesake: Member) -> None:
    answer = call("/members?text=8000")
    found = answer.json()
    assert {each["member"] for each in found["members"]} == {member.public_id, namesake.public_id}
    assert {each["name"] for each in found["members"]} == {"L. H."}
    assert found["member"] is None
    said = answer.content.decode()
    for secret in ("Hua", "Hong", "138001", PHONE[1:], card_of(member).number):
        assert secret not in said


@pytest.mark.parametrize("text", ["nobody", "1", "%00", "%27%3B--", "999999", "x" * 100])
def test_who_is_not_found_is_an_empty_list(call: Any, member: Member, text: str) -> None:
    assert call(f"/members?text={text}").json() == {"members": [], "member": None}


def test_a_member_who_left_is_not_found(call: Any, member: Member) -> None:
    Member.objects.update(is_active=False)
    assert call(f"/members/{member.public_id}").status_code == 404
    assert call("/members?text=8000").json()["members"] == []


def test_somebody_joins_at_the_branch_of_the_till(call: Any, branch: Branch, owner: Staff) -> None:
    words = call("/joining?language=zh-hans").json()
    assert words["terms"].startswith("我同意会员条款")
    body = {"contact": "138 0013 8000", "name": "Li Hua", "agrees": True, "birthday": "1990-02-28", "language": "en"}
    joined = call("/members", body)
    assert (joined.status_code, joined.json()["name"], joined.json()["contact"]) == (201, "Li Hua", "+86 ••••• 8000")
    member = Member.objects.get(public_id=joined.json()["member"])
    assert (member.branch, member.source, member.phone) == (branch, Source.API, PHONE)
    assert Consent.objects.get(member=member).words.startswith("I agree to the membership terms")


def test_a_contact_that_is_a_members_already_says_whose(call: Any, member: Member) -> None:
    answer = call("/members", {"contact": PHONE, "agrees": True})
    assert (answer.status_code, answer.json()["member"], answer.json()["field"]) == (409, member.public_id, "contact")
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"agrees": False}, "agrees"),
        ({"contact": "12"}, "contact"),
        ({"birthday": "1850-01-01"}, "birthday"),
        ({"language": "fr"}, "language"),
        ({"introduction": "nobody-said-this"}, "introduction"),
    ],
)
def test_who_cannot_join_so_is_told_why_and_nobody_is_made(call: Any, over: dict[str, Any], field: str) -> None:
    answer = call("/members", {"contact": PHONE, "agrees": True, **over})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert Member.objects.count() == 0


def test_whoever_joins_may_bring_the_word_of_a_friend(call: Any, member: Member) -> None:
    from plugins.referral.services import invitation_of
    from regulars.operations.models import OutboxEvent
    from regulars.plugins import switch

    assert call("/joining").json()["introduction"] is None
    switch.switch_on(name="referral", by="Lin Owner")
    assert call("/joining").json()["introduction"]
    word = invitation_of(member=member).code
    answer = call("/members", {"contact": "+8613700137000", "agrees": True, "introduction": word})
    assert answer.status_code == 201
    told = OutboxEvent.objects.filter(name="member_joined").order_by("-id")[0]
    assert told.payload["introduction"] == word


def test_points_become_a_reward_that_is_handed_over_once(call: Any, member: Member, owner: Staff) -> None:
    reward = save_reward(kind="goods", words={"en": "Tea cup"}, details={}, points=50)
    body = {"member": member.public_id, "reward": reward.public_id}
    early = call("/redemptions", body)
    assert (early.status_code, early.json()["field"]) == (409, "points")
    call("/points/adjustments", {"member": member.public_id, "points": 80, "reason": "sorry"})
    [shown] = call(f"/members/{member.public_id}/rewards").json()["rewards"]
    assert (shown["name"], shown["missing"], shown["can_be_had"]) == ("Tea cup", 0, True)
    made = call("/redemptions", body).json()
    assert call(f"/members/{member.public_id}/points").json()["points"] == 30
    code = made["code"]
    assert call(f"/redemptions/{code}").json() == made
    handed = call(f"/redemptions/{code.lower().replace('-', '')}/hand-over", {})
    assert (handed.status_code, handed.json().get("state")) == (200, "handed_over"), handed.content
    twice = call(f"/redemptions/{code}/hand-over", {})
    assert (twice.status_code, twice.json()["field"]) == (422, "code")
    [kept] = call(f"/members/{member.public_id}/redemptions").json()["redemptions"]
    assert (kept["redemption"], kept["is_open"]) == (made["redemption"], False)


@pytest.mark.clause("5.Bad input")
def test_a_code_with_a_wrong_letter_is_told_from_one_that_is_nobodys(call: Any, business: Any) -> None:
    from regulars.loyalty.rewards.codes import new_code

    sound = new_code()
    swapped = sound[:-1] + ("2" if sound[-1] != "2" else "3")
    assert call(f"/redemptions/{swapped}").status_code == 422
    assert call(f"/redemptions/{sound}").status_code == 404
