"""An address is free, or refused in words with free ones beside it."""

from __future__ import annotations

import pytest

from tenants.addresses import AddressReserved, AddressTaken, AddressUnsuitable, check_address, latin, suggest_addresses

pytestmark = pytest.mark.usefixtures("business")


@pytest.mark.parametrize(
    ("typed", "used"), [("corner-shop", "corner-shop"), (" Corner-Shop ", "corner-shop"), ("a1b", "a1b")]
)
def test_a_suitable_free_address_is_used_in_small_letters(typed: str, used: str) -> None:
    assert check_address(typed) == used


@pytest.mark.clause("2.3")
@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Choose an address"),
        ("ab", "too short"),
        ("a" * 41, "too long"),
        ("corner shop", "small Latin letters"),
        ("tee_haus", "small Latin letters"),
        ("茶馆", "small Latin letters"),
        ("-corner", "Begin and end"),
        ("corner-", "Begin and end"),
        ("xn--abc", "one hyphen at a time"),
        ("12345", "at least one letter"),
        ("a.b.c", "small Latin letters"),
        ("a\x00bc", "small Latin letters"),
    ],
)
def test_an_unsuitable_address_is_explained(typed: str, why: str) -> None:
    with pytest.raises(AddressUnsuitable, match=why) as refusal:
        check_address(typed, name="Corner Shop")
    assert refusal.value.field == "address"
    assert refusal.value.suggestions[0] == "corner-shop"


@pytest.mark.clause("2.3")
@pytest.mark.parametrize("typed", ["www", "api", "admin", "operator", "mail", "Regulars"])
def test_a_reserved_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressReserved, match="kept for the service") as refusal:
        check_address(typed, name="Corner Shop")
    assert refusal.value.suggestions[0] == "corner-shop"


@pytest.mark.clause("2.3")
def test_a_taken_address_is_refused_with_free_ones_near_it() -> None:
    with pytest.raises(AddressTaken, match="teahouse") as refusal:
        check_address("TeaHouse")
    assert refusal.value.suggestions[:2] == ["teahouse-club", "teahouse-regulars"]
    for free in refusal.value.suggestions:
        assert check_address(free) == free


def test_a_name_without_latin_letters_is_offered_words() -> None:
    offered = suggest_addresses("山茶")
    assert len(offered) == 3
    assert [check_address(each) for each in offered] == offered


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Café Müller & Söhne", "cafe-muller-sohne"),
        ("Joe's  Bar!", "joes-bar"),
        ("山茶 Tea", "tea"),
        ("茶", ""),
        ("x" * 60, "x" * 40),
    ],
)
def test_what_of_a_name_can_stand_in_a_host(name: str, expected: str) -> None:
    assert latin(name) == expected
