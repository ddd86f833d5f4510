"""Benefits: what tiers entitle to, how often in a period, noted at the counter and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db import connection

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, UsedUp
from regulars.ledger.selectors import balance, unbalanced
from regulars.loyalty.benefits import selectors as benefits
from regulars.loyalty.benefits import yearly
from regulars.loyalty.benefits.models import Benefit, BenefitUse, TierBenefit
from regulars.loyalty.benefits.periods import key_of, last_day_of
from regulars.loyalty.benefits.services import give_gift, save_benefit, undo, use
from regulars.loyalty.models import Standing, Tier
from regulars.operations.models import OutboxEvent, TrailEntry
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from tenants.models import Business

pytestmark = [pytest.mark.clause("4.5"), pytest.mark.django_db]
Grant = Callable[..., Benefit]


@pytest.fixture
def tier(member: Member) -> Tier:
    """The tier the member stands on."""
    return member.standing.tier


@pytest.fixture
def granted(tier: Tier) -> Grant:
    """`granted(kind=…, uses=…)`: a benefit that the member's tier grants."""

    def grant(own: int | None = None, **over: Any) -> Benefit:
        values: dict[str, Any] = {
            "code": "late-checkout",
            "kind": "late_checkout",
            "words": {"en": "Late checkout until two", "zh-hans": "延迟退房至两点"},
            "details": {"en": "Ask at the desk", "zh-hans": ""},
            "uses": 2,
            "period": "month",
            "grants": {tier: own},
        }
        return save_benefit(**{**values, **over})

    return grant


def of(member: Member, code: str) -> benefits.Entitlement:
    """What a member has of a benefit."""
    return next(each for each in benefits.of(member) if each.benefit.code == code)


@pytest.mark.capability(48)
@pytest.mark.capability(52)
def test_a_benefit_belongs_to_those_on_its_tier_with_its_uses(
    member: Member, granted: Grant, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        granted()
        found = of(member, "late-checkout")
    assert (found.allowed, found.used, found.uses_left, found.until) == (2, 0, 2, dt.date(2026, 6, 30))
    assert found.tier == member.standing.tier


@pytest.mark.capability(48)
def test_another_tier_has_nothing_of_it_and_may_have_more(member: Member, granted: Grant, tier: Tier) -> None:
    higher = Tier.objects.exclude(pk=tier.pk).order_by("-threshold")[0]
    granted(grants={tier: None, higher: 5})
    assert of(member, "late-checkout").allowed == 2
    Standing.objects.filter(member=member).update(tier=higher)
    member = type(member).objects.get(pk=member.pk)
    assert of(member, "late-checkout").allowed == 5
    granted_to_one = save_benefit(
        benefit=Benefit.objects.get(),
        code="late-checkout",
        kind="late_checkout",
        words={"en": "Late checkout"},
        details={},
        uses=2,
        period="month",
        grants={tier: None},
    )
    assert granted_to_one.code not in {each.benefit.code for each in benefits.of(member)}


@pytest.mark.capability(49)
def test_the_discount_of_a_tier_shows_as_a_benefit_that_nobody_uses_up(member: Member, tier: Tier) -> None:
    Tier.objects.filter(pk=tier.pk).update(discount=1500)
    member = type(member).objects.get(pk=member.pk)
    found = of(member, "discount")
    assert (found.benefit.words["en"], found.benefit.words["zh-hans"]) == ("15% off every purchase", "每次消费 8.5 折")
    assert not found.is_usable


@pytest.mark.capability(50)
@pytest.mark.capability(51)
@pytest.mark.capability(58)
@pytest.mark.capability(60)
@pytest.mark.parametrize("kind", ["priority_service", "free_upgrade", "bundle", "other"])
def test_every_kind_is_noted_when_it_is_used(
    member: Member, granted: Grant, branch: Branch, cashier: Staff, kind: str
) -> None:
    benefit = granted(kind=kind, partner="Tea & Ski" if kind == "bundle" else "", uses=None)
    done = use(member=member, benefit=benefit, key="use-one-1", branch=branch, staff=cashier)
    assert (done.number, done.branch, done.staff, done.tier) == (1, branch, cashier, member.standing.tier)
    assert of(member, benefit.code).uses_left is None
    entry = TrailEntry.objects.get(act="benefit.used")
    assert (entry.subject, entry.actor) == (member.public_id, cashier.public_id)
    fact = OutboxEvent.objects.get(name="benefit_used")
    assert fact.payload["use"] == done.public_id


def test_all_uses_taken_is_refused_with_the_day_it_begins_anew(
    member: Member, granted: Grant, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        benefit = granted()
        use(member=member, benefit=benefit, key="use-one-1")
        use(member=member, benefit=benefit, key="use-two-2")
        assert not of(member, "late-checkout").is_usable
        with pytest.raises(UsedUp, match="begins anew after 30 Jun 2026"):
            use(member=member, benefit=benefit, key="use-three-3")
    with clock.turned_to(noon + dt.timedelta(days=16)):
        assert of(member, "late-checkout").uses_left == 2
        assert use(member=member, benefit=benefit, key="use-four-4").number == 1
    assert BenefitUse.objects.count() == 3


def test_the_same_key_uses_once_and_for_another_benefit_it_is_refused(member: Member, granted: Grant) -> None:
    benefit, other = granted(uses=1), granted(code="upgrade", kind="free_upgrade")
    first = use(member=member, benefit=benefit, key="use-one-1")
    assert use(member=member, benefit=benefit, key="use-one-1") == first
    with pytest.raises(KeyUsedBefore):
        use(member=member, benefit=other, key="use-one-1")
    assert BenefitUse.objects.count() == 1


def test_what_was_noted_by_mistake_is_taken_back_once_and_only_within_a_day(
    member: Member, granted: Grant, cashier: Staff, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        benefit = granted(uses=1)
        first = use(member=member, benefit=benefit, key="use-one-1", staff=cashier)
        undo(use=first, by=cashier)
        undo(use=first, by=cashier)
        assert of(member, "late-checkout").uses_left == 1
        again = use(member=member, benefit=benefit, key="use-two-2", staff=cashier)
    assert TrailEntry.objects.filter(act="benefit.use_undone").count() == 1
    with clock.turned_to(noon + dt.timedelta(hours=25)), pytest.raises(InvalidInput, match="within a day"):
        undo(use=again, by=cashier)
    assert BenefitUse.objects.get(pk=again.pk).undone_at is None


def test_a_benefit_of_another_tier_or_one_that_comes_by_itself_is_refused(
    member: Member, granted: Grant, tier: Tier
) -> None:
    other = Tier.objects.exclude(pk=tier.pk)[0]
    foreign = granted(grants={other: None})
    early = granted(code="early", kind="early_access", uses=None, days=3)
    for benefit, words in ((foreign, "does not belong"), (early, "comes by itself")):
        with pytest.raises(InvalidInput, match=words):
            use(member=member, benefit=benefit, key="use-one-1")
    assert BenefitUse.objects.count() == 0


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"uses": 0}, "uses"),
        ({"uses": -1}, "uses"),
        ({"uses": 1000}, "uses"),
        ({"points": 5}, "points"),
        ({"days": 5}, "days"),
        ({"kind": "early_access"}, "days"),
        ({"kind": "discount"}, "kind"),
        ({"kind": "magic"}, "kind"),
        ({"kind": "bundle"}, "partner"),
        ({"kind": "yearly_gift", "points": -5}, "points"),
        ({"kind": "yearly_gift", "points": 10**9}, "points"),
        ({"period": "fortnight"}, "period"),
        ({"words": {}}, "words"),
        ({"code": "Late Checkout"}, "code"),
    ],
)
def test_a_benefit_that_makes_no_sense_is_refused_beside_its_field(
    granted: Grant, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        granted(**over)
    assert refusal.value.field == field
    assert Benefit.objects.count() == 0


@pytest.mark.parametrize(
    ("period", "day", "key", "last"),
    [
        ("day", dt.date(2026, 6, 15), "2026-06-15", dt.date(2026, 6, 15)),
        ("week", dt.date(2027, 1, 3), "2026-W53", dt.date(2027, 1, 3)),
        ("week", dt.date(2026, 6, 15), "2026-W25", dt.date(2026, 6, 21)),
        ("month", dt.date(2028, 2, 29), "2028-02", dt.date(2028, 2, 29)),
        ("month", dt.date(2026, 12, 31), "2026-12", dt.date(2026, 12, 31)),
        ("quarter", dt.date(2026, 11, 1), "2026-Q4", dt.date(2026, 12, 31)),
        ("quarter", dt.date(2026, 3, 31), "2026-Q1", dt.date(2026, 3, 31)),
        ("year", dt.date(2026, 1, 1), "2026", dt.date(2026, 12, 31)),
        ("ever", dt.date(2026, 1, 1), "ever", None),
    ],
)
def test_a_period_has_a_name_and_a_last_day(period: str, day: dt.date, key: str, last: dt.date | None) -> None:
    assert (key_of(period, day), last_day_of(period, day)) == (key, last)


def test_midnight_is_that_of_the_business(member: Member, granted: Grant) -> None:
    benefit = granted(uses=1, period="day")
    with clock.turned_to(dt.datetime(2026, 6, 15, 15, 59, tzinfo=dt.UTC)):  # 23:59 in Shanghai
        use(member=member, benefit=benefit, key="use-one-1")
    with clock.turned_to(dt.datetime(2026, 6, 15, 16, 1, tzinfo=dt.UTC)):
        assert use(member=member, benefit=benefit, key="use-two-2").used_on == dt.date(2026, 6, 16)


def test_a_lost_card_uses_no_benefit(member: Member, granted: Grant) -> None:
    benefit = granted()
    member.cards.update(state="lost")
    with pytest.raises(InvalidInput, match="reported lost"):
        use(member=member, benefit=benefit, key="lost-card-1")


@pytest.mark.capability(54)
def test_the_yearly_gift_comes_once_a_year_to_whoever_stands_on_the_tier(
    member: Member, granted: Grant, noon: dt.datetime
) -> None:
    granted(code="gift", kind="yearly_gift", points=300)
    with clock.turned_to(noon):
        for _night in range(3):
            due = yearly.give_due(now=clock.now(), limit=50)
        assert due == dt.datetime(2026, 12, 31, 16, 5, tzinfo=dt.UTC)  # five past midnight in Shanghai
        assert balance(member.wallet) == 300
        with pytest.raises(InvalidInput, match="comes by itself"):
            use(member=member, benefit=Benefit.objects.get(), key="by-hand-1")
    with clock.turned_to(noon.replace(year=2027)):
        yearly.give_due(now=clock.now(), limit=50)
        assert balance(member.wallet) == 600
    assert unbalanced() == []


def test_gifts_are_given_a_few_at_a_time_and_none_twice(
    member: Member, granted: Grant, branch: Branch, noon: dt.datetime
) -> None:
    others = [new_member(contact=f"+861380013801{number}", branch=branch) for number in range(3)]
    granted(code="gift", kind="yearly_gift", points=10)
    with clock.turned_to(noon):
        assert yearly.give_due(now=clock.now(), limit=2) == clock.now()
        yearly.give_due(now=clock.now(), limit=50)
    assert [balance(each.wallet) for each in (member, *others)] == [10, 10, 10, 10]


def test_a_gift_that_was_taken_back_is_not_given_again(
    member: Member, granted: Grant, owner: Staff, noon: dt.datetime
) -> None:
    granted(code="gift", kind="yearly_gift", points=10)
    with clock.turned_to(noon):
        yearly.give_due(now=clock.now(), limit=50)
        undo(use=BenefitUse.objects.get(), by=owner)
        yearly.give_due(now=clock.now(), limit=50)
    assert balance(member.wallet) == 0


# Yearly gifts, for those alone who are due ----------------------------------------------------------------------------


def many(count: int, branch: Branch, since: dt.datetime) -> list[Member]:
    """So many join at an instant."""
    with clock.turned_to(since):
        return [new_member(contact=f"+8613700{number:06d}", branch=branch) for number in range(count)]


def rows_looked_at(act: Callable[[], Any]) -> int:
    """How many rows of this business the database fetches for an act, planned as for a large one: by its indexes."""

    def fetched() -> int:
        cursor.execute(
            "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE schemaname = current_schema()"
        )
        return int(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        before = fetched()
        act()
        return fetched() - before


@pytest.mark.clause("4.6")
@pytest.mark.capability(54)
def test_who_had_the_gift_of_this_year_is_not_looked_at_again(
    member: Member, granted: Grant, branch: Branch, noon: dt.datetime
) -> None:
    Standing.objects.update(since=noon - dt.timedelta(days=30))
    gift = granted(code="gift", kind="yearly_gift", points=10)

    def visit() -> dt.datetime | None:
        return yearly.give_due(now=clock.now(), limit=500)

    with clock.turned_to(noon):
        visit()
        for_one = (rows_looked_at(visit), rows_looked_at(lambda: yearly.next_due(now=noon)))
        others = many(40, branch, noon - dt.timedelta(days=20))
        TierBenefit.objects.update(gifts_until=None)
        visit()
        assert {balance(each.wallet) for each in others} == {10}
        for_many = (rows_looked_at(visit), rows_looked_at(lambda: yearly.next_due(now=noon)))
        granted(benefit=gift, code="gift", kind="yearly_gift", points=10, words={"en": "A gift"})
        cache.clear()
        renamed = (rows_looked_at(visit), rows_looked_at(lambda: yearly.next_due(now=noon)))
    assert for_many == for_one
    assert max(renamed) < len(others), "the grants are read again, the members are not"


@pytest.mark.clause("4.6")
def test_who_comes_to_the_tier_later_has_the_gift_with_the_next_visit(
    member: Member, granted: Grant, branch: Branch, noon: dt.datetime
) -> None:
    granted(code="gift", kind="yearly_gift", points=10)
    with clock.turned_to(noon):
        yearly.give_due(now=clock.now(), limit=500)
    a_moment_ago, later = noon - dt.timedelta(minutes=3), noon + dt.timedelta(days=3)
    first, second = many(2, branch, later)
    Standing.objects.filter(member=first).update(since=a_moment_ago)  # its act was committed after the visit
    with clock.turned_to(later):
        assert yearly.next_due(now=later) == later
        yearly.give_due(now=later, limit=500)
        assert yearly.next_due(now=later) == dt.datetime(2026, 12, 31, 16, 5, tzinfo=dt.UTC)
    assert [balance(each.wallet) for each in (member, first, second)] == [10, 10, 10]


@pytest.mark.clause("4.6")
def test_gifts_go_on_after_a_worker_died_and_one_that_fails_is_in_nobodys_way(
    member: Member, granted: Grant, branch: Branch, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = many(3, branch, noon)
    granted(code="gift", kind="yearly_gift", points=10)
    fails = others[0].pk

    def stumble(**values: Any) -> BenefitUse:
        if values["member"].pk == fails:
            raise RuntimeError
        return give_gift(**values)

    monkeypatch.setattr(yearly, "give_gift", stumble)
    with clock.turned_to(noon), pytest.raises(RuntimeError):
        yearly.give_due(now=noon, limit=500)
    assert [balance(each.wallet) for each in (member, *others)] == [10, 0, 10, 10]
    fails = 0
    with clock.turned_to(noon):
        for _worker in range(2):
            yearly.give_due(now=noon, limit=500)
    assert [balance(each.wallet) for each in (member, *others)] == [10, 10, 10, 10]
    assert unbalanced() == []


@pytest.mark.clause("4.6")
def test_of_many_who_came_at_one_instant_each_visit_gives_to_some_until_all_have_theirs(
    member: Member, granted: Grant, branch: Branch, noon: dt.datetime
) -> None:
    many(7, branch, noon)
    Standing.objects.update(since=noon - dt.timedelta(days=1))
    granted(code="gift", kind="yearly_gift", points=10)
    with clock.turned_to(noon):
        answers = [yearly.give_due(now=noon, limit=3) for _visit in range(3)]
    assert answers == [noon, noon, dt.datetime(2026, 12, 31, 16, 5, tzinfo=dt.UTC)]
    assert BenefitUse.objects.count() == 8


def test_a_business_without_gifts_is_not_visited_at_night(business: Business, noon: dt.datetime) -> None:
    assert yearly.give_due(now=noon, limit=50) is None


@pytest.mark.capability(61)
def test_the_report_says_first_what_nobody_uses(
    member: Member, granted: Grant, tier: Tier, branch: Branch, noon: dt.datetime
) -> None:
    new_member(contact="+8613800138011", branch=branch)
    with clock.turned_to(noon):
        liked = granted(code="liked", kind="other")
        granted(code="unloved", kind="other")
        granted(code="early", kind="early_access", uses=None, days=3)
        use(member=member, benefit=liked, key="use-one-1")
        use(member=member, benefit=liked, key="use-two-2")
        rows = benefits.usage(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
        before = benefits.usage(dt.date(2026, 5, 1), dt.date(2026, 5, 31))
    assert [(row.benefit.code, row.entitled, row.uses, row.users, row.share, row.is_unused) for row in rows] == [
        ("unloved", 2, 0, 0, 0, True),
        ("liked", 2, 2, 1, 50, False),
    ]
    assert [row.uses for row in before] == [0, 0]


def test_asking_for_the_benefits_of_a_member_costs_the_same_for_one_and_for_many(
    member: Member, granted: Grant, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        granted(code=f"extra-{number}", kind="other")
    benefits.of(member)
    with django_assert_max_num_queries(2):
        assert len(benefits.of(member)) >= 6
