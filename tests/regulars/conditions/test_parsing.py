"""What is refused as a condition, in words that name what is wrong, and what was saved and is no longer there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from regulars import clock, conditions
from regulars.errors import InvalidInput

pytestmark = [pytest.mark.clause("4.2")]
ADULT = {"field": "people.age", "is": "at_least", "value": 18}


def refusal(raw: Any) -> str:
    """What is said to it."""
    with pytest.raises(InvalidInput) as refused:
        conditions.parse(raw)
    assert refused.value.field == "condition"
    return str(refused.value)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "“all of”, “any of”"),
        ("x", "“all of”, “any of”"),
        ({"all": []}, "at least one statement"),
        ({"any": ADULT}, "at least one statement"),
        ({"all": [ADULT], "any": [ADULT]}, "“any” has no place here"),
        ({"not": ADULT, "field": 1}, "“field” has no place here"),
        ({"all": [None]}, "“all of”, “any of”"),
        ({"is": "at_least"}, "nothing called “”"),
        (ADULT | {"field": "people.shoe_size"}, "nothing called “people.shoe_size”"),
        (ADULT | {"field": ["people.age"]}, "nothing called"),
        (ADULT | {"is": "contains"}, "age: This cannot be said about it. Choose: at_least"),
        (ADULT | {"is": None}, "This cannot be said about it"),
        (ADULT | {"is": ["at_least"]}, "This cannot be said about it"),
        (ADULT | {"value": "18"}, "age: Enter a whole number."),
        (ADULT | {"value": True}, "Enter a whole number."),
        (ADULT | {"value": 1.5}, "Enter a whole number."),
        (ADULT | {"value": None}, "Enter a whole number."),
        (ADULT | {"value": 10**30}, "Enter a whole number from -1000000000000 to 1000000000000."),
        (ADULT | {"within": {"days": 3}}, "age: This is not counted over a time."),
        (ADULT | {"wihtin": {"days": 3}}, "“wihtin” has no place here"),
        (ADULT | {"is": "between", "value": [18]}, "Enter two values"),
        (ADULT | {"is": "between", "value": [30, 18]}, "Turn them round"),
        (ADULT | {"is": "known", "value": 3}, "This needs no value"),
        ({"field": "sales.spent", "is": "at_least", "value": 10**14}, "Enter a whole number from"),
        ({"field": "sales.spent", "is": "at_least", "value": 1, "within": {"days": 0}}, "from 1 to 3650"),
        ({"field": "sales.spent", "is": "at_least", "value": 1, "within": {"days": 10**9}}, "from 1 to 3650"),
        ({"field": "sales.spent", "is": "at_least", "value": 1, "within": {"weeks": 2}}, "Say for which time"),
        ({"field": "sales.spent", "is": "at_least", "value": 1, "within": {"days": 1, "months": 1}}, "Say for which"),
        ({"field": "sales.spent", "is": "at_least", "value": 1, "within": {"since": "2199-01-01"}}, "lies ahead"),
        ({"field": "sales.spent", "is": "at_least", "value": 1, "within": 90}, "Say for which time"),
        ({"field": "people.joined", "is": "from", "value": "31.3.2026"}, "Enter a day, for example"),
        ({"field": "people.joined", "is": "from", "value": "2026-02-30"}, "no such day"),
        ({"field": "people.joined", "is": "from", "value": "0001-01-01"}, "between 1900 and 2200"),
        ({"field": "people.joined", "is": "last_days", "value": 0}, "from 1 to 3650"),
        ({"field": "people.language", "is": "any_of", "value": []}, "Choose at least one"),
        ({"field": "people.language", "is": "any_of", "value": "en"}, "Choose at least one"),
        ({"field": "people.language", "is": "any_of", "value": [3]}, "Choose from the list"),
        ({"field": "people.language", "is": "any_of", "value": ["tlh"]}, "“tlh” is not, or no longer, in the list"),
        ({"field": "people.tags", "is": "any_of", "value": ["x"] * 201}, "at most 200"),
        ({"field": "sale.category", "is": "any_of", "value": ["tea\x00"]}, "Choose from the list"),
        ({"field": "sale.category", "is": "any_of", "value": ["tea\ud800"]}, "Choose from the list"),
        ({"field": "a\ud800\x00b", "is": "yes"}, "nothing called “a\ufffd\ufffdb”"),
        (ADULT | {"\ud800": 1}, "“\ufffd” has no place here"),
        ({"field": "people.has_email", "is": "is", "value": "yes"}, "This cannot be said about it"),
    ],
)
def test_what_is_wrong_is_refused_by_name(business: Any, raw: Any, said: str) -> None:
    assert said in refusal(raw)


def test_a_tree_may_be_neither_deeper_nor_longer_than_people_can_read(business: Any) -> None:
    deep: Any = ADULT
    for _level in range(5):
        deep = {"not": deep}
    assert conditions.parse(deep).as_json() == deep
    assert "more than 6 levels deep" in refusal({"not": deep})
    for _level in range(10_000):
        deep = {"not": deep}
    assert "more than 6 levels deep" in refusal(deep)
    assert conditions.parse({"all": [ADULT] * 60}).fields == {"people.age"}
    assert "more than 60 statements" in refusal({"all": [ADULT] * 61})
    assert "more than 60 statements" in refusal({"all": [{"any": [ADULT] * 31}, {"any": [ADULT] * 30}]})


def test_refusals_speak_chinese(business: Any) -> None:
    with translation.override("zh-hans"):
        said = refusal(ADULT | {"value": "18"})
    assert said == "年龄：请填写整数。"


def test_a_condition_without_a_tree_always_holds(business: Any, member: Any) -> None:
    for raw in (None, {}):
        condition = conditions.parse(raw)
        assert condition.is_always
        assert (condition.as_json(), condition.explain(conditions.facts_of(member, condition))) == ({}, [])
        assert condition.holds(conditions.facts_of(None, condition))
        assert condition.count() == 1


def test_a_choice_that_went_is_kept_in_what_was_saved(business: Any) -> None:
    from regulars.people.tags import tag_named

    tag = tag_named(name="Chess", by="")
    raw = {"field": "people.tags", "is": "any_of", "value": [tag.public_id]}
    assert conditions.parse(raw).words() == "tags include Chess"
    tag.delete()
    assert "no longer" in refusal(raw)
    kept = conditions.stored(raw)
    assert (kept.missing, kept.count(), kept.as_json()) == (frozenset(), 0, raw)


@pytest.mark.django_db
def test_what_was_saved_is_read_without_a_query(business: Any, django_assert_num_queries: Any) -> None:
    raw = {"all": [ADULT, {"field": "loyalty.tier", "is": "any_of", "value": ["gold"]}]}
    conditions.stored(raw)
    with django_assert_num_queries(0):
        assert conditions.stored(raw).fields == {"people.age", "loyalty.tier"}


# Modules that come and go ---------------------------------------------------------------------------------------------

PROMISED = {"field": "specimen.promises", "is": "at_least", "value": 1}


def test_a_field_of_a_module_can_be_asked_while_it_is_on(business: Any, member: Any) -> None:
    from regulars.plugins import switch

    assert "It may belong to a module that is switched off." in refusal(PROMISED)
    switch.switch_on(name="specimen", by="Lin Owner")
    condition = conditions.parse(PROMISED)
    assert (condition.count(), condition.holds(conditions.facts_of(member, condition))) == (0, False)
    from specimen.services import promise

    promise(member=member.public_id)
    facts = conditions.facts_of(member, condition)
    assert (condition.count(), condition.holds(facts)) == (1, True)
    assert condition.explain(facts) == [
        conditions.Why("number of promises is at least 1", True, "1"),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_a_condition_on_a_module_that_was_switched_off_never_holds_and_says_so(
    business: Any, member: Any, turned: bool
) -> None:
    """Neither does its contrary: nobody can say."""
    from regulars.plugins import switch

    switch.switch_on(name="specimen", by="Lin Owner")
    saved = conditions.parse({"not": PROMISED} if turned else {"any": [PROMISED, ADULT | {"value": 0}]}).as_json()
    switch.close(name="specimen", by="Lin Owner")
    assert conditions.stored(saved).missing == frozenset()
    switch.switch_off(name="specimen", by="Lin Owner")
    condition = conditions.stored(saved)
    assert condition.missing == {"specimen.promises"}
    facts = conditions.facts_of(member, condition)
    assert (condition.count(), condition.holds(facts), condition.as_json()) == (0, False, saved)
    assert "specimen.promises; its module may be switched off" in condition.words()
    first = condition.explain(facts)[0]
    assert (first.holds, first.actual) == (False, "not known")
    switch.switch_on(name="specimen", by="Lin Owner")
    assert conditions.stored(saved).missing == frozenset()


def test_a_module_cannot_take_the_place_of_a_room(business: Any, monkeypatch: Any) -> None:
    from regulars import plugins
    from regulars.conditions import registry

    own = registry.rooms_fields()["people.age"]
    other = conditions.Field(code="people.age", label="x", kind="text", sql=None, group="x")
    monkeypatch.setattr(plugins, "ask", lambda _spec: [other])
    assert registry.fields()["people.age"] is own


def test_what_cannot_be_read_never_holds(business: Any, member: Any) -> None:
    for raw in ([], "x", {"all": []}, 3, {"field": "people.age", "is": "at_least", "value": "x"}):
        condition = conditions.stored(raw)
        assert condition.missing
        assert not condition.holds(conditions.facts_of(member, condition))
        assert condition.count() == 0


# Contradictions -------------------------------------------------------------------------------------------------------


def spent(how: str, value: Any, **more: Any) -> dict[str, Any]:
    """A statement on what was spent."""
    return {"field": "sales.spent", "is": how, "value": value, **more}


def about(field: str, how: str, value: Any = None) -> dict[str, Any]:
    """Any other statement."""
    return {"field": field, "is": how} | ({} if value is None else {"value": value})


def visits(how: str, value: Any, **within: Any) -> dict[str, Any]:
    """A statement on the number of purchases in a time."""
    return {"field": "sales.visits", "is": how, "value": value} | ({"within": within} if within else {})


def average(how: str, value: Any, **within: Any) -> dict[str, Any]:
    """A statement on the average purchase in a time: less in a longer one is nothing strange."""
    return {"field": "sales.average", "is": how, "value": value, "within": within}


def kinds(how: str, value: list[str], **within: Any) -> dict[str, Any]:
    """A statement on the kinds of goods that were bought in a time."""
    return {"field": "sales.categories", "is": how, "value": value} | ({"within": within} if within else {})


AT_WILL = {"days": 30}
LANGUAGES = ["en", "zh-hans"]
NOT_BOTH = {"not": about("people.offers", "all_of", ["sms", "email"])}


@pytest.mark.parametrize(
    "raw",
    [
        {"all": [spent("less_than", 100), spent("more_than", 200)]},
        {"all": [spent("less_than", 100), {"all": [spent("at_least", 100)]}]},
        {"all": [spent("at_least", 5), {"not": spent("at_least", 3)}]},
        {"all": [spent("is", 5), spent("is_not", 5)]},
        {"all": [spent("more_than", 5), spent("less_than", 6)]},
        {"all": [spent("between", [1, 5]), spent("between", [6, 9])]},
        spent("less_than", 0),
        about("people.age", "more_than", 150),
        {"not": about("people.member_days", "at_least", 0) | {"is": "is_not", "value": -1}},
        {"all": [about("people.has_email", "yes"), about("people.has_email", "no")]},
        {"all": [about("people.language", "any_of", ["en"]), about("people.language", "any_of", ["zh-hans"])]},
        {"all": [about("people.language", "is", "en"), about("people.language", "none_of", LANGUAGES)]},
        {"all": [about("people.offers", "all_of", ["sms"]), about("people.offers", "none_of", ["sms", "email"])]},
        {"all": [about("people.joined", "before", "2026-01-01"), about("people.joined", "after", "2026-01-01")]},
        {"all": [about("people.joined", "last_days", 10), about("people.joined", "not_last_days", 20)]},
        {"all": [about("people.joined", "unknown"), about("people.joined", "last_days", 20)]},
        about("sale.date", "until", "2026-06-14"),
        {"all": [{"any": [spent("less_than", 1), spent("less_than", 2)]}, spent("at_least", 2)]},
        {"not": {"any": [spent("less_than", 100), spent("at_most", 200), spent("more_than", 150)]}},
        {"all": [visits("at_least", 5, days=30), visits("at_most", 2, days=90)]},
        {"all": [spent("less_than", 100), spent("more_than", 200, within=AT_WILL)]},
        {"all": [visits("at_least", 3, days=7), visits("is_not", 3, days=8), visits("between", [2, 3], months=1)]},
        {"all": [visits("more_than", 4, since="2026-06-01"), {"not": visits("at_least", 4, days=15)}]},
        {"all": [kinds("any_of", ["Tea", "Cake"], days=30), kinds("none_of", ["Cake", "Tea"])]},
        {"all": [kinds("all_of", ["Tea", "Cake"], days=30), {"not": kinds("all_of", ["Tea", "Cake"], days=90)}]},
    ],
)
def test_what_can_never_hold_is_said(business: Any, at_noon: Any, raw: Any) -> None:
    warnings = conditions.contradictions(conditions.parse(raw))
    assert warnings[-1] == "So nobody can ever meet this condition."
    assert "can never be" in warnings[0]
    assert conditions.parse(raw).for_members().count() == 0 or "sale" in str(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"any": [spent("less_than", 100), spent("more_than", 200)]},
        {"all": [spent("more_than", 200), spent("less_than", 100, within=AT_WILL)]},
        {"all": [visits("at_least", 5, days=90), visits("at_most", 2, days=30)]},
        {"all": [visits("is", 5, days=30), visits("is", 5, months=3)]},
        {"all": [average("at_least", 500, days=30), average("at_most", 200, days=90)]},
        {"all": [kinds("any_of", ["Tea"], days=90), kinds("none_of", ["Tea"], days=30)]},
        {"all": [{"not": kinds("all_of", ["a", "b"])}, {"not": kinds("all_of", ["c", "d"])}, kinds("any_of", ["e"])]},
        {"all": [spent("more_than", 5), spent("less_than", 7)]},
        {"all": [about("people.offers", "all_of", ["sms"]), about("people.offers", "any_of", ["sms", "email"])]},
        {"all": [about("people.language", "none_of", LANGUAGES)]},
        {"all": [about("people.joined", "last_days", 20), about("people.joined", "not_last_days", 10)]},
        about("sale.date", "is", "2026-06-15"),
        {"not": about("people.offers", "all_of", ["sms", "email"])},
        {
            "all": [
                {"not": about("people.offers", "all_of", ["sms", "email"])},
                about("people.offers", "any_of", ["sms"]),
            ]
        },
    ],
)
def test_what_can_hold_gets_no_warning(business: Any, at_noon: Any, raw: Any) -> None:
    assert conditions.contradictions(conditions.parse(raw)) == []


def test_one_part_that_can_never_hold_is_named_alone(business: Any) -> None:
    dead = {"all": [spent("less_than", 10_000), spent("more_than", 20_000)]}
    assert conditions.contradictions(conditions.parse({"any": [dead, ADULT]})) == [
        "“amount spent is less than ¥100.00” and “amount spent is more than ¥200.00” can never be together."
    ]


def test_a_short_time_is_never_more_than_a_long_one_and_that_is_said(business: Any) -> None:
    raw = {"all": [visits("at_least", 5, days=30), ADULT, visits("at_most", 2, days=90)]}
    said = conditions.contradictions(conditions.parse(raw))
    assert said[0] == (
        "“number of purchases in the last 30 days is at least 5” and "
        "“number of purchases in the last 90 days is at most 2” can never be together."
    )


def test_a_warning_is_given_in_chinese(business: Any) -> None:
    with translation.override("zh-hans"):
        said = conditions.contradictions(conditions.parse({"all": [spent("less_than", 1), spent("more_than", 2)]}))
    assert said == ["“消费金额低于 ¥0.01”与“消费金额高于 ¥0.02”不可能同时成立。", "因此没有人能满足此条件。"]


def test_a_tree_with_countless_alternatives_is_left_alone(business: Any) -> None:
    pair = {"any": [spent("less_than", 1), spent("more_than", 2)]}
    with clock.turned_to(dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)):
        assert conditions.contradictions(conditions.parse({"all": [pair] * 20})) == []
