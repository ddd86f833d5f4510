"""What tiers and good will open to members: the first of a limited edition, a vote, a coupon to make up for a fault."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from regulars import clock
from regulars.errors import Gone, InvalidInput, UsedUp
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import adjust
from regulars.loyalty.benefits.services import save_benefit, use
from regulars.loyalty.models import Standing, Tier
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.services import hand_over, redeem
from regulars.loyalty.rewards.shelving import save_reward
from tests.conftest import new_member

if TYPE_CHECKING:
    from django.test import Client

    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.5"), pytest.mark.django_db]


@pytest.fixture
def honoured(branch: Branch, noon: dt.datetime) -> Member:
    """A member on the highest tier, with points."""
    with clock.turned_to(noon - dt.timedelta(days=1)):
        made = new_member(contact="+8613800138077", name="Honoured", branch=branch)
        adjust(wallet=made.wallet, asset="points", amount=500, key="honoured", reason="gift", actor="test")
    Standing.objects.filter(member=made).update(tier=Tier.objects.order_by("-threshold")[0])
    return type(made).objects.get(pk=made.pk)


@pytest.fixture
def ordinary(member: Member, noon: dt.datetime) -> Member:
    """A member on the first tier, with as many points."""
    with clock.turned_to(noon - dt.timedelta(days=1)):
        adjust(wallet=member.wallet, asset="points", amount=500, key="ordinary", reason="gift", actor="test")
    return member


@pytest.mark.capability(55)
@pytest.mark.capability(56)
def test_a_limited_edition_goes_first_to_those_who_come_first_by_right(
    honoured: Member, ordinary: Member, noon: dt.datetime
) -> None:
    """One piece, on the shelf from Thursday: the highest tier takes it on Monday, and on Thursday none is left."""
    on_shelf = noon.date() + dt.timedelta(days=3)
    save_benefit(
        code="first", kind="early_access", words={"en": "Three days earlier"}, details={}, days=3,
        grants={honoured.standing.tier: None},
    )  # fmt: skip
    with clock.turned_to(noon):
        edition = save_reward(
            kind="goods", words={"en": "One of one"}, details={}, points=400, stock=1, offered_from=on_shelf
        )
        with pytest.raises(InvalidInput, match="From"):
            redeem(member=ordinary, reward=edition, key="ordinary-early")
        assert redeem(member=honoured, reward=edition, key="honoured-early").number == 1
    with clock.turned_to(noon + dt.timedelta(days=3)):
        edition.refresh_from_db()
        with pytest.raises(Gone):
            redeem(member=ordinary, reward=edition, key="ordinary-late")
    assert (balance(honoured.wallet), balance(ordinary.wallet), Redemption.objects.count()) == (100, 500, 1)


@pytest.mark.capability(57)
def test_a_vote_in_what_is_decided_is_a_right_used_once_a_year(
    honoured: Member, ordinary: Member, branch: Branch, cashier: Staff, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        vote = save_benefit(
            code="vote", kind="other", words={"en": "A vote on our teas", "zh-hans": "参与选茶投票"}, details={},
            uses=1, period="year", grants={honoured.standing.tier: None},
        )  # fmt: skip
        assert use(member=honoured, benefit=vote, key="vote-of-2026", branch=branch, staff=cashier).number == 1
        with pytest.raises(UsedUp):
            use(member=honoured, benefit=vote, key="vote-again", branch=branch, staff=cashier)
        with pytest.raises(InvalidInput):
            use(member=ordinary, benefit=vote, key="no-vote", branch=branch, staff=cashier)
    with clock.turned_to(noon + dt.timedelta(days=365)):
        assert use(member=honoured, benefit=vote, key="vote-of-2027", branch=branch, staff=cashier).number == 1


@pytest.mark.capability(91)
def test_a_fault_is_made_up_for_with_a_coupon_and_the_member_reads_why(
    business: object, owner: Staff, member: Member, client_for: object, cashier: Staff
) -> None:
    """Staff give the points that a coupon on the shelf takes, with the reason; the member redeems and collects it."""
    from regulars.people.services import user_for

    coupon = save_reward(kind="coupon", words={"en": "¥10 off"}, details={}, points=50)
    office: Client = client_for(business, owner.user)  # type: ignore[operator]
    given = {"direction": "give", "points": "50", "reason": "Sorry for the cold tea", "key": "cold-tea-1"}
    for _twice in range(2):
        assert office.post(f"/office/members/{member.public_id}/points/", given).status_code == 302
    assert balance(member.wallet) == 50
    phone: Client = client_for(business, user_for(member=member))  # type: ignore[operator]
    assert "Sorry for the cold tea" in phone.get("/me/activity/").content.decode()
    done = redeem(member=member, reward=coupon, key="make-up-coupon")
    assert hand_over(redemption=done, branch=cashier.branch, by=cashier).state == "handed_over"
    assert (balance(member.wallet), unbalanced()) == (0, [])
