"""A person joins in the middle of a sale: with their agreement, by contact, and the sale is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

pytestmark = [pytest.mark.capability(11), pytest.mark.clause("2.5")]

FORM = {"new-contact": "139 0013 9000", "new-name": "Wang Fang", "new-language": "zh-hans", "new-agrees": "on"}


def test_joining_is_offered_with_what_was_typed_and_nothing_ticked(till: Any) -> None:
    page = till.post(joining="13900139000").content.decode()
    assert 'value="13900139000"' in page
    assert 'type="checkbox"' in page
    assert "checked" not in page
    assert "我同意会员条款" in page or "I agree to the membership terms" in page


def test_enter_on_what_is_unknown_opens_the_form(till: Any) -> None:
    assert b"13900139000" in till.enter("13900139000").content
    assert b'name="new-contact"' in till.post(text="13900139000", unknown="13900139000").content


def test_a_person_joins_and_the_sale_goes_on_as_theirs(till: Any, branch: Branch, basket: Any, carried: Any) -> None:
    from regulars.people.models import Consent, Member

    answer = till.post("join/", **FORM, **basket("20"))
    joined = Member.objects.get(phone="+8613900139000")
    assert (joined.name, joined.source, joined.branch, joined.language) == ("Wang Fang", "counter", branch, "zh-hans")
    assert [
        (consent.purpose, consent.is_given, consent.language) for consent in Consent.objects.filter(member=joined)
    ] == [("terms", True, "zh-hans")]
    assert carried(answer)["member"] == joined.public_id
    assert 'value="20"' in answer.content.decode()
    assert joined.cards.count() == 1


def test_offers_and_news_only_for_those_who_want_them(till: Any) -> None:
    from regulars.people.models import Member
    from regulars.people.selectors import agrees_to_marketing

    till.post("join/", **FORM, **{"new-marketing": "on"})
    assert agrees_to_marketing(Member.objects.get(phone="+8613900139000"))


def test_without_agreement_nobody_joins(till: Any, basket: Any) -> None:
    from regulars.people.models import Member

    answer = till.post("join/", **{name: value for name, value in FORM.items() if name != "new-agrees"}, **basket("20"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "tick this once they agreed" in page
    assert 'value="Wang Fang"' in page
    assert 'value="20"' in page
    assert not Member.objects.exists()


def test_the_words_follow_the_language_chosen(till: Any) -> None:
    english = till.post("join/", **FORM | {"new-language": "en", "reword": "1"}).content.decode()
    chinese = till.post("join/", **FORM | {"reword": "1"}).content.decode()
    assert "I agree to the membership terms" in english
    assert "我同意会员条款" in chinese
    assert 'value="Wang Fang"' in chinese


def test_who_is_a_member_already_is_taken(till: Any, member: Member, carried: Any) -> None:
    from regulars.people.models import Member as Members

    answer = till.post("join/", **FORM | {"new-contact": "13800138000"})
    assert carried(answer)["member"] == member.public_id
    assert b"a member already" in answer.content
    assert Members.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("new-contact", ""),
        ("new-contact", "abc"),
        ("new-contact", "1" * 500),
        ("new-contact", "a@b"),
        ("new-contact", "\x00"),
        ("new-name", "x" * 500),
        ("new-language", "tlh"),
    ],
)
def test_bad_input_is_answered_beside_the_field(till: Any, field: str, value: str) -> None:
    from regulars.people.models import Member

    answer = till.post("join/", **FORM | {field: value})
    assert answer.status_code == 422
    assert not Member.objects.exists()


def test_a_name_that_is_script_stays_text(till: Any) -> None:
    answer = till.post("join/", **FORM | {"new-name": "<script>alert(1)</script>"})
    assert b"<script>alert" not in answer.content


@pytest.mark.clause("5.6")
def test_a_phone_that_is_known_takes_its_member_before_anything_else_is_asked(till: Any, member: Any) -> None:
    unknown = till.post("join/", known="1", **{"new-contact": "13800138999"})
    assert unknown.status_code == 204
    answer = till.post("join/", known="1", **{"new-contact": "13800138000"}).content.decode()
    assert "is a member already, so the sale is theirs" in answer
    assert member.public_id in answer
    assert "+8613800138000" not in answer
