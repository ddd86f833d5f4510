"""What each field of the rooms answers, to the exact value, on the business's days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import F
from django.utils import translation

from regulars import clock, conditions
from regulars.conditions import registry
from regulars.conditions.fields import Window
from tests.conftest import new_member
from tests.regulars.conditions.conftest import NOW, buy, give_points

pytestmark = [pytest.mark.clause("4.2")]


def value(member: Any, code: str, **window: Any) -> Any:
    """What a field says of a member."""
    field = registry.rooms_fields()[code]
    how = {"yes_no": "yes", "choices": "unknown", "choice": "unknown"}.get(field.kind, "unknown")
    raw = {"field": code, "is": how} | ({"within": window} if window else {})
    condition = conditions.parse(raw)
    facts = conditions.facts_of(member, condition)
    return facts.values[code, condition.node.window]


def born(member: Any, day: dt.date | None) -> None:
    """Set the birthday."""
    type(member).objects.filter(pk=member.pk).update(birthday=day)


@pytest.fixture
def guest(at_noon: Any, branch: Any) -> Any:
    """A member who joined a hundred days ago."""
    with clock.turned_to(NOW - dt.timedelta(days=100)):
        return new_member(branch=branch)


@pytest.mark.capability(5)
def test_fields_of_the_person(guest: Any, branch: Any) -> None:
    born(guest, dt.date(1990, 6, 16))
    told = {
        "people.joined": dt.date(2026, 3, 7),
        "people.member_days": 100,
        "people.birthday": dt.date(1990, 6, 16),
        "people.age": 35,
        "people.birthday_month": "6",
        "people.birthday_this_month": True,
        "people.birthday_today": False,
        "people.language": "en",
        "people.source": "counter",
        "people.branch": branch.public_id,
        "people.regions": frozenset(),
        "people.tags": frozenset(),
        "people.offers": frozenset(),
        "people.has_phone": True,
        "people.has_email": False,
        "people.cards": frozenset({"active"}),
    }
    assert {code: value(guest, code) for code in told} == told
    assert {code for code in registry.rooms_fields() if code.startswith("people.")} == set(told)


def test_a_birthday_on_29_february_is_on_the_28th_in_other_years(guest: Any) -> None:
    born(guest, dt.date(1996, 2, 29))
    found = {}
    for day in ("2026-02-27", "2026-02-28", "2026-03-01", "2028-02-28", "2028-02-29"):
        with clock.turned_to(dt.datetime.fromisoformat(f"{day}T04:00+00:00")):
            found[day] = value(guest, "people.birthday_today")
    assert [day for day, is_today in found.items() if is_today] == ["2026-02-28", "2028-02-29"]


def test_without_a_birthday_nothing_of_it_is_known(guest: Any) -> None:
    about = ("people.birthday", "people.age", "people.birthday_month", "people.birthday_today")
    assert [value(guest, code) for code in about] == [None] * 4
    today = conditions.parse({"field": "people.birthday_today", "is": "no"})
    assert (today.holds(conditions.facts_of(guest, today)), today.count()) == (True, 1)


def test_a_region_lies_in_regions(guest: Any, owner: Any, branch: Any) -> None:
    from regulars.organisation.places import services as places

    country = places.save_region(by=owner, name="Country")
    city = places.save_region(by=owner, name="City", parent=country)
    places.save_region(by=owner, name="Elsewhere")
    places.change_branch(branch=branch, by=owner, name=branch.name, address="", region=city)
    assert value(guest, "people.regions") == {country.public_id, city.public_id}


def test_the_newest_word_by_each_channel_counts(guest: Any) -> None:
    from regulars.people.selectors import marketing_answers
    from regulars.people.services import set_marketing_consent

    for channel, is_given in (("", True), ("email", False), ("sms", False), ("sms", True)):
        with clock.turned_to(clock.now()):
            set_marketing_consent(member=guest, is_given=is_given, source="site", channel=channel)
    assert value(guest, "people.offers") == {"sms", "inbox"}
    assert {channel for channel, is_given in marketing_answers(guest).items() if is_given} == {"sms", "inbox"}


@pytest.mark.capability(6)
def test_fields_of_purchases(guest: Any, branch: Any) -> None:
    nothing = ("sales.spent", "sales.visits", "sales.average", "sales.last_purchase", "sales.branches")
    assert [value(guest, code) for code in nothing] == [0, 0, None, None, frozenset()]
    buy(guest, branch, 1_000, days_ago=50)
    buy(guest, branch, 2_001, days_ago=9, refunded=500)
    buy(guest, branch, 9_999, days_ago=1, refunded=9_999)
    assert [value(guest, code) for code in nothing] == [2_501, 2, 1_250, dt.date(2026, 6, 6), {branch.public_id}]
    assert value(guest, "sales.first_purchase") == dt.date(2026, 4, 26)
    assert [value(guest, "sales.spent", days=days) for days in (9, 10, 50, 51)] == [0, 1_501, 1_501, 2_501]
    assert value(guest, "sales.spent", since="2026-04-26") == 2_501
    assert value(guest, "sales.spent", since="2026-04-27") == 1_501
    assert value(guest, "sales.visits", months=1) == 1
    assert value(guest, "sales.branches", days=5) == frozenset()


def test_kinds_of_goods_are_those_that_were_kept(guest: Any, branch: Any) -> None:
    from regulars.sales.models import SaleLine

    sale = buy(guest, branch, 900)
    for position, (category, refunded) in enumerate({"Tea": 0, "Cake": 300, "": 0}.items()):
        SaleLine.objects.create(
            sale=sale,
            position=position,
            description="x",
            list_amount=300,
            amount=300,
            category=category,
            refunded=refunded,
        )
    assert value(guest, "sales.categories") == {"Tea"}
    assert value(guest, "sales.categories", days=1) == {"Tea"}
    tea = conditions.parse({"field": "sales.categories", "is": "any_of", "value": ["Tea", "Coffee"]})
    assert (tea.count(), tea.words()) == (1, "kinds of goods bought include Tea or Coffee")


def test_days_are_cut_in_the_business_zone(guest: Any, branch: Any) -> None:
    """23:30 UTC is the next morning in Shanghai."""
    with clock.turned_to(dt.datetime(2026, 6, 14, 23, 30, tzinfo=dt.UTC)):
        buy(guest, branch, 700)
        assert value(guest, "sales.spent", days=1) == 700
    with clock.turned_to(dt.datetime(2026, 6, 15, 15, 59, tzinfo=dt.UTC)):
        assert value(guest, "sales.spent", days=1) == 700
    with clock.turned_to(dt.datetime(2026, 6, 15, 16, 0, tzinfo=dt.UTC)):
        assert value(guest, "sales.spent", days=1) == 0


def test_a_window_counts_its_first_day_and_today(at_noon: Any) -> None:
    firsts = [Window(days=1).first, Window(days=90).first, Window(months=1).first, Window(months=12).first]
    assert firsts == [dt.date(2026, 6, 15), dt.date(2026, 3, 18), dt.date(2026, 5, 16), dt.date(2025, 6, 16)]


@pytest.mark.capability(6)
def test_fields_of_points(guest: Any) -> None:
    from regulars.ledger.models import Transaction
    from regulars.ledger.services import reverse

    fields = ("ledger.points", "ledger.points_earned", "ledger.points_spent")
    assert [value(guest, code) for code in fields] == [0, 0, 0]
    given = give_points(guest, 100, days_ago=40)
    give_points(guest, 50)
    taken = give_points(guest, -30)
    assert [value(guest, code) for code in fields] == [120, 150, 30]
    assert value(guest, "ledger.points_earned", days=40) == 50
    for posted in (taken, given):
        original = Transaction.objects.get(pk=posted.transaction)
        reverse(original=original, key=f"undo-{original.pk}", reason="not so")
    assert [value(guest, code) for code in fields] == [50, 50, 0]


def test_fields_of_tiers(guest: Any) -> None:
    from regulars.loyalty.models import Tier

    first = Tier.objects.order_by("threshold")[0]
    assert value(guest, "loyalty.tier") == first.code
    assert value(guest, "loyalty.since") == dt.date(2026, 3, 7)


# Facts and reasons ----------------------------------------------------------------------------------------------------

PROGRAMME = {
    "all": [
        {"field": "sales.spent", "is": "at_least", "value": 50_000, "within": {"days": 90}},
        {"not": {"field": "people.language", "is": "any_of", "value": ["zh-hans"]}},
        {"field": "sale.weekday", "is": "any_of", "value": ["2", "6"]},
    ]
}
TUESDAY = {"sale.weekday": "2"}


def test_all_facts_take_one_query(guest: Any, django_assert_num_queries: Any) -> None:
    every = [
        conditions.stored({"field": code, "is": "yes" if field.kind == "yes_no" else "known"})
        for code, field in registry.rooms_fields().items()
    ]
    with django_assert_num_queries(1):
        facts = conditions.facts_of(guest, *every, context=TUESDAY)
        assert sum(condition.holds(facts) for condition in every) > 15
    with django_assert_num_queries(0):
        conditions.facts_of(guest, conditions.parse({"field": "sale.weekday", "is": "any_of", "value": ["2"]}))
    with django_assert_num_queries(1):
        every[0].count()


def test_each_answer_is_explained(guest: Any, branch: Any) -> None:
    buy(guest, branch, 32_000)
    condition = conditions.parse(PROGRAMME)
    facts = conditions.facts_of(guest, condition, context=TUESDAY)
    assert not condition.holds(facts)
    assert condition.explain(facts) == [
        conditions.Why("amount spent in the last 90 days is at least ¥500.00", False, "¥320.00"),
        conditions.Why("it is not so that language of the member is 简体中文", True, "English"),
        conditions.Why("day of the week of this purchase is Tuesday or Saturday", True, "Tuesday"),
    ]
    buy(guest, branch, 18_000)
    assert condition.holds(conditions.facts_of(guest, condition, context=TUESDAY))
    assert not condition.holds(conditions.facts_of(guest, condition, context={"sale.weekday": "3"}))
    assert not condition.holds(conditions.facts_of(guest, condition))
    assert not condition.holds(conditions.facts_of(guest, condition, context={"sale.weekday": ""}))


def test_a_condition_is_a_sentence_in_both_languages(business: Any) -> None:
    condition = conditions.parse(PROGRAMME)
    assert condition.words() == (
        "amount spent in the last 90 days is at least ¥500.00 and it is not so that language of the member is 简体中文"
        " and day of the week of this purchase is Tuesday or Saturday"
    )
    with translation.override("zh-hans"):
        assert condition.words() == (
            "最近 90 天的消费金额不低于 ¥500.00，并且并非“会员的语言为简体中文”，并且本次消费的星期为星期二或星期六"
        )
        facts = conditions.Facts({("sales.spent", condition.node.parts[0].window): 32_000}, TUESDAY)
        assert conditions.parse(PROGRAMME["all"][0]).explain(facts) == [
            conditions.Why("最近 90 天的消费金额不低于 ¥500.00", False, "¥320.00")
        ]


def test_of_a_guest_nothing_is_known(business: Any) -> None:
    rich = conditions.parse({"field": "sales.spent", "is": "at_least", "value": 0})
    assert not rich.holds(conditions.facts_of(None, rich))
    tuesday = conditions.parse({"field": "sale.weekday", "is": "any_of", "value": ["2"]})
    assert tuesday.holds(conditions.facts_of(None, tuesday, context=TUESDAY))


def test_facts_of_another_condition_are_no_answer(guest: Any) -> None:
    adult = conditions.parse({"field": "people.age", "is": "at_least", "value": 18})
    with pytest.raises(LookupError):
        adult.holds(conditions.facts_of(guest))


def test_a_condition_on_a_purchase_has_no_set_but_a_part_of_it_has(guest: Any) -> None:
    condition = conditions.parse(PROGRAMME)
    assert not condition.is_for_sets
    with pytest.raises(ValueError):
        condition.members()
    assert condition.for_members().as_json() == {"all": PROGRAMME["all"][:2]}
    either = conditions.parse({"any": PROGRAMME["all"]})
    assert either.for_members().is_always
    assert conditions.parse({"not": {"any": PROGRAMME["all"]}}).for_members().fields == {
        "sales.spent",
        "people.language",
    }


def test_whoever_never_bought_has_not_bought_lately(guest: Any, branch: Any) -> None:
    quiet = conditions.parse({"field": "sales.last_purchase", "is": "not_last_days", "value": 60})
    assert quiet.count() == 1
    buy(guest, branch, 100, days_ago=59)
    assert quiet.count() == 0


def test_members_are_those_of_a_scope(crowd: list[Any], branch: Any) -> None:
    from regulars.organisation.scope import Scope
    from regulars.people.models import Member

    everybody = conditions.parse({"field": "people.member_days", "is": "at_least", "value": 0})
    own = Member.objects.filter(branch=branch).count()
    assert (everybody.count(), everybody.count(Scope(frozenset({branch.pk})))) == (12, own)
    Member.objects.filter(pk=crowd[0].pk).update(is_active=False)
    assert everybody.count() == 11
    assert everybody.members(Member.objects.filter(pk=crowd[0].pk)).count() == 1


@pytest.mark.capability(40)
@pytest.mark.capability(42)
def test_the_tier_on_a_track_of_its_own(guest: Any) -> None:
    """Whoever has no place there yet stands on its first tier; a track that is no longer in force answers nobody."""
    from regulars.loyalty.models import Tier, Track
    from regulars.loyalty.tiers.overriding import set_by_hand

    track = Track.objects.create(code="dealers", words={"en": "Dealers", "zh-hans": "经销商"}, basis={"measures": []})
    for threshold, code in enumerate(("none", "partner")):
        Tier.objects.create(code=code, track=track, words={"en": code.title()}, threshold=threshold)
    cache.clear()
    partner = {"field": "tier_on.dealers", "is": "any_of", "value": ["partner"]}
    assert conditions.parse(partner).words() == "tier on “Dealers” is Partner"
    assert (conditions.parse(partner).count(), conditions.parse({**partner, "value": ["none"]}).count()) == (0, 1)
    set_by_hand(member=guest, tier=Tier.objects.get(code="partner"), until=None, reason="Contract", by="")
    since = {"field": "tier_since.dealers", "is": "last_days", "value": 1}
    assert (conditions.parse(partner).count(), conditions.parse(since).count()) == (1, 1)
    Track.objects.update(is_active=F("is_default"))
    cache.clear()
    assert conditions.stored(partner).missing == {"tier_on.dealers"}
    assert conditions.stored(partner).count() == 0


def test_every_field_has_words_in_both_languages(business: Any) -> None:
    for code, field in registry.rooms_fields().items():
        for words in (field.label, field.group, field.help, field.unit):
            english = str(words)
            with translation.override("zh-hans"):
                assert not english or str(words) != english, f"{code}: {english}"


def test_the_language_knows_no_room() -> None:
    import ast

    from tests.sources import below, tree_of

    known = {"clock", "conditions", "errors", "hooks", "money", "plugins", "text"}
    beyond = []
    for name in below("platform/regulars/conditions", ends=".py"):
        for node in tree_of(name).body + [n for n in ast.walk(tree_of(name)) if isinstance(n, ast.FunctionDef)]:
            inside = ast.walk(node) if isinstance(node, ast.FunctionDef) else [node]
            for each in inside:
                module = each.module or "" if isinstance(each, ast.ImportFrom) else ""
                parts = {module.split(".")[1]} if "." in module and module.startswith("regulars") else set()
                if module == "regulars" and isinstance(each, ast.ImportFrom):
                    parts = {alias.name for alias in each.names}
                beyond += [f"{name}: {part}" for part in parts - known]
    assert beyond == []
