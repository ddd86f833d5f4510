"""What a business asks of its members: laid down by owners, answered by those it concerns, used in conditions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from regulars import conditions
from regulars.errors import InvalidInput
from regulars.people import profile
from regulars.people.models import Member, ProfileField

pytestmark = [pytest.mark.clause("4.2")]

SETTINGS = "/office/settings/profile/"
COLOURS = [{"en": "Red", "zh-hans": "红色"}, {"en": "Blue", "zh-hans": "蓝色"}]
HOBBIES = [{"en": "Tea"}, {"en": "Sport"}, {"en": "Music"}]


def ask(code: str, kind: str, **more: Any) -> ProfileField:
    """A question by its code."""
    return profile.save_field(code=code, words={"en": code.title()}, kind=kind, **more)


@pytest.fixture
def questions(business: Any) -> dict[str, ProfileField]:
    """One of each kind."""
    return {
        "colour": ask("colour", "choice", choices=COLOURS),
        "hobbies": ask("hobbies", "choices", choices=HOBBIES),
        "job": ask("job", "text"),
        "children": ask("children", "number", is_shown=False),
        "wedding": ask("wedding", "date"),
        "driver": ask("driver", "yes_no"),
    }


ANSWERS = {
    "colour": "c2",
    "hobbies": ["c3", "c1"],
    "job": "Nurse",
    "children": 2,
    "wedding": dt.date(2015, 5, 1),
    "driver": False,
}
KEPT = {**ANSWERS, "hobbies": ["c1", "c3"], "wedding": "2015-05-01"}


@pytest.mark.capability(4)
@pytest.mark.capability(5)
@pytest.mark.capability(6)
@pytest.mark.parametrize(
    ("statement", "is_so"),
    [
        ({"field": "profile.colour", "is": "any_of", "value": ["c2"]}, True),
        ({"field": "profile.colour", "is": "none_of", "value": ["c2"]}, False),
        ({"field": "profile.hobbies", "is": "all_of", "value": ["c1", "c3"]}, True),
        ({"field": "profile.hobbies", "is": "any_of", "value": ["c2"]}, False),
        ({"field": "profile.job", "is": "contains", "value": "nur"}, True),
        ({"field": "profile.children", "is": "at_least", "value": 3}, False),
        ({"field": "profile.wedding", "is": "before", "value": "2015-05-02"}, True),
        ({"field": "profile.driver", "is": "yes"}, False),
        ({"field": "profile.driver", "is": "no"}, True),
    ],
)
def test_members_are_chosen_by_what_they_answered(
    questions: Any, member: Member, statement: dict[str, Any], is_so: bool
) -> None:
    profile.answer(member=member, answers=ANSWERS)
    condition = conditions.parse(statement)
    assert (condition.holds(conditions.facts_of(member, condition)), condition.count()) == (is_so, int(is_so))


def test_whoever_did_not_answer_is_meant_by_no_positive_statement(questions: Any, member: Member) -> None:
    for code, field in conditions.fields().items():
        if code.startswith("profile."):
            said = conditions.parse({"field": code, "is": "yes" if field.kind == "yes_no" else "known"})
            assert said.count() == (1 if field.kind == "choices" else 0), code
    assert conditions.parse({"field": "profile.hobbies", "is": "none_of", "value": ["c1"]}).count() == 1


def test_an_answer_is_kept_and_told_in_words(questions: dict[str, ProfileField], member: Member) -> None:
    profile.answer(member=member, answers=ANSWERS)
    member.refresh_from_db()
    assert member.profile == KEPT
    words = {code: profile.answer_in_words(field, member) for code, field in questions.items()}
    assert words == {
        "colour": "Blue",
        "hobbies": "Tea, Music",
        "job": "Nurse",
        "children": "2",
        "wedding": "1 May 2015",
        "driver": "no",
    }
    with translation.override("zh-hans"):
        assert profile.answer_in_words(questions["colour"], member) == "蓝色"
        assert conditions.parse({"field": "profile.colour", "is": "is", "value": "c2"}).words() == "Colour为蓝色"
    profile.answer(member=member, answers={"colour": None, "job": ""})
    assert set(member.profile) == {"hobbies", "children", "wedding", "driver"}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("colour", "c9"),
        ("colour", ["c1", "c2"]),
        ("hobbies", ["c1", "x"]),
        ("job", "x" * 201),
        ("children", 10**13),
        ("children", True),
        ("children", "2"),
        ("wedding", dt.date(1800, 1, 1)),
        ("wedding", "2015-05-01"),
        ("driver", "yes"),
        ("nobody_asks", "x"),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_question(questions: Any, member: Member, code: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        profile.answer(member=member, answers={"job": "Cook", code: value})
    assert refusal.value.field == f"profile_{code}"
    member.refresh_from_db()
    assert member.profile == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "Ü x"}, "code"),
        ({"code": "job"}, "code"),
        ({"words": {"en": ""}}, "words"),
        ({"kind": "photo"}, "kind"),
        ({"kind": "choice"}, "choices"),
        ({"kind": "choice", "choices": [{"en": "a"}, {"en": "a"}, {"en": "b"}, {"en": ""}]}, "choices"),
        ({"kind": "choice", "choices": [{"en": str(number)} for number in range(61)]}, "choices"),
    ],
)
def test_a_wrong_question_is_refused(questions: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        profile.save_field(**{"code": "new", "words": {"en": "New"}, "kind": "text", **given})
    assert refusal.value.field == field
    assert ProfileField.objects.count() == 6


def test_choices_keep_their_meaning_however_they_are_moved(questions: dict[str, ProfileField], member: Member) -> None:
    profile.answer(member=member, answers={"colour": "c2"})
    colour = questions["colour"]
    green, blue, red = {"en": "Green", "zh-hans": "绿色"}, COLOURS[1], COLOURS[0]

    def now(*choices: dict[str, str]) -> list[str]:
        saved = profile.save_field(field=colour, code="colour", words={"en": "Colour"}, kind="choice", choices=choices)
        return [choice["code"] for choice in saved.choices]

    assert now(green, blue, red) == ["c3", "c2", "c1"]
    assert now(green, {"en": "Navy", "zh-hans": "藏青"}, red) == ["c3", "c2", "c1"]
    assert profile.answer_in_words(colour, member) == "Navy"
    with pytest.raises(InvalidInput, match="Members have answered “Navy”"):
        now(green)
    with pytest.raises(InvalidInput, match="stays what it is"):
        profile.save_field(field=colour, code="colour", words={"en": "Colour"}, kind="text")


def test_a_question_put_away_is_asked_no_more_and_comes_back_with_its_answers(
    questions: dict[str, ProfileField], member: Member
) -> None:
    profile.answer(member=member, answers={"job": "Nurse"})
    asked = {"field": questions["job"], "code": "job", "words": {"en": "Job"}, "kind": "text"}
    is_nurse = {"field": "profile.job", "is": "is", "value": "nurse"}
    profile.save_field(**asked, is_active=False)
    assert conditions.stored(is_nurse).missing == {"profile.job"}
    assert conditions.stored(is_nurse).count() == 0
    with pytest.raises(InvalidInput, match="Nobody is asked this any more"):
        profile.answer(member=member, answers={"job": "Cook"})
    profile.save_field(**asked)
    assert conditions.parse(is_nurse).count() == 1


def test_the_trail_knows_what_was_answered_until_the_key_is_gone(questions: Any, member: Member, owner: Any) -> None:
    from regulars.operations.models import TrailEntry

    profile.answer(member=member, answers={"job": "Lighthouse keeper"}, by=owner.public_id)
    entry = TrailEntry.objects.filter(act="member.changed").latest("pk")
    assert entry.actor == owner.public_id
    assert "Lighthouse" not in str({name: str(value) for name, value in vars(entry).items()})


# Screens --------------------------------------------------------------------------------------------------------------


@pytest.mark.capability(7)
@pytest.mark.capability(8)
def test_an_owner_asks_and_staff_fill_in(business: Any, owner: Any, member: Member, client_for: Any) -> None:
    office = client_for(business, owner.user)
    assert "Begin with a ready one" in office.get(SETTINGS).content.decode()
    ready = office.get(f"{SETTINGS}new/?ready=interests").content.decode()
    assert "Reading | 阅读" in ready
    form = {"code": "colour", "name_en": "Colour", "kind": "choice", "position": "1", "is_active": "on"}
    lines = "Red | 红色\n\nBlue｜蓝色\n"
    assert office.post(f"{SETTINGS}new/", form).status_code == 422
    assert office.post(f"{SETTINGS}new/", {**form, "choices": lines}).status_code == 302
    saved = ProfileField.objects.get()
    assert [choice["words"] for choice in saved.choices] == COLOURS
    assert not saved.is_shown
    page = f"/office/members/{member.public_id}/"
    assert office.get(f"{page}profile/").status_code == 200
    assert office.post(f"{page}profile/", {"profile_colour": "c7"}).status_code == 422
    assert office.post(f"{page}profile/", {"profile_colour": "c2"}).status_code == 302
    shown = office.get(page).content.decode()
    assert "<dt>Colour</dt><dd>Blue</dd>" in shown
    changed = {**form, "choices": lines, "name_en": "Favourite colour"}
    assert office.post(f"{SETTINGS}colour/", changed).status_code == 302
    assert "Favourite colour" in office.get(SETTINGS).content.decode()
    assert office.get(f"{SETTINGS}nothing/").status_code == 404


@pytest.mark.capability(15)
def test_answers_are_columns_of_the_list_and_of_its_download(
    business: Any, owner: Any, member: Member, client_for: Any, questions: Any
) -> None:
    profile.answer(member=member, answers=ANSWERS)
    office = client_for(business, owner.user)
    office.post("/office/members/columns/", {"column": ["profile_colour", "profile_hobbies"]})
    page = office.get("/office/members/").content.decode()
    assert "Tea, Music" in page
    sheet = b"".join(office.get("/office/members/", {"export": "csv"})).decode()
    assert "Blue" in sheet
    assert "Nurse" not in sheet  # not among the columns that were chosen


@pytest.mark.capability(20)
def test_a_member_answers_what_is_meant_for_members_and_takes_it_back(
    business: Any, member: Member, client_for: Any, questions: Any
) -> None:
    from regulars.people.services import user_for

    profile.answer(member=member, answers={"children": 2})
    phone = client_for(business, user_for(member=member))
    page = phone.get("/me/profile/").content.decode()
    assert 'name="profile_colour"' in page
    assert "profile_children" not in page
    about = {"name": member.name, "birthday": "", "language": "en"}
    answered = {"profile_colour": "c1", "profile_hobbies": ["c2"], "profile_driver": "True"}
    sent = phone.post("/me/profile/", {**about, **answered, "profile_wedding": "2015-05-01"})
    assert sent.status_code == 302
    member.refresh_from_db()
    given = {"colour": "c1", "hobbies": ["c2"], "driver": True, "wedding": "2015-05-01", "children": 2}
    assert member.profile == given
    assert "Changed: your answers." in phone.get("/me/profile/?changed").content.decode()
    refused = phone.post("/me/profile/", {**about, **answered, "profile_wedding": "soon", "name": "Else"})
    assert refused.status_code == 400
    phone.post("/me/profile/", {**about, "profile_children": "9"})
    member.refresh_from_db()
    assert member.profile == {"children": 2}
    phone.post("/me/profile/", {"undo": "1"})
    member.refresh_from_db()
    assert member.profile == given
    assert '"driver": true' in phone.get("/me/profile/data.json").content.decode()
