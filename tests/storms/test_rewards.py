"""S2, the reward: many clients want the last one in the same instant, and exactly one of them gets it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import adjust
from regulars.loyalty.benefits.models import BenefitUse
from regulars.loyalty.benefits.services import save_benefit, use
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.rewards.services import hand_over, redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.organisation.models import Branch, Staff
from regulars.people.models import Member
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.Speed"), pytest.mark.capability(70)]
CLIENTS = sized(8, 32)
ROUNDS = sized(4, 100)
PRICE = 100
SQL = "loyalty/sql/benefits.sql"

NO_STOCK = (" AND (stock IS NULL OR stock > 0)", "")
NO_FLOOR = "loyalty_reward.loyalty_reward_stock"
NO_NUMBER = "loyalty_redemption.loyalty_redemption_number"
NO_USE_NUMBER = "loyalty_benefituse.loyalty_benefituse_number"


def rich_member() -> Member:
    """Somebody new with points for many rewards."""
    member = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
    adjust(
        wallet=member.wallet, asset="points", amount=PRICE * 50, key=secrets.token_hex(8), reason="gift", actor="storm"
    )
    return member


def shelved(**over: Any) -> Reward:
    """A new reward."""
    return save_reward(kind="goods", words={"en": "Tea"}, details={}, points=PRICE, **over)


def wanting(member: Member, reward: Reward, key: str = "") -> Callable[[], Any]:
    """One client redeems."""
    return lambda: redeem(member=member, reward=reward, key=key or secrets.token_hex(8))


def last_one_for_many(crowd: Crowd) -> tuple[list[Any], int, int]:
    """One is left and everybody wants it; returns the answers, what is left and how many points were taken."""
    with business_context(crowd.business):
        members = [rich_member() for _ in range(crowd.size)]
        reward = shelved(stock=1)
    answers = crowd.at_once([wanting(member, reward) for member in members])
    with business_context(crowd.business):
        taken = sum(PRICE * 50 - balance(member.wallet) for member in members)
        stock = Reward.objects.get(pk=reward.pk).stock
        assert stock is not None
        return answers, stock, taken


def test_of_many_who_want_the_last_one_exactly_one_gets_it(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            answers, stock, taken = last_one_for_many(crowd)
            assert len(successes(answers)) == 1
            assert refusals(answers) == ["Gone"] * (CLIENTS - 1)
            assert (stock, taken) == (0, PRICE)
        with business_context(crowd.business):
            assert unbalanced() == []


def test_of_many_windows_of_one_member_one_has_what_one_may_have(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            member, reward = rich_member(), shelved(per_member=1)
        answers = crowd.at_once([wanting(member, reward) for _ in range(crowd.size)])
        with business_context(crowd.business):
            assert balance(member.wallet) == PRICE * 49
    assert len(successes(answers)) == 1
    assert set(refusals(answers)) <= {"UsedUp", "InvalidInput"}


def test_one_click_that_comes_many_times_redeems_once(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            member, reward = rich_member(), shelved(stock=5)
        answers = crowd.at_once([wanting(member, reward, "the-same-key")] * crowd.size)
        with business_context(crowd.business):
            assert (balance(member.wallet), Reward.objects.get(pk=reward.pk).stock) == (PRICE * 49, 4)
            assert Redemption.objects.count() == 1
    assert len({answer.pk for answer in successes(answers)}) == 1
    assert refusals(answers) == []


def test_one_code_at_many_tills_is_handed_over_once(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            branch, staff = Branch.objects.order_by("pk")[0], Staff.objects.all()[0]
            done = redeem(member=rich_member(), reward=shelved(), key="the-only-key")
            found = Redemption.objects.select_related("reward", "member", "branch").get(pk=done.pk)
        answers = crowd.at_once([lambda: hand_over(redemption=found, branch=branch, by=staff)] * crowd.size)
    assert len(successes(answers)) == 1
    assert refusals(answers) == ["InvalidInput"] * (CLIENTS - 1)


def use_all_at_once(crowd: Crowd) -> list[Any]:
    """A member may use a benefit twice a year, and everybody notes a use."""
    with business_context(crowd.business):
        member = rich_member()
        benefit = save_benefit(
            code=f"b{secrets.token_hex(4)}",
            kind="free_upgrade",
            words={"en": "Upgrade"},
            details={},
            uses=2,
            grants={member.standing.tier: None},
        )
    return crowd.at_once(
        [lambda: use(member=member, benefit=benefit, key=secrets.token_hex(8)) for _ in range(crowd.size)]
    )


def test_of_many_who_use_a_benefit_as_many_do_as_are_allowed(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for turn in range(ROUNDS):
            answers = use_all_at_once(crowd)
            assert len(successes(answers)) == 2
            assert refusals(answers) == ["UsedUp"] * (CLIENTS - 2)
            with business_context(crowd.business):
                assert BenefitUse.objects.count() == 2 * (turn + 1)


# Negative controls ----------------------------------------------------------------------------------------------------


def test_without_its_guards_the_last_one_is_had_more_than_once(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with switched_off(business, SQL, NO_STOCK, constraints=[NO_FLOOR]), Crowd(business, CLIENTS) as crowd:
        answers, stock, taken = last_one_for_many(crowd)
    assert len(successes(answers)) > 1
    assert (stock, taken) == (1 - len(successes(answers)), PRICE * len(successes(answers)))


@pytest.mark.parametrize(
    ("guards", "constraints"),
    [([NO_STOCK], []), ([], [NO_FLOOR])],
    ids=["without the condition", "without the constraint"],
)
def test_one_guard_alone_still_holds_the_last_one(
    open_business: Callable[..., Business], guards: list[tuple[str, str]], constraints: list[str]
) -> None:
    business = open_business()
    with switched_off(business, SQL, *guards, constraints=constraints), Crowd(business, CLIENTS) as crowd:
        answers, stock, taken = last_one_for_many(crowd)
    assert len(successes(answers)) == 1
    assert (stock, taken) == (0, PRICE)


def test_without_the_number_a_benefit_is_used_more_often_than_allowed(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with switched_off(business, SQL, constraints=[NO_USE_NUMBER]), Crowd(business, CLIENTS) as crowd:
        most = max(len(successes(use_all_at_once(crowd))) for _ in range(12))
    assert most > 2
