"""What coupons take off, against an oracle that counts piece by piece; and codes, against every slip of the finger."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.loyalty.coupons.codes import (
    LETTERS,
    check_character,
    looks_like_code,
    new_code,
    read_code,
    read_shared_code,
    shown_code,
)
from regulars.loyalty.coupons.reckoning import CouponLine, Terms, clash, reckon, spent_on

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.capability(88)]

CATEGORIES = ["", "Tea", "Cake"]
lines = st.lists(
    st.builds(
        lambda position, amount, dearer, category, quantity: CouponLine(
            position=position, amount=amount, list_amount=amount + dearer, category=category, quantity=quantity
        ),
        st.integers(1, 200),
        st.integers(0, 30_000),
        st.integers(0, 5_000),
        st.sampled_from(CATEGORIES),
        st.integers(1, 7),
    ),
    min_size=1,
    max_size=8,
)
terms = st.builds(
    lambda kind, value, percent, **rest: Terms(
        kind=kind, value={"amount": value, "percent": percent}.get(kind, 0), **rest
    ),
    st.sampled_from(["amount", "percent", "gift", "service", "shipping"]),
    st.integers(1, 40_000),
    st.integers(1, 10_000),
    most_off=st.none() | st.integers(1, 9_000),
    basis=st.sampled_from(["discounted", "initial"]),
    categories=st.sampled_from([(), ("tea",), ("Tea", "Cake")]),
    order=st.sampled_from([1, 100, 200]),
)


def covered(one: Terms, line: CouponLine) -> bool:
    """The plain meaning of the kinds of goods."""
    return not one.categories or line.category.lower() in [name.lower() for name in one.categories]


def oracle(coupons: list[Terms], basket: list[CouponLine]) -> list[int]:
    """The total of each coupon, one after another, in exact fractions."""
    left = {id(line): line.amount for line in basket}
    totals = [0] * len(coupons)
    for place, one in sorted(enumerate(coupons), key=lambda each: (each[1].order, each[0])):
        mine = [line for line in basket if covered(one, line)]
        there = sum(left[id(line)] for line in mine)
        if one.kind == "gift" or not there:
            continue
        if one.kind == "amount":
            off = one.value
        elif one.kind == "percent":
            base = sum(line.list_amount for line in mine) if one.basis == "initial" else there
            off = ceil(Fraction(base) * one.value / 10_000)
        elif one.kind == "service":
            off = max(ceil(Fraction(left[id(line)], line.quantity)) for line in mine)
        else:
            off = there
        totals[place] = min(off, there, one.most_off if one.most_off is not None else there)
        parts = reckon(coupons, basket)[place]
        for line, part in zip(basket, parts, strict=True):
            left[id(line)] -= part
    return totals


@settings(max_examples=300, deadline=None)
@given(st.lists(terms, min_size=1, max_size=4), lines)
def test_totals_are_those_of_the_oracle_and_shares_sum_to_them(coupons: list[Terms], basket: list[CouponLine]) -> None:
    taken = reckon(coupons, basket)
    assert [sum(parts) for parts in taken] == oracle(coupons, basket)
    for one, parts in zip(coupons, taken, strict=True):
        assert len(parts) == len(basket)
        assert all(part >= 0 for part in parts)
        assert all(part == 0 for part, line in zip(parts, basket, strict=True) if not covered(one, line))


@settings(max_examples=300, deadline=None)
@given(st.lists(terms, min_size=1, max_size=5), lines)
def test_no_line_falls_below_zero_whatever_is_stacked(coupons: list[Terms], basket: list[CouponLine]) -> None:
    taken = reckon(coupons, basket)
    for place, line in enumerate(basket):
        assert 0 <= sum(parts[place] for parts in taken) <= line.amount


def line(amount: int, *, dearer: int = 0, category: str = "", quantity: int = 1) -> CouponLine:
    """A line."""
    return CouponLine(position=1, amount=amount, list_amount=amount + dearer, category=category, quantity=quantity)


def test_a_percent_is_rounded_once_in_favour_of_the_customer() -> None:
    tenth = Terms(kind="percent", value=1000)
    assert reckon([tenth], [line(333), line(333), line(333)]) == [(34, 33, 33)]
    assert sum(reckon([tenth], [line(1)])[0]) == 1


def test_the_order_decides_and_not_the_hand_that_types() -> None:
    ten = Terms(kind="amount", value=1_000, order=1)
    half = Terms(kind="percent", value=5_000, order=2)
    assert [sum(parts) for parts in reckon([half, ten], [line(5_000)])] == [2_000, 1_000]
    assert [sum(parts) for parts in reckon([ten, half], [line(5_000)])] == [1_000, 2_000]


def test_from_the_list_price_a_percent_does_not_shrink_with_what_came_before() -> None:
    ten = Terms(kind="amount", value=1_000, order=1)
    half = Terms(kind="percent", value=5_000, order=2, basis="initial")
    assert [sum(parts) for parts in reckon([ten, half], [line(5_000, dearer=1_000)])] == [1_000, 3_000]
    assert spent_on(half, [line(5_000, dearer=1_000)]) == 6_000


def test_one_item_free_is_one_piece_of_the_dearest() -> None:
    free = Terms(kind="service", categories=["cake"])
    basket = [line(9_000, category="Tea"), line(6_000, category="Cake", quantity=3), line(2_500, category="Cake")]
    assert reckon([free], basket) == [(0, 0, 2_500)]


def test_free_delivery_takes_off_the_delivery_and_nothing_else() -> None:
    assert reckon([Terms(kind="shipping", categories=["Delivery"])], [line(900), line(800, category="delivery")]) == [
        (0, 800)
    ]


def test_one_that_stands_alone_refuses_any_other() -> None:
    alone, joint = Terms(kind="amount", value=1), Terms(kind="amount", value=1, stacking="joint", most_per_sale=2)
    assert clash([alone]) is None
    assert clash([joint, joint]) is None
    assert clash([joint, alone]) == 1
    assert clash([joint, joint, joint]) == 2


def test_the_one_named_first_stays_whatever_comes_after_it() -> None:
    alone, joint = Terms(kind="amount", value=1), Terms(kind="amount", value=1, stacking="joint", most_per_sale=9)
    assert clash([alone, joint, joint]) == 1
    assert kept([alone, joint, joint]) == [0]
    assert kept([joint, alone, joint]) == [0, 2]
    assert kept([alone, alone]) == [0]


def test_one_of_which_few_go_together_is_refused_beside_those_of_its_sort() -> None:
    many, one = (Terms(kind="amount", value=1, stacking="joint", most_per_sale=most) for most in (3, 1))
    assert kept([many, many, one, many]) == [0, 1, 3]
    assert kept([one, many]) == [0]


stacked = st.builds(
    lambda stacking, group, most: Terms(
        kind="amount", value=1, stacking=stacking, stacking_group=group, most_per_sale=most
    ),
    st.sampled_from(["joint", "joint", "joint", "exclusive"]),
    st.sampled_from(["", "delivery"]),
    st.integers(1, 3),
)


def kept(coupons: list[Terms]) -> list[int]:
    """Which stay when each that is refused is taken off, as the counter does it."""
    left = list(range(len(coupons)))
    while (odd := clash([coupons[place] for place in left])) is not None:
        del left[odd]
    return left


def go_together(coupons: list[Terms]) -> bool:
    """Whether coupons may be used in one sale, by the plain meaning of their terms and in whatever order."""
    if len(coupons) > 1 and any(one.stacking == "exclusive" for one in coupons):
        return False
    return (
        all(
            sum(other.stacking_group == one.stacking_group for other in coupons) <= one.most_per_sale for one in coupons
        )
        or len(coupons) < 2
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(stacked, max_size=7))
def test_those_that_stay_are_the_first_that_go_together_and_no_other_fits_beside_them(coupons: list[Terms]) -> None:
    stay: list[int] = []
    for place, one in enumerate(coupons):
        if go_together([*(coupons[each] for each in stay), one]):
            stay.append(place)
    assert kept(coupons) == stay
    assert go_together([coupons[place] for place in stay])
    for place in set(range(len(coupons))) - set(stay):
        assert not go_together([coupons[each] for each in sorted({*stay, place})])


@settings(max_examples=200, deadline=None)
@given(st.lists(stacked, max_size=7), st.data())
def test_those_that_stay_do_not_depend_on_which_others_were_refused(coupons: list[Terms], data: st.DataObject) -> None:
    stay = kept(coupons)
    refused = [place for place in range(len(coupons)) if place not in stay]
    gone = data.draw(st.sets(st.sampled_from(refused))) if refused else set()
    left = [place for place in range(len(coupons)) if place not in gone]
    assert [left[place] for place in kept([coupons[place] for place in left])] == stay


def test_sorts_are_counted_each_for_itself() -> None:
    def of(group: str) -> Terms:
        return Terms(kind="amount", value=1, stacking="joint", stacking_group=group)

    assert clash([of("goods"), of("delivery")]) is None
    assert clash([of("goods"), of("delivery"), of("goods")]) == 2


# Codes ----------------------------------------------------------------------------------------------------------------


def test_the_check_character_is_that_of_the_standard() -> None:
    # ISO 7064 MOD 37,36 as in the standard's own example and in GRid: A12425GABC1234002 → M
    assert check_character("A12425GABC1234002") == "M"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_wrong_character_and_every_swap_of_neighbours_is_found(data: st.DataObject) -> None:
    code = new_code()
    assert read_code(f" {shown_code(code).lower()} ") == code
    place = data.draw(st.integers(2, len(code) - 1))
    for char in LETTERS.replace(code[place], ""):
        with pytest.raises(InvalidInput):
            read_code(code[:place] + char + code[place + 1 :])
    for place in range(2, len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(InvalidInput):
                read_code(swapped)


def test_a_code_has_no_characters_that_are_mixed_up() -> None:
    assert not set("".join(new_code()[2:] for _ in range(200))) & set("01ILOU")


@pytest.mark.parametrize("text", ["abc", "12345678", "RW23456789", "CPSPRING", "SPRING 20%", "新春特惠", "A" * 25])
def test_what_cannot_be_a_shared_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_shared_code(text)
    assert refused.value.field == "code"


def test_a_shared_code_is_kept_in_capitals_and_is_no_single_one() -> None:
    assert read_shared_code("spring-20") == read_shared_code("ＳＰＲＩＮＧ　２０") == "SPRING20"
    assert not looks_like_code("SPRING20")
