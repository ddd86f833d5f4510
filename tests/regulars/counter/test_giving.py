"""What the till gives besides goods: a benefit with an undo, a reward by its code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from regulars.counter.entry import Code, read
from regulars.ledger.services import adjust
from regulars.loyalty.benefits.models import Benefit, BenefitUse
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.services import cancel, redeem
from regulars.loyalty.rewards.shelving import save_reward

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.capability(70)]


@pytest.fixture
def late(member: Member) -> Benefit:
    """A benefit of the member's tier, once a year."""
    return save_benefit(
        code="late",
        kind="late_checkout",
        words={"en": "Late checkout"},
        details={},
        uses=1,
        grants={member.standing.tier: None},
    )


@pytest.fixture
def redeemed(member: Member, branch: Branch) -> Redemption:
    """A pot of tea that the member redeemed and collects anywhere."""
    adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    tea = save_reward(kind="goods", words={"en": "A pot of green tea"}, details={}, points=100)
    return redeem(member=member, reward=tea, key="redeem-one")


def text(answer: Any) -> str:
    """A page as words and tags."""
    return str(answer.content.decode())


@pytest.mark.capability(48)
@pytest.mark.capability(52)
def test_a_benefit_due_is_used_once_and_taken_back(till: Any, member: Member, late: Benefit) -> None:
    shown = text(till.get(member=member.public_id))
    sent = re.search(r'name="use" value="(late:[^"]+)"', shown)
    assert sent is not None
    assert "1 of 1 left" in shown
    done = till.post(use=sent[1], member=member.public_id)
    again = till.post(use=sent[1], member=member.public_id)
    assert "Late checkout is noted. 0 left until" in text(done)
    assert done.status_code == again.status_code == 200
    assert 'name="use"' not in text(done)
    use = BenefitUse.objects.get()
    assert f'name="undo" value="{use.public_id}"' in text(done)
    back = text(till.post(undo=use.public_id, member=member.public_id))
    assert "Late checkout was taken back. Nothing is used." in back
    assert 'name="use"' in back


@pytest.mark.parametrize("sent", ["late", "late:", "nothing:0123456789abcdef", ":", "late:" + "k" * 200])
def test_an_odd_use_is_refused_or_noted_once(till: Any, member: Member, late: Benefit, sent: str) -> None:
    answer = till.post(use=sent, member=member.public_id)
    assert answer.status_code in (200, 422)
    assert BenefitUse.objects.count() <= 1


def test_another_branch_cannot_take_a_use_back(till: Any, member: Member, late: Benefit, second_branch: Branch) -> None:
    from regulars.loyalty.benefits.services import use

    there = use(member=member, benefit=late, key="there-one", branch=second_branch)
    assert till.post(undo=there.public_id, member=member.public_id).status_code == 422
    assert BenefitUse.objects.get().number == 1


@pytest.mark.parametrize("form", [str, str.upper, shown_code, lambda code: shown_code(code).replace("-", " ")])
def test_the_one_field_knows_a_code_however_it_comes(redeemed: Redemption, form: Any) -> None:
    assert isinstance(read(form(redeemed.code), "CNY"), Code)


def test_a_code_shows_what_it_is_and_hands_it_over_once(till: Any, member: Member, redeemed: Redemption) -> None:
    shown = text(till.enter(shown_code(redeemed.code)))
    assert "A pot of green tea" in shown
    assert "Li Hua" in shown
    assert f'name="hand_over" value="{redeemed.public_id}"' in shown
    done = text(till.post(hand_over=redeemed.public_id, member=member.public_id))
    assert "Handed over: A pot of green tea, for 100 points." in done
    twice = till.post(hand_over=redeemed.public_id, member=member.public_id)
    assert twice.status_code == 422
    assert "handed over already" in text(twice)
    again = text(till.enter(shown_code(redeemed.code)))
    assert "handed over already" in again
    assert 'name="hand_over"' not in again
    assert Redemption.objects.get().state == "handed_over"


def test_what_a_member_has_to_collect_is_shown_with_the_card(till: Any, member: Member, redeemed: Redemption) -> None:
    shown = text(till.get(member=member.public_id))
    assert f'name="collect" value="{redeemed.public_id}"' in shown
    opened = text(till.post(collect=redeemed.public_id, member=member.public_id))
    assert f'name="hand_over" value="{redeemed.public_id}"' in opened


def test_a_wrong_letter_a_cancelled_one_and_another_branch_say_so(
    till: Any, member: Member, redeemed: Redemption, second_branch: Branch
) -> None:
    wrong = redeemed.code[:-1] + ("2" if redeemed.code[-1] != "2" else "3")
    answer = till.enter(wrong)
    assert answer.status_code == 422
    assert "A letter of this code is wrong" in text(answer)
    Redemption.objects.update(branch=second_branch)
    assert "This is collected at Lake Road, not here." in text(till.enter(redeemed.code))
    assert till.post(hand_over=redeemed.public_id, member=member.public_id).status_code == 422
    cancel(redemption=redeemed, reason="No longer wanted", actor="test")
    assert "This was cancelled on" in text(till.enter(redeemed.code))
    assert Redemption.objects.get().state == "cancelled"
