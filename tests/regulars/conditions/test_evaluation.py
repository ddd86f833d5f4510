"""One condition, two evaluations: in SQL for sets and in memory for one, and never another answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings

from regulars import conditions
from regulars.conditions import registry
from regulars.conditions.fields import Field
from regulars.people.models import AnswerKind
from tests.regulars.conditions.conftest import NOW
from tests.regulars.conditions.worlds import trees

pytestmark = [pytest.mark.clause("4.2")]
NOBODY = "So nobody can ever meet this condition."


def agree(crowd: list[Any], fields: dict[str, Field], *, examples: int, seen: dict[str, int]) -> None:
    """Random trees over these fields: exactly the same members, asked as a set and one by one."""
    from regulars.people.models import Member

    everybody = [member.pk for member in crowd]

    @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(raw=trees(fields))
    def ask(raw: Any) -> None:
        condition = conditions.parse(raw)
        as_set = {member.pk for member in condition.members(Member.objects.filter(pk__in=everybody))}
        facts = conditions.facts_of_many(everybody, condition)
        one_by_one = {pk for pk in everybody if condition.holds(facts[pk])}
        assert as_set == one_by_one, condition.words()
        assert conditions.stored(condition.as_json()).as_json() == condition.as_json()
        seen["none" if not as_set else "all" if len(as_set) == len(everybody) else "some"] += 1
        if conditions.contradictions(condition)[-1:] == [NOBODY]:
            assert not as_set, condition.words()

    ask()


def test_sql_and_memory_agree(crowd: list[Any]) -> None:
    seen = {"all": 0, "none": 0, "some": 0}
    agree(crowd, registry.rooms_fields(), examples=200, seen=seen)
    assert min(seen.values()) > 10, seen


@pytest.mark.capability(5)
@pytest.mark.capability(6)
@pytest.mark.capability(42)
def test_they_agree_on_what_the_business_laid_down_itself(crowd: list[Any]) -> None:
    """The tier on a track of its own and the answers to its own questions, of which some members gave none."""
    from regulars.loyalty.models import Tier, Track, TrackStanding
    from regulars.people import profile

    track = Track.objects.create(code="club-of-ours", words={"en": "Club"}, basis={"measures": []})
    rungs = [
        Tier.objects.create(code=code, track=track, words={"en": code}, threshold=n) for n, code in enumerate("ab")
    ]
    cache.clear()
    choices = [{"en": "Tea"}, {"en": "Sport"}, {"en": "Music"}]
    for kind in AnswerKind.values:
        profile.save_field(code=f"a_{kind}", words={"en": kind}, kind=kind, choices=choices if "choice" in kind else ())
    for number, member in enumerate(crowd):
        given = {
            "a_text": ["x", "TeaX", "Äx", "%'x"][number % 4],
            "a_choice": f"c{number % 3 + 1}",
            "a_choices": [f"c{bit + 1}" for bit in range(3) if number >> bit & 1],
            "a_number": number * number - 5,
            "a_date": NOW.date() - dt.timedelta(days=number * 7),
            "a_yes_no": number % 2 == 0,
        }
        profile.answer(
            member=member, answers={code: value for code, value in given.items() if (number + ord(code[2])) % 4}
        )
        if number % 3:
            since = NOW - dt.timedelta(days=number)
            TrackStanding.objects.create(member=member, track=track, tier=rungs[number % 2], since=since)
    own = {code: field for code, field in registry.fields().items() if code not in registry.rooms_fields()}
    assert {code for code in own if code.startswith(("profile.", "tier_"))} == {
        "tier_on.club-of-ours",
        "tier_since.club-of-ours",
        *(f"profile.a_{kind}" for kind in AnswerKind.values),
    }
    seen = {"all": 0, "none": 0, "some": 0}
    agree(crowd, own, examples=100, seen=seen)
    assert min(seen.values()) > 10, seen
