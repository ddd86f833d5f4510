"""Joining: short, proved, agreed to with proof, and the same person only once."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from regulars import clock
from regulars.errors import InvalidInput, TooMany
from regulars.operations.models import OutboxEvent
from regulars.outreach.models import Message
from regulars.people.contacts import Contact, normal_contact
from regulars.people.models import Consent, Member, SignInCode
from regulars.people.selectors import agrees_to_marketing, card_of, find_members, member_of
from regulars.people.services import (
    AlreadyMember,
    WrongCode,
    change_profile,
    check_code,
    join,
    luhn_digit,
    request_code,
    set_marketing_consent,
    user_for,
)

pytestmark = pytest.mark.clause("2.5")
PHONE = Contact("phone", "+8613800138000")


def newest_code():
    return re.search(r"\d{6}", Message.objects.order_by("-id")[0].body)[0]


@pytest.mark.parametrize(
    ("typed", "contact"),
    [
        ("138 0013 8000", PHONE),
        ("+86 13800138000", PHONE),
        ("１３８００１３８０００", PHONE),
        ("+44 7400 123456", Contact("phone", "+447400123456")),
        ("Li.Hua@Example.com ", Contact("email", "li.hua@example.com")),
    ],
)
def test_two_spellings_of_one_contact_are_the_same(typed, contact):
    assert normal_contact(typed, country="CN") == contact


@pytest.mark.parametrize("typed", ["", "abc", "123", "a@b", "1" * 5000, "<script>", "@@"])
def test_what_is_no_contact_is_refused_by_name(typed):
    with pytest.raises(InvalidInput) as refusal:
        normal_contact(typed)
    assert refusal.value.field == "contact"


@pytest.mark.capability(1)
def test_a_code_is_accepted_once(business):
    request_code(contact=PHONE, language="zh-hans")
    code = newest_code()
    check_code(contact=PHONE, code=code)
    with pytest.raises(WrongCode):
        check_code(contact=PHONE, code=code)


def test_a_code_is_kept_only_as_a_hash(business):
    request_code(contact=PHONE, language="en")
    assert newest_code() not in SignInCode.objects.get().code_hash


def test_a_code_grows_old_after_ten_minutes(business, noon):
    with clock.turned_to(noon):
        request_code(contact=PHONE, language="en")
    with clock.turned_to(noon + dt.timedelta(minutes=10)), pytest.raises(WrongCode):
        check_code(contact=PHONE, code=newest_code())


def test_five_wrong_tries_spoil_a_code(business):
    request_code(contact=PHONE, language="en")
    code = newest_code()
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(5):
        with pytest.raises(WrongCode):
            check_code(contact=PHONE, code=wrong)
    with pytest.raises(WrongCode):
        check_code(contact=PHONE, code=code)


def test_codes_cannot_be_asked_for_without_end(business):
    for _time in range(6):
        request_code(contact=PHONE, language="en")
    with pytest.raises(TooMany):
        request_code(contact=PHONE, language="en")
    assert SignInCode.objects.count() == 6


@pytest.mark.capability(22)
def test_joining_makes_wallet_card_standing_consent_and_a_fact(branch):
    member = join(contact=PHONE, name="Li Hua", language="zh-hans", source="counter", branch=branch, address="10.0.0.7")
    card = card_of(member)
    assert luhn_digit(card.number[:-1]) == card.number[-1]
    assert member.standing.tier.threshold == 0
    consent = Consent.objects.get(member=member)
    assert (consent.purpose, consent.is_given, consent.version, consent.address) == (
        "terms",
        True,
        "2026-11",
        "10.0.0.7",
    )
    assert "会员条款" in consent.words
    assert OutboxEvent.objects.get(name="member_joined").payload["member"] == member.public_id


@pytest.mark.capability(158)
def test_marketing_needs_a_yes_and_a_no_counts_at_once(branch):
    member = join(contact=PHONE, language="en", source="site")
    assert not agrees_to_marketing(member)
    set_marketing_consent(member=member, is_given=True, source="site")
    assert agrees_to_marketing(member)
    set_marketing_consent(member=member, is_given=False, source="site")
    assert not agrees_to_marketing(member)
    assert Consent.objects.filter(member=member, purpose="marketing").count() == 2


def test_the_same_contact_joins_once(branch):
    first = join(contact=PHONE, language="en", source="site")
    with pytest.raises(AlreadyMember) as refusal:
        join(contact=PHONE, language="en", source="counter")
    assert (refusal.value.member.pk, Member.objects.count()) == (first.pk, 1)


def test_the_login_is_made_at_the_first_sign_in_only(member):
    assert member.user_id is None
    user = user_for(member=member)
    assert user_for(member=Member.objects.get(pk=member.pk)).pk == user.pk
    assert member_of(user) == member
    assert not user.has_usable_password()


def test_a_member_is_found_by_card_code_phone_tail_and_name(member):
    card = card_of(member)
    spaced = " ".join(card.number[i : i + 4] for i in range(0, 16, 4))
    for text in (card.number, spaced, card.code, "8000", "13800138000", "+8613800138000", "li h"):
        assert find_members(text) == [member], text
    for text in ("", "8", "9999", "nobody", "%", "'; drop table"):
        assert find_members(text) == [], text


def test_a_birthday_in_the_future_is_refused(member):
    with pytest.raises(InvalidInput) as refusal:
        change_profile(member=member, birthday=clock.today() + dt.timedelta(days=1))
    assert refusal.value.field == "birthday"
