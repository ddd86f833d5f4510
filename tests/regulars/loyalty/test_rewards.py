"""Rewards: the shelf, redeeming with points, the code to collect, and the points that go back to their lots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from regulars import clock
from regulars.errors import Gone, InvalidInput, KeyUsedBefore, NotEnough, NotFound, UsedUp
from regulars.ledger.models import Lot
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import Leg, adjust, post
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.rewards import codes, selectors
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.rewards.services import cancel, expire_due, hand_over, mark_ready, redeem
from regulars.loyalty.rewards.shelving import restock, save_reward
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.organisation.models import Branch
from regulars.public_ids import ALPHABET

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.5"), pytest.mark.capability(70), pytest.mark.django_db]
Shelve = Callable[..., Reward]


@pytest.fixture
def shelved(branch: Branch) -> Shelve:
    """`shelved(points=…, stock=…)`: a reward on the shelf."""

    def shelve(**over: Any) -> Reward:
        values: dict[str, Any] = {
            "kind": "goods",
            "words": {"en": "A pot of green tea", "zh-hans": "绿茶一壶"},
            "details": {},
            "points": 100,
        }
        return save_reward(**{**values, **over})

    return shelve


@pytest.fixture
def rich(member: Member, noon: dt.datetime) -> Member:
    """The member with 250 points, since the evening before."""
    with clock.turned_to(noon - dt.timedelta(hours=18)):
        adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    return member


@pytest.fixture
def other_branch(branch: Branch) -> Branch:
    """A second branch."""
    return Branch.objects.create(name="Far away")


def lots(member: Member) -> list[tuple[int, int]]:
    """Of each lot how much it was and how much is left."""
    return list(Lot.objects.filter(account__wallet=member.wallet).order_by("pk").values_list("amount", "remaining"))


def test_a_frozen_card_redeems_nothing(rich: Member, shelved: Shelve) -> None:
    rich.cards.update(state="frozen")
    with pytest.raises(InvalidInput, match="frozen"):
        redeem(member=rich, reward=shelved(), key="frozen-1")
    assert balance(rich.wallet) == 250


def test_redeeming_takes_the_points_and_one_from_the_shelf(rich: Member, shelved: Shelve) -> None:
    reward = shelved(stock=3)
    done = redeem(member=rich, reward=reward, key="redeem-one")
    assert (done.state, done.points, done.number) == ("ordered", 100, 1)
    assert (balance(rich.wallet), Reward.objects.get().stock) == (150, 2)
    assert codes.read_code(codes.shown_code(done.code)) == done.code
    assert OutboxEvent.objects.get(name="reward_redeemed").payload["redemption"] == done.public_id
    assert TrailEntry.objects.get(act="reward.redeemed").detail["points"] == 100
    assert unbalanced() == []


def test_the_same_key_redeems_once_and_another_reward_under_it_is_refused(rich: Member, shelved: Shelve) -> None:
    reward = shelved()
    first = redeem(member=rich, reward=reward, key="redeem-one")
    assert redeem(member=rich, reward=reward, key="redeem-one") == first
    with pytest.raises(KeyUsedBefore):
        redeem(member=rich, reward=shelved(), key="redeem-one")
    assert balance(rich.wallet) == 150


def test_too_few_points_says_how_many_are_missing_and_posts_nothing(rich: Member, shelved: Shelve) -> None:
    with pytest.raises(NotEnough, match=r"^50 points are missing\.$"):
        redeem(member=rich, reward=shelved(points=300), key="redeem-one")
    assert (balance(rich.wallet), Redemption.objects.count()) == (250, 0)


def test_points_that_are_not_usable_yet_redeem_nothing(rich: Member, shelved: Shelve) -> None:
    leg = Leg(
        wallet=rich.wallet_id,
        asset="points",
        amount=900,
        house="points.issued",
        available_from=clock.now() + dt.timedelta(days=3),
    )
    post(key="pending-key", kind="adjustment", legs=[leg])
    with pytest.raises(NotEnough, match=r"^50 points are missing\.$"):
        redeem(member=rich, reward=shelved(points=300), key="redeem-one")


def test_what_was_taken_meanwhile_is_refused_in_words(rich: Member, shelved: Shelve) -> None:
    reward = shelved(stock=1)
    Reward.objects.update(stock=0)
    with pytest.raises(Gone, match="All gone for now"):  # the shelf was looked at before
        redeem(member=rich, reward=reward, key="redeem-one")
    assert (balance(rich.wallet), Redemption.objects.count()) == (250, 0)


def test_a_price_that_changed_since_it_was_shown_is_shown_again_first(rich: Member, shelved: Shelve) -> None:
    reward = shelved()
    Reward.objects.update(points=120)
    with pytest.raises(Gone, match="costs 120 points now"):
        redeem(member=rich, reward=reward, key="redeem-one")
    assert balance(rich.wallet) == 250


def test_one_member_has_at_most_so_many_and_what_goes_back_does_not_count(rich: Member, shelved: Shelve) -> None:
    reward = shelved(per_member=1)
    first = redeem(member=rich, reward=reward, key="redeem-one")
    with pytest.raises(InvalidInput, match="as many as one member may have"):
        redeem(member=rich, reward=reward, key="redeem-two")
    cancel(redemption=first, reason="Changed my mind", actor=rich.public_id)
    redeem(member=rich, reward=reward, key="redeem-three")
    assert balance(rich.wallet) == 150


def test_the_database_counts_what_one_member_has_even_where_the_check_was_passed(
    rich: Member, shelved: Shelve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regulars.loyalty.rewards import services

    reward = shelved(per_member=1)
    redeem(member=rich, reward=reward, key="redeem-one")
    monkeypatch.setattr(services, "_check_offered", lambda *_: None)
    with pytest.raises(UsedUp, match="as many as one member may have"):
        redeem(member=rich, reward=reward, key="redeem-two")
    assert balance(rich.wallet) == 150


def test_a_cancelled_redemption_gives_the_points_back_to_the_same_lots(member: Member, shelved: Shelve) -> None:
    now = clock.now()
    for number, days in enumerate((30, 300)):
        leg = Leg(
            wallet=member.wallet_id,
            asset="points",
            amount=80,
            house="points.issued",
            expires_at=now + dt.timedelta(days=days),
        )
        post(key=f"lot-number-{number}", kind="adjustment", legs=[leg])
    done = redeem(member=member, reward=shelved(stock=1), key="redeem-one")
    assert lots(member) == [(80, 0), (80, 60)]
    back = cancel(redemption=done, reason="Changed my mind", actor=member.public_id)
    assert (back.state, back.number, back.reason) == ("cancelled", None, "Changed my mind")
    assert lots(member) == [(80, 80), (80, 80)]
    assert Reward.objects.get().stock == 1
    with pytest.raises(InvalidInput, match="cancelled on"):
        cancel(redemption=done, reason="Again", actor=member.public_id)
    assert balance(member.wallet) == 160
    assert unbalanced() == []


def test_a_code_hands_over_once(rich: Member, shelved: Shelve, branch: Branch, cashier: Staff) -> None:
    done = redeem(member=rich, reward=shelved(), key="redeem-one")
    mark_ready(redemption=done, by=cashier)
    found = selectors.redemption_by_code(codes.shown_code(done.code).lower())
    assert found.state == "ready"
    handed = hand_over(redemption=found, branch=branch, by=cashier)
    assert (handed.state, handed.branch, handed.closed_by) == ("handed_over", branch, cashier.public_id)
    with pytest.raises(InvalidInput, match="handed over already"):
        hand_over(redemption=found, branch=branch, by=cashier)
    with pytest.raises(InvalidInput, match="handed over already"):
        cancel(redemption=found, reason="No", actor=rich.public_id)
    assert balance(rich.wallet) == 150
    assert OutboxEvent.objects.filter(name="redemption_moved").count() == 2


def test_a_mistyped_code_is_told_from_one_that_does_not_exist(rich: Member, shelved: Shelve) -> None:
    done = redeem(member=rich, reward=shelved(), key="redeem-one")
    wrong = done.code[:-1] + ("2" if done.code[-1] != "2" else "3")
    with pytest.raises(InvalidInput, match="A letter of this code is wrong"):
        selectors.redemption_by_code(wrong)
    with pytest.raises(InvalidInput, match="begins with RW"):
        selectors.redemption_by_code("12345")
    body = "2222222"
    with pytest.raises(NotFound, match="No redemption has this code"):
        selectors.redemption_by_code(f"rw{body}{codes.check_digit(body)}")


def test_the_check_digit_finds_each_single_wrong_character() -> None:
    body = "k7m29pc"
    digit = codes.check_digit(body)
    for place, right in enumerate(body):
        for char in ALPHABET:
            slipped = body[:place] + char + body[place + 1 :]
            assert (codes.check_digit(slipped) == digit) is (char == right)


def test_another_branch_does_not_hand_it_over(
    rich: Member, shelved: Shelve, branch: Branch, other_branch: Branch, cashier: Staff
) -> None:
    here = shelved(branches=[branch])
    done = redeem(member=rich, reward=here, key="redeem-one", branch=branch)
    with pytest.raises(InvalidInput, match=f"collected at {branch}"):
        hand_over(redemption=selectors.redemption_by_public_id(done.public_id), branch=other_branch, by=cashier)
    with pytest.raises(InvalidInput, match="does not hand this over"):
        redeem(member=rich, reward=here, key="redeem-two", branch=other_branch)
    assert Redemption.objects.get().state == "ordered"
    assert balance(rich.wallet) == 150


def test_what_is_not_collected_in_time_goes_back_at_midnight_of_the_business(
    rich: Member, shelved: Shelve, branch: Branch, cashier: Staff, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        adjust(wallet=rich.wallet, asset="points", amount=50, key="again-key", reason="gift", actor="test")
        done = redeem(member=rich, reward=shelved(collect_days=2, stock=1), key="redeem-one")
        assert selectors.last_day_of(done) == dt.date(2026, 6, 17)
        assert expire_due(now=noon, limit=10) == dt.datetime(2026, 6, 17, 16, 0, tzinfo=dt.UTC)
    late = dt.datetime(2026, 6, 17, 16, 0, tzinfo=dt.UTC)
    with clock.turned_to(late):
        with pytest.raises(InvalidInput, match="not collected in time"):
            hand_over(redemption=done, branch=branch, by=cashier)
        for _night in range(2):
            assert expire_due(now=late, limit=10) is None
    assert (Redemption.objects.get().state, Reward.objects.get().stock, balance(rich.wallet)) == ("expired", 1, 300)


def test_the_shelf_has_first_what_can_be_had_and_says_what_is_missing(
    rich: Member, shelved: Shelve, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        shelved(words={"en": "far"}, points=900)
        shelved(words={"en": "near"}, points=300)
        shelved(words={"en": "dear"}, points=200)
        shelved(words={"en": "cheap"}, points=50)
        shelved(words={"en": "gone"}, points=10, stock=0)
        with clock.turned_to(noon - dt.timedelta(days=1)):
            shelved(words={"en": "past"}, offered_until=dt.date(2026, 6, 14))
        shelved(words={"en": "soon"}, offered_from=dt.date(2026, 6, 18))
        shelved(words={"en": "hidden"}, is_active=False)
        found = selectors.shelf(rich)
    assert [(str(offer.reward), offer.missing, offer.can_be_had) for offer in found] == [
        ("cheap", 0, True),
        ("dear", 0, True),
        ("near", 50, False),
        ("far", 650, False),
        ("gone", 0, False),
        ("soon", 0, False),
    ]


@pytest.mark.capability(56)
def test_early_access_opens_the_shelf_some_days_before(rich: Member, shelved: Shelve, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        reward = shelved(offered_from=dt.date(2026, 6, 18))
        with pytest.raises(InvalidInput, match="From"):
            redeem(member=rich, reward=reward, key="redeem-one")
        save_benefit(
            code="early",
            kind="early_access",
            words={"en": "Three days earlier"},
            details={},
            days=3,
            grants={rich.standing.tier: None},
        )
        assert redeem(member=rich, reward=reward, key="redeem-two").state == "ordered"


def test_a_reward_for_some_says_for_whom(rich: Member, shelved: Shelve) -> None:
    reward = shelved(condition={"field": "people.source", "is": "is", "value": "import"})
    offer = selectors.offer_of(rich, reward)
    assert not offer.can_be_had
    assert "Import" in offer.why_not
    with pytest.raises(InvalidInput, match="Import"):
        redeem(member=rich, reward=reward, key="redeem-one")


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"points": 0}, "points"),
        ({"points": -5}, "points"),
        ({"points": 10**12}, "points"),
        ({"stock": -1}, "stock"),
        ({"stock": 10**9}, "stock"),
        ({"per_member": 0}, "per_member"),
        ({"collect_days": -1}, "collect_days"),
        ({"kind": "money"}, "kind"),
        ({"words": {"en": "", "zh-hans": ""}}, "words"),
        ({"offered_from": dt.date(2026, 6, 2), "offered_until": dt.date(2026, 6, 1)}, "offered_until"),
        ({"condition": {"field": "no.such", "is": "equals", "value": 1}}, "condition"),
    ],
)
def test_a_reward_that_makes_no_sense_is_refused_beside_its_field(
    shelved: Shelve, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        shelved(**over)
    assert refusal.value.field == field
    assert Reward.objects.count() == 0


def test_stock_is_added_and_taken_but_never_below_nothing(shelved: Shelve, owner: Staff) -> None:
    reward = shelved(stock=3)
    assert restock(reward=reward, by_how_many=4, actor=owner.public_id).stock == 7
    with pytest.raises(InvalidInput, match="There would be -1"):
        restock(reward=reward, by_how_many=-8, actor=owner.public_id)
    assert Reward.objects.get().stock == 7
    assert restock(reward=reward, by_how_many=None, actor=owner.public_id).stock is None


@pytest.mark.parametrize("broken", [{"stock": -1}, {"points": 0}, {"per_member": 0}])
def test_the_database_itself_refuses_figures_that_must_never_be(shelved: Shelve, broken: dict[str, int]) -> None:
    shelved(stock=1, per_member=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reward.objects.update(**broken)
