"""The builder of conditions in the back office: rows that an owner fills in, a live count, nothing typed lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import conditions
from regulars.conditions.forms import ConditionField
from tests.multitude import many_members
from tests.regulars.conditions.conftest import buy

pytestmark = [pytest.mark.clause("4.2")]
COUNT = "/office/conditions/count/"


def rows(*lines: dict[str, Any], name: str = "who", match: str = "all") -> dict[str, Any]:
    """One group of lines as a browser sends them."""
    sent: dict[str, Any] = {f"{name}-match": "all", f"{name}-0-match": match}
    for number, line in enumerate(lines):
        sent |= {f"{name}-0-{number}-{part}": value for part, value in line.items()}
    return sent


def cleaned(sent: dict[str, Any]) -> dict[str, Any]:
    """What the field makes of it."""
    from django.http import QueryDict

    data = QueryDict(mutable=True)
    for name, value in sent.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    field = ConditionField()
    return field.clean(field.widget.value_from_datadict(data, {}, "who"))


SPENT = {"field": "sales.spent", "is": "number:at_least", "value": "500", "unit": "days", "time": "90"}


def test_amounts_are_typed_in_the_currency_and_kept_in_minor_units(business: Any) -> None:
    assert cleaned(rows(SPENT)) == {
        "field": "sales.spent",
        "is": "at_least",
        "value": 50_000,
        "within": {"days": 90},
    }


def test_choices_are_named_by_their_words_or_their_codes(business: Any) -> None:
    from regulars.loyalty.models import Tier

    first, second = Tier.objects.order_by("threshold")[:2]
    by_words = {"field": "loyalty.tier", "is": "choice:any_of", "value": f"{first}, {str(second).upper()}"}
    by_codes = {"field": "loyalty.tier", "is": "choice:any_of", "value": [first.code, second.code]}
    expected = {"field": "loyalty.tier", "is": "any_of", "value": [first.code, second.code]}
    assert [cleaned(rows(by_words)), cleaned(rows(by_codes))] == [expected, expected]


def test_groups_and_lines_are_joined_as_chosen(business: Any) -> None:
    young = {"field": "people.age", "is": "number:less_than", "value": "30"}
    agreed = {"field": "people.has_email", "is": "yes_no:yes"}
    sent = rows(SPENT, young, match="any") | {"who-match": "any", "who-1-0-field": "", "who-2-match": "all"}
    sent |= {f"who-2-0-{part}": value for part, value in agreed.items()}
    assert cleaned(sent) == {
        "any": [
            {
                "any": [
                    {"field": "sales.spent", "is": "at_least", "value": 50_000, "within": {"days": 90}},
                    {"field": "people.age", "is": "less_than", "value": 30},
                ]
            },
            {"field": "people.has_email", "is": "yes"},
        ]
    }


def test_a_condition_drawn_and_sent_again_is_the_same(business: Any) -> None:
    import re

    from django.http import QueryDict

    tiers = [code for code, _words in conditions.fields()["loyalty.tier"].choices()][:2]
    stored = {
        "any": [
            {
                "all": [
                    {"field": "sales.spent", "is": "between", "value": [1_050, 50_000], "within": {"months": 3}},
                    {"field": "people.joined", "is": "from", "value": "2026-01-31"},
                ]
            },
            {"field": "loyalty.tier", "is": "none_of", "value": tiers},
        ]
    }
    field = ConditionField()
    html = field.widget.render("who", stored, {"id": "id_who"})
    live = re.sub(r"<template.*?</template>", "", html, flags=re.DOTALL)
    data = QueryDict(mutable=True)
    for tag in re.findall(r"<input[^>]*>", live):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            data.appendlist(name[1], value[1] if value else "")
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', live, flags=re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', body)
        data.appendlist(name, chosen[1] if chosen else "")
    assert field.clean(field.widget.value_from_datadict(data, {}, "who")) == stored


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"field": "sales.spent", "is": "number:at_least", "value": "much"}, "Enter an amount in figures"),
        ({"field": "sales.spent", "is": "number:at_least", "value": "9" * 16}, "Enter an amount in figures"),
        ({"field": "people.age", "is": "number:at_least", "value": "1.5"}, "Enter a whole number"),
        ({"field": "people.age", "is": "choice:any_of", "value": "3"}, "Choose how"),
        ({"field": "loyalty.tier", "is": "choice:any_of", "value": "Platinum"}, "not, or no longer, in the list"),
        ({"field": "loyalty.tier", "is": "choice:any_of", "value": ""}, "Choose at least one"),
        ({"field": "people.joined", "is": "date:from", "value": "2026-02-30"}, "There is no such day"),
        ({"field": "people.joined", "is": "date:from", "value": "1026-02-03"}, "between 1900 and 2200"),
        ({"field": "nobody.knows", "is": "date:from", "value": "2026-02-03"}, "Choose what this is about"),
        (SPENT | {"time": "99999"}, "Enter a time from 1 to 3650"),
        (SPENT | {"unit": "since", "time": "2199-01-01"}, "lies ahead"),
    ],
)
def test_what_is_wrong_stands_beside_its_line_and_nothing_typed_is_lost(
    business: Any, line: dict[str, str], said: str
) -> None:
    from django import forms
    from django.http import QueryDict
    from django.utils.html import escape

    class Rule(forms.Form):
        who = ConditionField()

    data = QueryDict(mutable=True)
    for name, value in rows(SPENT, line).items():
        data[name] = value
    form = Rule(data)
    assert not form.is_valid()
    html = str(form["who"])
    assert said in html[html.index('class="conditions-problem"') :]
    assert escape(line["value"]) in html
    assert html.count('class="conditions-problem"') == 1


def test_what_rows_cannot_show_stays_as_it_is(business: Any) -> None:
    deep = {"all": [{"any": [{"all": [{"field": "people.has_email", "is": "yes"}]}]}]}
    html = ConditionField().widget.render("who", deep)
    assert "It stays as it is" in html
    assert cleaned({"who-match": "all", "who": json.dumps(deep)}) == deep
    assert cleaned({"who-match": "all", "who": json.dumps(deep), "who-clear": "1"}) == {}
    assert cleaned(rows(SPENT) | {"who": json.dumps(deep)})["field"] == "sales.spent"


def test_json_that_is_none_is_refused_in_words(business: Any) -> None:
    from django.core.exceptions import ValidationError

    for text in ("{", "[" * 50_000, '{"all": []}', '"x"', "[1]", "NaN", '{"field": {"a": 1}, "is": 3}'):
        with pytest.raises(ValidationError):
            cleaned({"who": text})


def test_the_purchase_at_hand_is_offered_only_where_there_is_one(business: Any) -> None:
    from django.core.exceptions import ValidationError

    field = ConditionField(with_occasion=False)
    assert "sale.weekday" not in field.widget.render("who", {})
    assert "sale.weekday" in ConditionField().widget.render("who", {})
    with pytest.raises(ValidationError):
        field.clean({"field": "sale.weekday", "is": "any_of", "value": ["2"]})


# The live count -------------------------------------------------------------------------------------------------------


def test_the_count_says_who_is_meant_and_how_many(business: Any, owner: Any, crowd: list[Any], client_for: Any) -> None:
    browser = client_for(business, owner.user)
    said = browser.post(COUNT, rows(SPENT) | {"name": "who"}).json()
    condition = conditions.parse(cleaned(rows(SPENT)))
    assert 0 < condition.count() < 12
    assert said["words"] == "amount spent in the last 90 days is at least ¥500.00"
    assert said["count"] == f"Now it means: {condition.count()} members."
    assert said["warnings"] == []


def test_the_count_tells_what_can_never_be(business: Any, owner: Any, client_for: Any) -> None:
    lines = [{"field": "people.age", "is": f"number:{how}", "value": "30"} for how in ("less_than", "more_than")]
    said = client_for(business, owner.user).post(COUNT, rows(*lines) | {"name": "who"}).json()
    assert said["count"] == "Now it means: 0 members."
    assert said["warnings"][0] == "“age is less than 30” and “age is more than 30” can never be together."


def test_a_condition_on_the_purchase_is_counted_as_far_as_members_decide(
    business: Any, owner: Any, crowd: list[Any], client_for: Any
) -> None:
    tuesday = {"field": "sale.weekday", "is": "choice:any_of", "value": "2"}
    said = client_for(business, owner.user).post(COUNT, rows(SPENT, tuesday) | {"name": "who"}).json()
    members = conditions.parse(cleaned(rows(SPENT))).count()
    assert said["count"].startswith(f"Now it can mean: {members} members.")


def test_the_count_keeps_to_the_scope_of_whoever_asks(
    business: Any, owner: Any, branch: Any, crowd: list[Any], client_for: Any
) -> None:
    from regulars.organisation.team.services import appoint
    from regulars.people.models import Member
    from tests.conftest import PASSWORD

    manager = appoint(name="M", email="m@teahouse.example", password=PASSWORD, role="manager", branch=branch)
    own = Member.objects.filter(branch=branch).count()
    assert 0 < own < 12
    line = {"field": "people.member_days", "is": "number:at_least", "value": "0"}
    said = client_for(business, manager.user).post(COUNT, rows(line) | {"name": "who"}).json()
    assert said["count"] == f"Now it means: {own} members."


def test_nothing_is_offered_beyond_the_scope_of_whoever_asks(
    business: Any, owner: Any, branch: Any, crowd: list[Any], client_for: Any
) -> None:
    from regulars.organisation.team.services import appoint
    from tests.conftest import PASSWORD

    manager = appoint(name="M", email="m@teahouse.example", password=PASSWORD, role="manager", branch=branch)
    seen = {}
    for staff in (owner, manager):
        page = client_for(business, staff.user).get("/office/conditions/members/").content.decode()
        seen[staff.role] = [name in page for name in (branch.public_id, "Lake", "East")]
    assert seen == {"owner": [True, True, True], "manager": [True, False, False]}


def test_a_count_that_takes_too_long_is_given_up(
    business: Any, owner: Any, crowd: list[Any], client_for: Any, monkeypatch: Any
) -> None:
    from regulars.backoffice.views import conditions as page
    from regulars.conditions import registry

    slow = conditions.Field(
        code="test.slow", label="slow", kind="number", group="x", sql=lambda _w: ("length(pg_sleep(0.2)::text)", [])
    )
    monkeypatch.setattr(page, "LIMIT", "100ms")
    monkeypatch.setattr(page, "LIMIT_OF_A_SAMPLE", "100ms")
    known = {**registry.rooms_fields(), "test.slow": slow}
    monkeypatch.setattr(registry, "rooms_fields", lambda: known)
    line = {"field": "test.slow", "is": "number:at_least", "value": "0"}
    said = client_for(business, owner.user).post(COUNT, rows(line) | {"name": "who"}).json()
    assert said["count"].startswith("This takes too long to count")


@pytest.mark.parametrize(
    ("language", "is_at_hand", "words"),
    [
        ("en", False, "Now it means about 12 members, by a sample."),
        ("en", True, "Now it can mean about 12 members, by a sample. The purchase at hand decides the rest."),
        ("zh-hans", False, "按抽样估算，目前大约有 12 位会员符合。"),
        ("zh-hans", True, "按抽样估算，目前最多大约涉及 12 位会员，其余由当次消费决定。"),
    ],
)
def test_where_counting_all_takes_too_long_a_sample_is_asked(
    business: Any,
    owner: Any,
    crowd: list[Any],
    client_for: Any,
    monkeypatch: Any,
    language: str,
    is_at_hand: bool,
    words: str,
) -> None:
    from regulars.backoffice.views import conditions as page
    from regulars.conditions import registry
    from regulars.people.models import Member

    slow_for_all = conditions.Field(
        code="test.slow",
        label="slow",
        kind="number",
        group="x",
        sql=lambda _w: ("member.id", []),
        sql_of_all=lambda _w: ("SELECT id AS member_id, length(pg_sleep(0.2)::text) AS value FROM people_member", []),
    )
    monkeypatch.setattr(page, "LIMIT", "100ms")
    known = {**registry.rooms_fields(), "test.slow": slow_for_all}
    monkeypatch.setattr(registry, "rooms_fields", lambda: known)
    lines = [{"field": "test.slow", "is": "number:at_least", "value": "1"}]
    if is_at_hand:
        lines.append({"field": "sale.amount", "is": "money:at_least", "value": "10"})
    assert Member.objects.filter(is_active=True).count() == 12
    said = client_for(business, owner.user, language).post(COUNT, rows(*lines) | {"name": "who"}).json()
    assert said["count"] == words


def test_a_sample_says_about_how_many(business: Any, branch: Any, monkeypatch: Any) -> None:
    from regulars.conditions import estimate, registry
    from regulars.organisation.scope import WHOLE
    from regulars.people.models import Member

    many_members(600, branch=branch)
    assert Member.objects.count() == 600
    ids = sorted(Member.objects.values_list("pk", flat=True))
    half = conditions.Field(
        code="test.half", label="half", kind="number", group="x", sql=lambda _w: (f"(member.id > {ids[299]})::int", [])
    )
    monkeypatch.setattr(registry, "rooms_fields", lambda: {"test.half": half})
    condition = conditions.parse({"field": "test.half", "is": "at_least", "value": 1})
    assert estimate.about(condition, WHOLE) == condition.count(WHOLE) == 300
    monkeypatch.setattr(estimate, "SAMPLE", 300)
    guesses = [estimate.about(condition, WHOLE) for _time in range(5)]
    assert all(200 <= guess <= 400 and guess % 10 == 0 for guess in guesses)


def test_the_branches_are_asked_for_once_however_many_lines_and_fields_show_them(
    business: Any, crowd: list[Any], branch: Any
) -> None:
    line = {"field": "people.branch", "is": "any_of", "value": [branch.public_id]}
    conditions.fields()
    with CaptureQueriesContext(connection) as asked:
        field = ConditionField()
        drawn = field.widget.render("who", {"all": [line] * 20}, {})
        conditions.parse({"all": [line] * 20}).words()
    assert drawn.count("selected>home branch") == 20
    assert sum('FROM "organisation_branch"' in query["sql"] for query in asked) == 3  # drawn, read, said


# Members by a condition -----------------------------------------------------------------------------------------------


def test_members_are_found_by_a_condition_and_kept_as_a_view(
    business: Any, owner: Any, crowd: list[Any], client_for: Any
) -> None:
    browser = client_for(business, owner.user)
    page = browser.get("/office/conditions/members/")
    assert page.status_code == 200
    found = browser.post("/office/conditions/members/", rows(SPENT, name="condition"))
    listed = browser.get(found["location"])
    html = listed.content.decode()
    assert "of whom this is true: amount spent in the last 90 days is at least ¥500.00" in html
    assert listed.context["items_count"] == conditions.parse(cleaned(rows(SPENT))).count()
    query = found["location"].partition("?")[2]
    kept = browser.post("/office/members/views/", {"name": "Spenders", "query": query})
    assert browser.get(kept["location"]).context["items_count"] == listed.context["items_count"]


def test_a_list_with_a_condition_that_nobody_can_read_is_empty(
    business: Any, owner: Any, crowd: list[Any], client_for: Any
) -> None:
    browser = client_for(business, owner.user)
    for who in ("{", '{"field": "gone.away", "is": "yes"}', '{"field": "sale.amount", "is": "at_least", "value": 1}'):
        assert browser.get("/office/members/", {"who": who}).context["items_count"] == 0
    assert browser.get("/office/members/").context["items_count"] == 12


def test_a_page_that_says_nothing_is_sent_back(business: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(business, owner.user).post("/office/conditions/members/", {"condition-match": "all"})
    assert answer.status_code == 422
    assert "choose at least one statement" in answer.content.decode()


def test_a_condition_too_long_for_the_address_of_a_list_is_sent_back(
    business: Any, owner: Any, client_for: Any
) -> None:
    lines = [SPENT] * 60
    answer = client_for(business, owner.user).post("/office/conditions/members/", rows(*lines, name="condition"))
    assert answer.status_code == 422
    assert "This condition is too long." in answer.content.decode()
    assert answer.content.decode().count('value="500"') == 60


def test_buying_moves_a_member_into_the_count(business: Any, crowd: list[Any], branch: Any) -> None:
    condition = conditions.parse(cleaned(rows(SPENT | {"value": "1000000"})))
    assert condition.count() == 0
    buy(crowd[0], branch, 100_000_000)
    assert condition.count() == 1
