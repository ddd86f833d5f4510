"""Bad input of value: each a clear refusal in both languages that says what to do, and nothing is posted or saved."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import translation

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, NotEnough, RegularsError
from regulars.ledger.approvals import adjust_or_ask
from regulars.ledger.models import Lot, Posting, Transaction
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import Leg, adjust, expire_lots, post
from regulars.loyalty.benefits.models import Benefit
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.models import Award, PointsRule, Standing, Task, Tier, TierMove, Track
from regulars.loyalty.points.engine import decide, offer_of
from regulars.loyalty.points.gifts import change_points_settings, donate, give_points, save_cause
from regulars.loyalty.points.models import LARGEST_POINTS
from regulars.loyalty.points.services import save_points_rule
from regulars.loyalty.points.tasks import event_happened, save_task
from regulars.loyalty.rewards.models import Reward
from regulars.loyalty.rewards.services import redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.loyalty.tiers.overriding import bring_along, set_by_hand
from regulars.loyalty.tiers.packs import post_waiting
from regulars.loyalty.tiers.services import change_for_a_time
from regulars.loyalty.tiers.standing import evaluate
from regulars.money import LARGEST_AMOUNT
from regulars.operations import jobs
from regulars.organisation import approvals
from regulars.organisation.models import Approval, Staff
from regulars.organisation.scope import WHOLE
from regulars.organisation.team.services import appoint
from regulars.people.models import Member
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tests.conftest import PASSWORD, new_member

pytestmark = [pytest.mark.clause("4.Bad input"), pytest.mark.clause("4.3")]

CHINESE = re.compile("[\u4e00-\u9fff]")
MORE_AND_LESS = {
    "all": [
        {"field": "sale.amount", "is": "at_least", "value": 20_000},
        {"field": "sale.amount", "is": "less_than", "value": 5_000},
    ]
}


@pytest.fixture(autouse=True)
def base(business: Any) -> PointsRule:
    """One point per 10.00 and nothing else; tiers that take no discount."""
    PointsRule.objects.all().delete()
    Tier.objects.update(discount=0)
    cache.clear()
    return save_points_rule(name="1 per 10", points=1, per_amount=1000)


def refused(act: Callable[[], Any], kind: type[RegularsError]) -> tuple[str, str]:
    """The field and the English words of a refusal that comes in both languages."""
    with pytest.raises(kind) as refusal:
        act()
    field, words = refusal.value.field, str(refusal.value)
    assert not CHINESE.search(words)
    with translation.override("zh-hans"):
        with pytest.raises(kind) as refusal:
            act()
        assert CHINESE.search(str(refusal.value))
    return field, words


def rule_refused(**terms: Any) -> tuple[str, str]:
    """The refusal of a rule, of which nothing is kept."""
    before = PointsRule.objects.count()
    found = refused(lambda: save_points_rule(**{"name": "Rule", **terms}), InvalidInput)
    assert PointsRule.objects.count() == before
    return found


# Rules ----------------------------------------------------------------------------------------------------------------


def test_a_rule_whose_condition_contradicts_itself_is_refused():
    field, words = rule_refused(points=1, per_amount=1000, condition=MORE_AND_LESS)
    assert field == "condition"
    assert words.endswith("So the rule would never apply. Change the condition or switch the rule off.")
    assert save_points_rule(name="Rule", points=1, per_amount=1000, condition=MORE_AND_LESS, is_active=False).pk


def test_a_rule_whose_limits_contradict_each_other_is_refused():
    assert rule_refused(points=1, per_amount=1000, cap_day=100, cap_month=50) == (
        "cap_month",
        "This is less than the limit for a shorter time. Raise this one or lower the other.",
    )


def test_a_rule_that_another_of_its_group_always_beats_can_never_apply_and_is_refused(base):
    save_points_rule(rule=base, name="1 per 10", points=1, per_amount=1000, stacking_group="a", priority=2)
    field, words = rule_refused(points=3, per_amount=1000, stacking_group="a", priority=1)
    assert field == "stacking_group"
    assert words.endswith("Give it a higher priority or another group.")
    save_points_rule(name="Stronger", points=3, per_amount=1000, stacking_group="a", priority=3)
    save_points_rule(name="Elsewhere", points=3, per_amount=1000, stacking_group="b", priority=1)


def test_a_rule_that_gives_where_the_stronger_one_gives_nothing_is_no_dead_one(base):
    save_points_rule(
        rule=base, name="1 per full 10", points=1, per_amount=1000, whole_steps=True, stacking_group="a", priority=2
    )
    assert save_points_rule(name="A crumb", kind="fixed", points=1, stacking_group="a", priority=1).pk


def test_a_rule_for_joining_that_asks_about_a_purchase_can_never_apply_and_is_refused():
    about = {"field": "sale.amount", "is": "at_least", "value": 5_000}
    field, words = rule_refused(trigger="joined", kind="fixed", points=5, condition=about)
    assert field == "condition"
    assert words.startswith("The condition asks about a purchase, but this rule waits for none")


def test_a_rule_whose_days_never_come_can_never_apply_and_is_refused():
    assert rule_refused(points=1, per_amount=1000, ends_on=dt.date(2020, 1, 1)) == (
        "ends_on",
        "This day is past, so the rule would never apply. Choose a later day or switch the rule off.",
    )
    first = clock.today().replace(month=2, day=1) + dt.timedelta(days=366)
    last = first.replace(day=27)
    assert rule_refused(points=1, per_amount=1000, starts_on=first, ends_on=last, month_days=[31])[0] == "month_days"


def test_a_rule_that_would_overflow_is_refused():
    field, words = rule_refused(points=LARGEST_POINTS, per_amount=1)
    assert (field, words) == (
        "points",
        "This gives more than 100 points for the smallest coin. Enter a larger amount or fewer points.",
    )
    assert rule_refused(kind="multiplier", factor=10**9)[0] == "factor"
    assert rule_refused(points=1, per_amount=1000, cap_total=10**19)[0] == "cap_total"


def test_the_largest_purchase_under_the_most_generous_rules_does_not_overflow(branch, member):
    PointsRule.objects.all().delete()
    save_points_rule(name="Most", points=100, per_amount=1)
    for number in range(5):
        save_points_rule(name=f"Hundredfold {number}", kind="multiplier", factor=10_000)
    made = quote(branch=branch, member=member, lines=[LineRequest("Everything", LARGEST_AMOUNT)])
    sale = confirm(quote=made, key="all-there-is", cashier=None)
    assert sale.points_earned == LARGEST_AMOUNT * 100 * (1 + 5 * 99) == balance(member.wallet)
    assert unbalanced() == []


def test_rules_that_multiply_each_other_in_a_circle_come_to_an_end_and_to_one_sum():
    shared = {"amount": 10_000}
    offers = [
        {"rule": "base", "kind": "per_amount", "points": 1, "per_amount": 100, **shared},
        {"rule": "a1", "kind": "multiplier", "factor": 200, "group": "a", **shared},
        {"rule": "a2", "kind": "per_amount", "points": 1, "per_amount": 1_000, "group": "a", **shared},
        {"rule": "b1", "kind": "multiplier", "factor": 300, "group": "b", **shared},
        {"rule": "b2", "kind": "per_amount", "points": 1, "per_amount": 2_000, "group": "b", **shared},
    ]
    forwards = decide([offer_of(offer) for offer in offers])
    assert forwards == decide([offer_of(offer) for offer in reversed(offers)])
    assert forwards == {"base": 100, "a1": 100, "b1": 200}  # nothing multiplies what a multiple gave


def test_points_for_a_tier_that_points_lead_to_do_not_go_round_in_a_loop(branch, member):
    Track.objects.filter(is_default=True).update(basis={"combine": "any", "measures": ["points_earned"]})
    Tier.objects.exclude(threshold=0).delete()
    for code, enough in (("silver", 10), ("gold", 20), ("black", 30)):
        Tier.objects.create(
            track=Track.objects.get(is_default=True),
            code=code,
            words={"en": code},
            threshold=enough,
            pack={"points": 50, "cycle": "once"},
        )
    cache.clear()
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(quote=quote(branch=branch, member=buyer, lines=[LineRequest("Tea", 10_000)]), key="tea-only", cashier=None)
    for _time in range(3):
        post_waiting(member=member)
        evaluate(member=buyer, at="change")
    assert [move.current.code for move in TierMove.objects.filter(member=member)] == ["silver"]
    assert balance(member.wallet) == 60


def test_an_event_that_its_own_points_set_off_gives_them_once(member):
    from regulars.loyalty.points.earning import give

    save_points_rule(name="Echo", trigger="event:echo", kind="fixed", points=5)
    for _time in range(3):  # a module that hears of the points and reports the event that gave them
        give(trigger="event:echo", member=member, occasion="event:echo:1", on=clock.today())
    assert (balance(member.wallet), Award.objects.count()) == (5, 1)


# Points ---------------------------------------------------------------------------------------------------------------


def given_until(member: Member, ends: dt.datetime) -> Lot:
    leg = Leg(wallet=member.wallet_id, asset="points", amount=100, house="points.issued", expires_at=ends)
    post(key="lives-a-day", kind="gift", legs=[leg])
    return Lot.objects.get()


def spend(member: Member, points: int, key: str = "the-spending") -> Any:
    return adjust(wallet=member.wallet, asset="points", amount=-points, key=key, reason="cake", actor="test")


def test_a_lot_that_expires_while_it_is_spent_is_spent_before_its_last_instant_and_refused_after_it(member):
    ends = clock.now() + dt.timedelta(days=1)
    lot = given_until(member, ends)
    with clock.turned_to(ends - dt.timedelta(microseconds=1)):
        spend(member, 60)
    with clock.turned_to(ends):  # the night has not come by yet
        assert refused(lambda: spend(member, 40, "too-late-by-then"), NotEnough)[0] == "amount"
        assert balance(member.wallet) == 40
        expire_lots(now=clock.now(), limit=10)
        expire_lots(now=clock.now(), limit=10)
    assert (balance(member.wallet), Posting.objects.filter(lot=lot).count()) == (0, 3)
    assert unbalanced() == []


def test_an_adjustment_approved_by_its_requester_is_refused_and_nothing_is_posted(member, branch, business):
    manager = appoint(
        name="Mei Manager", email="mei@teahouse.example", password=PASSWORD, role="manager", branch=branch
    )
    asked = adjust_or_ask(member=member, points=6_000, reason="A friend", by=manager, key="asked-by-mei")
    assert isinstance(asked, approvals.Asked)
    own = Approval.objects.get()
    _field, words = refused(lambda: approvals.approve(approval=own, by=manager), approvals.OwnRequest)
    assert words == "You asked for this yourself, so somebody else has to decide."
    assert (balance(member.wallet), Transaction.objects.count()) == (0, 0)


def test_a_key_that_comes_again_with_another_body_is_refused_and_nothing_is_posted(member):
    adjust(wallet=member.wallet, asset="points", amount=10, key="one-key-only", reason="gift", actor="test")
    again = {"wallet": member.wallet, "asset": "points", "key": "one-key-only", "reason": "gift", "actor": "test"}
    refused(lambda: adjust(amount=11, **again), KeyUsedBefore)
    assert balance(member.wallet) == 10


@pytest.mark.parametrize("points", [0, 10**12, -(10**12)])
def test_an_absurd_adjustment_is_refused_and_nothing_is_posted(member, owner, points):
    refused(
        lambda: adjust_or_ask(member=member, points=points, reason="A slip", by=owner, key="an-absurd-one"),
        RegularsError,
    )
    assert (balance(member.wallet), Transaction.objects.count()) == (0, 0)


ABSURD = [-1, -(10**12), 10**12]


def of_default_track(member: Member) -> Tier:
    """The tier that the member stands on."""
    return Standing.objects.get(member=member).tier


def points_of_a_rule(_member: Member, points: int) -> Any:
    return save_points_rule(name="Rule", kind="fixed", points=points)


def points_of_a_task(_member: Member, points: int) -> Any:
    return save_task(code="review", words={"en": "A review"}, points=points)


def points_of_a_reward(_member: Member, points: int) -> Any:
    return save_reward(kind="goods", words={"en": "A pot of tea"}, details={}, points=points)


def points_of_a_yearly_gift(member: Member, points: int) -> Any:
    grants: dict[Tier, int | None] = {of_default_track(member): None}
    words = {"en": "A gift"}
    return save_benefit(code="gift", kind="yearly_gift", words=words, details={}, grants=grants, points=points)


def points_given_to_a_friend(member: Member, points: int) -> Any:
    change_points_settings(by="x", gifts=True)
    friend = new_member(contact="+8613800138009")
    return give_points(giver=member, receiver=friend, points=points, key="to-a-friend")


def points_given_to_a_cause(member: Member, points: int) -> Any:
    return donate(member=member, cause=save_cause(words={"en": "Trees"}), points=points, key="to-a-cause")


def points_given_to_many(member: Member, points: int) -> Any:
    params = {"selection": {"list": "office_members", "held": [], "ids": [member.public_id]}, "points": points}
    return jobs.kind_of("members.points").preview({**params, "reason": "Jubilee"}, WHOLE)


def amount_of_an_event(member: Member, amount: int) -> Any:
    save_points_rule(name="Abroad", trigger="event:abroad", kind="fixed", points=5)
    return event_happened(code="abroad", key="abroad-1", member=member, amount=amount * 1_000)


@pytest.mark.parametrize("number", ABSURD)
@pytest.mark.parametrize(
    ("act", "field"),
    [
        (points_of_a_rule, "points"),
        (points_of_a_task, "points"),
        (points_of_a_reward, "points"),
        (points_of_a_yearly_gift, "points"),
        (points_given_to_a_friend, "points"),
        (points_given_to_a_cause, "points"),
        (amount_of_an_event, "amount"),
    ],
)
def test_a_negative_or_absurd_number_is_refused_beside_its_field_and_nothing_is_posted(
    member: Member, act: Callable[[Member, int], Any], field: str, number: int
) -> None:
    def in_a_try() -> None:
        with transaction.atomic():  # what an act prepared for itself goes with its refusal
            act(member, number)

    assert refused(in_a_try, InvalidInput)[0] == field
    assert Transaction.objects.count() == 0
    assert [made.objects.count() for made in (Task, Reward, Benefit, Award)] == [0, 0, 0, 0]


@pytest.mark.parametrize("number", [-(10**12), 0, 10**12])
def test_absurd_points_for_many_are_refused_before_anything_is_posted(member: Member, number: int) -> None:
    assert refused(lambda: points_given_to_many(member, number), InvalidInput)[0] == "points"
    assert Transaction.objects.count() == 0


# Days -----------------------------------------------------------------------------------------------------------------


def test_a_day_that_is_past_is_refused_wherever_one_is_asked_for(member: Member) -> None:
    tier, yesterday = of_default_track(member), clock.today() - dt.timedelta(days=1)
    reward = {"kind": "goods", "words": {"en": "A pot of tea"}, "details": {}, "points": 100}
    acts: list[tuple[str, Callable[[], Any]]] = [
        ("ends_on", lambda: save_points_rule(name="Rule", points=1, per_amount=1000, ends_on=yesterday)),
        ("offered_until", lambda: save_reward(**reward, offered_until=yesterday)),
        ("until", lambda: set_by_hand(member=member, tier=tier, until=yesterday, reason="A friend", by="x")),
        ("kept_until", lambda: bring_along(member=member, tier=tier, kept_until=yesterday)),
        ("last", lambda: change_for_a_time(tier=tier, first=yesterday, last=yesterday, discount=500)),
    ]
    for field, act in acts:
        assert refused(act, InvalidInput)[0] == field
    assert (PointsRule.objects.count(), Reward.objects.count(), TierMove.objects.filter(member=member).count()) == (
        1,
        0,
        0,
    )
    assert Tier.objects.exclude(changed_from=None).count() == 0


def test_a_reward_that_has_ended_can_be_worded_anew_but_not_end_earlier(member: Member) -> None:
    terms: dict[str, Any] = {"kind": "goods", "details": {}, "points": 100}
    today = clock.today()
    reward = save_reward(**terms, words={"en": "Tea"}, offered_until=today)
    with clock.turned_to(clock.now() + dt.timedelta(days=3)):
        assert str(save_reward(reward=reward, **terms, words={"en": "Green tea"}, offered_until=today)) == "Green tea"
        earlier = today - dt.timedelta(days=1)
        act = lambda: save_reward(reward=reward, **terms, words={"en": "Oolong"}, offered_until=earlier)  # noqa: E731
        assert refused(act, InvalidInput)[0] == "offered_until"
    assert str(Reward.objects.get()) == "Green tea"


# Keys -----------------------------------------------------------------------------------------------------------------


def test_the_key_of_every_act_with_another_body_is_refused_and_moves_nothing_more(member: Member, owner: Staff) -> None:
    adjust(wallet=member.wallet, asset="points", amount=900, key="to-begin-with", reason="gift", actor="test")
    friend, cause = new_member(contact="+8613800138009"), save_cause(words={"en": "Trees"})
    change_points_settings(by="x", gifts=True)
    rewards = [
        save_reward(kind="goods", words={"en": name}, details={}, points=points)
        for name, points in (("Tea", 100), ("Cake", 150))
    ]
    acts: list[Callable[[int], Any]] = [
        lambda n: adjust_or_ask(member=member, points=n, reason="A slip", by=owner, key="by-hand-once"),
        lambda n: give_points(giver=member, receiver=friend, points=100 + n, key="to-a-friend"),
        lambda n: donate(member=member, cause=cause, points=n, key="to-a-cause"),
        lambda n: redeem(member=member, reward=rewards[n - 1], key="a-reward-once"),
    ]
    for act in acts:
        act(1)
    held, moved = balance(member.wallet), Transaction.objects.count()
    for act in acts:
        refused(lambda act=act: act(2), KeyUsedBefore)  # type: ignore[misc]
        act(1)
    assert (balance(member.wallet), Transaction.objects.count()) == (held, moved)
    assert unbalanced() == []
