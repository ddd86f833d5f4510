"""The pure engine of points: groups, multiples, caps, one rounding; and what it explains comes to the same again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.loyalty.points.engine import Offer, decide, explanation, recomputed

pytestmark = pytest.mark.clause("4.3")


def spending(amount: int, rule: str = "base", **over: object) -> Offer:
    return Offer(**{"rule": rule, "kind": "per_amount", "points": 1, "per_amount": 1000, "amount": amount, **over})


def times(factor: int, amount: int, rule: str = "times", **over: object) -> Offer:
    return Offer(**{"rule": rule, "kind": "multiplier", "factor": factor, "amount": amount, **over})


def fixed(points: int, rule: str = "fixed", **over: object) -> Offer:
    return Offer(**{"rule": rule, "kind": "fixed", "points": points, "amount": 5_000, **over})


@pytest.mark.capability(63)
@pytest.mark.parametrize(("amount", "points"), [(999, 0), (1000, 1), (10_500, 10)])
def test_one_point_per_ten_on_9_99_and_10_and_105(amount, points):
    assert sum(decide([spending(amount)]).values()) == points


@pytest.mark.parametrize(("amount", "points"), [(1000, 1), (1500, 2), (2000, 3), (3000, 4)])
def test_a_multiplier_of_one_and_a_half_rounds_once(amount, points):
    assert sum(decide([spending(amount), times(150, amount)]).values()) == points


def test_fractions_of_several_rules_are_added_up_before_they_are_rounded():
    offers = [spending(2_500, "a"), spending(2_500, "b", per_amount=1500)]
    assert decide(offers) == {"a": 2, "b": 2}  # 2.5 and 1.67 make 4, not 3


def test_points_that_come_only_for_full_amounts():
    assert decide([spending(19_900, points=10, per_amount=10_000, whole_steps=True)]) == {"base": 10}


def test_in_a_group_the_highest_priority_wins_then_the_most_points():
    offers = [
        fixed(100, "most", group="spring"),
        fixed(10, "first", group="spring", priority=1),
        fixed(5, "else"),
    ]
    assert decide(offers) == {"first": 10, "else": 5}
    assert decide([fixed(100, "most", group="spring"), fixed(10, "less", group="spring")]) == {"most": 100}


def test_a_rule_whose_cap_is_used_up_makes_way_in_its_group():
    offers = [fixed(100, "full", group="spring", priority=1, room=0), fixed(10, "next", group="spring")]
    assert decide(offers) == {"next": 10}


def test_a_multiple_multiplies_what_spending_gives_and_no_gifts():
    assert decide([spending(10_000), fixed(50), times(300, 10_000)]) == {"base": 10, "fixed": 50, "times": 20}


def test_two_multiples_add_their_extra_and_in_one_group_the_larger_wins():
    assert decide([spending(10_000), times(200, 10_000, "a"), times(300, 10_000, "b")]) == {
        "base": 10,
        "a": 10,
        "b": 20,
    }
    grouped = [times(200, 10_000, "a", group="day"), times(300, 10_000, "b", group="day")]
    assert decide([spending(10_000), *grouped]) == {"base": 10, "b": 20}


def test_a_multiple_of_some_goods_multiplies_their_part_alone():
    lines = {2: 4_000}
    assert decide([spending(10_000), times(200, 4_000, lines=lines)]) == {"base": 10, "times": 4}
    base = spending(6_000, lines={1: 6_000})
    assert decide([base, times(200, 4_000, lines=lines)]) == {"base": 6}


def test_caps_clip_what_a_rule_gives():
    assert decide([spending(30_000), times(200, 30_000, room=10)]) == {"base": 30, "times": 10}
    assert decide([spending(30_000, room=7), times(200, 30_000)]) == {"base": 7, "times": 7}


def test_nothing_to_multiply_gives_nothing():
    assert decide([times(500, 10_000)]) == {}
    assert decide([]) == {}


offers_of_all_kinds = st.lists(
    st.builds(
        Offer,
        rule=st.integers(1, 10**9).map(str),
        kind=st.sampled_from(["fixed", "per_amount", "multiplier"]),
        points=st.integers(1, 10_000),
        per_amount=st.integers(1, 10**6),
        whole_steps=st.booleans(),
        factor=st.integers(101, 1000),
        group=st.sampled_from(["", "a", "b"]),
        priority=st.integers(-2, 2),
        amount=st.integers(0, 10**9),
        room=st.none() | st.integers(0, 1000),
    ),
    max_size=6,
    unique_by=lambda offer: offer.rule,
)


@given(offers_of_all_kinds)
def test_what_is_explained_comes_to_the_same_again_and_no_cap_is_passed(offers):
    import json

    given_by = decide(offers)
    kept = json.loads(json.dumps(explanation(offers, given_by)))
    assert recomputed(kept) == given_by == kept["given"]
    for offer in offers:
        assert offer.room is None or given_by.get(offer.rule, 0) <= offer.room
    winners = [offer.group for offer in offers if offer.rule in given_by and offer.group]
    assert len(winners) == len(set(winners))


@given(offers_of_all_kinds, st.randoms())
def test_the_sum_does_not_hang_on_the_order_of_the_rules(offers, chance):
    shuffled = list(offers)
    chance.shuffle(shuffled)
    ungrouped = [offer for offer in offers if not offer.group]
    others = [offer for offer in shuffled if not offer.group]
    assert sum(decide(ungrouped).values()) == sum(decide(others).values())
