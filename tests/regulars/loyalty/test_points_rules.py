"""Points rules as a shop uses them: what a sale earns, the caps the database holds, what a refund gives back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.utils import translation
from hypothesis import HealthCheck, settings
from hypothesis import given as random_given
from hypothesis import strategies as st

from regulars import clock
from regulars.errors import InvalidInput, StaleQuote
from regulars.ledger.selectors import balance, lots, unbalanced
from regulars.loyalty.models import Award, CapUse, PointsRule, Standing, Tier
from regulars.loyalty.points.engine import recomputed
from regulars.loyalty.points.services import save_points_rule
from regulars.organisation.places.services import open_branch
from regulars.people.models import Member
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

pytestmark = pytest.mark.clause("4.3")

TUESDAY = dt.datetime(2026, 11, 24, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai
WEDNESDAY = TUESDAY + dt.timedelta(days=1)
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def base(business):
    """One point per 10.00 and nothing else; tiers that take no discount."""
    PointsRule.objects.all().delete()
    Tier.objects.update(discount=0)
    cache.clear()
    return save_points_rule(name="1 per 10", points=1, per_amount=1000)


@pytest.fixture
def second_branch(business):
    return open_branch(name="Branch 2")


def sell(branch, member, *amounts, key, categories=(), terminal=None):
    lines = [
        LineRequest(f"Goods {number}", amount, 1, categories[number] if number < len(categories) else "")
        for number, amount in enumerate(amounts)
    ]
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    made = quote(branch=branch, member=buyer, lines=lines, terminal=terminal)
    return confirm(quote=made, key=key, cashier=None, terminal=terminal)


def gold(member):
    tier = Tier.objects.order_by("-threshold")[0]
    Standing.objects.filter(member=member).update(tier=tier)
    return tier.code


@pytest.mark.capability(59, 65, 66)
def test_double_points_on_tuesdays_for_gold_at_branch_2_at_most_500_a_day(base, branch, second_branch, member):
    tier = gold(member)
    save_points_rule(
        name="Double Tuesday",
        kind="multiplier",
        factor=200,
        tiers=[tier],
        branches=[second_branch.public_id],
        weekdays=[1],
        cap_day=500,
    )
    with clock.turned_to(TUESDAY):
        assert sell(second_branch, member, 300_000, key="tuesday-one").points_earned == 300 + 300
        assert sell(second_branch, member, 300_000, key="tuesday-two").points_earned == 300 + 200
        assert sell(second_branch, member, 300_000, key="tuesday-three").points_earned == 300
        assert sell(branch, member, 300_000, key="tuesday-else").points_earned == 300
    with clock.turned_to(WEDNESDAY):
        assert sell(second_branch, member, 300_000, key="wednesday").points_earned == 300
    with clock.turned_to(TUESDAY + dt.timedelta(days=7)):
        assert sell(second_branch, member, 10_000, key="next-tuesday").points_earned == 20
    assert unbalanced() == []


def test_each_award_is_kept_by_rule_and_recomputes_from_its_explanation(base, branch, member):
    save_points_rule(name="Half more", kind="multiplier", factor=150)
    sale = sell(branch, member, 4_500, 1_000, key="first-sale")
    assert sale.points_earned == 8  # 5.5 × 1.5 = 8.25
    kept = {award.rule.name: award.points for award in Award.objects.select_related("rule")}
    assert kept == {"1 per 10": 5, "Half more": 3}
    assert recomputed(sale.explanation["earned"]) == sale.explanation["earned"]["given"]
    assert sorted(sale.explanation["earned"]["given"].values()) == [3, 5]


def test_a_refund_gives_the_cap_back(base, branch, member):
    rule = save_points_rule(name="Bonus", kind="multiplier", factor=200, cap_day=100, cap_total=1_000)
    with clock.turned_to(TUESDAY):
        sale = sell(branch, member, 100_000, key="first-sale")
        assert sale.points_earned == 200
        assert sell(branch, member, 100_000, key="second-sale").points_earned == 100
        refund(sale=sale, key="half-of-it", amount=50_000, reason="", cashier=None)
        assert dict(CapUse.objects.filter(rule=rule).values_list("period", "used")) == {
            "day:2026-11-24": 50,
            "total": 50,
        }
        assert sell(branch, member, 100_000, key="third-sale").points_earned == 150


def test_a_cap_that_is_reached_between_price_and_payment_makes_the_quote_stale_and_posts_nothing(base, branch, member):
    save_points_rule(name="Bonus", kind="multiplier", factor=200, cap_total=100)
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    offered = [quote(branch=branch, member=buyer, lines=[LineRequest("Tea", 100_000)]) for _ in range(2)]
    assert [made.content["points"] for made in offered] == [200, 200]
    confirm(quote=offered[0], key="the-first-one", cashier=None)
    with pytest.raises(StaleQuote):
        confirm(quote=offered[1], key="the-second-one", cashier=None)
    assert balance(member.wallet) == 200
    assert Award.objects.count() == 2


def test_the_database_refuses_more_than_a_cap_whatever_the_programme_believes(base, member):
    from regulars.ledger.services import Leg, post
    from regulars.sql_functions import call

    posted = post(
        key="by-hand-1",
        kind="award",
        legs=[Leg(wallet=member.wallet_id, asset="points", amount=9, house="points.issued")],
    )
    row = {
        "rule_id": base.pk,
        "member_id": member.pk,
        "occasion": "test:1",
        "points": 9,
        "base": 0,
        "lines": [],
        "counted": [{"holder": 0, "period": "total", "most": 8}],
        "awarded_on": "2026-11-24",
    }
    with pytest.raises(StaleQuote):
        call("loyalty_award", {"transaction": posted.transaction, "awards": [row]})


@pytest.mark.capability(66)
def test_goods_and_tills_have_rules_of_their_own_and_lose_points_line_by_line(base, branch, member):
    from regulars.organisation.places.services import add_terminal

    till = add_terminal(branch=branch, name="Tea bar")
    save_points_rule(name="Tea", points=5, per_amount=1000, categories=["Tea"], terminals=[till.public_id])
    sale = sell(branch, member, 10_000, 20_000, key="with-tea", categories=["tea", "cake"], terminal=till)
    assert sale.points_earned == 30 + 50
    assert sell(branch, member, 10_000, key="other-till", categories=["tea"]).points_earned == 10
    cake = refund(sale=sale, key="cake-back", lines={2: 20_000}, reason="", cashier=None)
    assert (cake.amount, cake.points_taken_back) == (20_000, 20)  # the cake earned nothing as tea
    tea = refund(sale=sale, key="tea-back", lines={1: 10_000}, reason="", cashier=None)
    assert tea.points_taken_back == 60
    assert unbalanced() == []


@random_given(parts=st.lists(st.integers(1, 9_999), min_size=1, max_size=4), first=st.integers(1, 40_000))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_of_a_refund_take_back_exactly_what_was_earned(base, branch, member, parts, first):
    from django.db import transaction

    with transaction.atomic():
        save_points_rule(name="Tea", points=3, per_amount=700, categories=["tea"], cap_day=10_000)
        save_points_rule(name="More", kind="multiplier", factor=133)
        before = balance(member.wallet)
        sale = sell(branch, member, first, 9_999, key="a-sale-in-parts", categories=["tea"])
        left = sale.total
        for number, part in enumerate(parts):
            amount = min(part, left - 1)
            if amount > 0:
                refund(sale=sale, key=f"a-part-{number}", amount=amount, reason="", cashier=None)
                left -= amount
        refund(sale=sale, key="all-the-rest", reason="", cashier=None)
        sale.refresh_from_db()
        assert balance(member.wallet) == before
        assert sale.points_taken_back == sale.points_earned
        assert all(award.taken_back == award.points for award in Award.objects.all())
        assert not CapUse.objects.exclude(used=0).exists()
        transaction.set_rollback(True)
    cache.clear()


@pytest.mark.capability(69)
def test_points_for_spending_that_reaches_an_amount_come_once_in_a_month(base, branch, member):
    save_points_rule(
        name="500 in a month", trigger="spend_threshold", kind="fixed", points=40, least_amount=50_000, within="month"
    )
    save_points_rule(name="300 at once", trigger="spend_threshold", kind="fixed", points=7, least_amount=30_000)
    with clock.turned_to(TUESDAY):
        assert sell(branch, member, 30_000, key="sale-number-1").points_earned == 30 + 7
        assert sell(branch, member, 20_000, key="sale-number-2").points_earned == 20 + 40
        assert sell(branch, member, 50_000, key="sale-number-3").points_earned == 50 + 7
    with clock.turned_to(TUESDAY + dt.timedelta(days=14)):
        assert sell(branch, member, 50_000, key="sale-number-4").points_earned == 50 + 7 + 40


def test_the_first_purchase_earns_once_whatever_is_refunded(base, branch, member):
    save_points_rule(name="Welcome", trigger="first_purchase", kind="fixed", points=100)
    first = sell(branch, member, 10_000, key="first-sale")
    assert first.points_earned == 110
    refund(sale=first, key="all-of-it", reason="", cashier=None)
    assert sell(branch, member, 10_000, key="second-sale").points_earned == 10


@pytest.mark.capability(65)
def test_a_condition_of_the_owner_decides_and_asks_the_member(base, branch, member):
    save_points_rule(
        name="With birthday",
        kind="fixed",
        points=9,
        condition={"all": [{"field": "sale.amount", "is": "at_least", "value": 20_000}]},
    )
    assert sell(branch, member, 19_000, key="small-sale").points_earned == 19
    assert sell(branch, member, 20_000, key="large-sale").points_earned == 29


@pytest.mark.capability(74)
@pytest.mark.parametrize(
    ("policy", "last_day"),
    [
        ({"kind": "never"}, None),
        ({"kind": "days", "count": 30}, dt.date(2026, 12, 24)),
        ({"kind": "month_end", "count": 0}, dt.date(2026, 11, 30)),
        ({"kind": "month_end", "count": 12}, dt.date(2027, 11, 30)),
        ({"kind": "quarter_end", "count": 1}, dt.date(2027, 3, 31)),
        ({"kind": "year_end", "count": 0}, dt.date(2026, 12, 31)),
        ({"kind": "year_end", "count": 1}, dt.date(2027, 12, 31)),
    ],
)
def test_every_expiry_policy_ends_with_its_last_day_in_the_zone_of_the_business(base, branch, member, policy, last_day):
    save_points_rule(rule=base, name="1 per 10", points=1, per_amount=1000, expiry=policy)
    with clock.turned_to(TUESDAY):
        sell(branch, member, 10_000, key="first-sale")
    (lot,) = lots(member.wallet)
    ends = None if last_day is None else clock.start_of(last_day + dt.timedelta(days=1))
    assert lot.expires_at == ends


def test_a_tier_may_extend_the_life_of_points(base, branch, member):
    policy = {"kind": "month_end", "count": 1, "extend": {gold(member): 6}}
    save_points_rule(rule=base, name="1 per 10", points=1, per_amount=1000, expiry=policy)
    with clock.turned_to(TUESDAY):
        sell(branch, member, 10_000, key="first-sale")
    (lot,) = lots(member.wallet)
    assert lot.expires_at == clock.start_of(dt.date(2027, 7, 1))


def test_the_week_of_the_birthday_holds_over_the_turn_of_the_year(base, branch, member):
    Member.objects.filter(pk=member.pk).update(birthday=dt.date(1990, 1, 1))
    save_points_rule(name="Birthday week", kind="multiplier", factor=200, around_birthday="week")
    with clock.turned_to(dt.datetime(2026, 12, 29, 4, tzinfo=dt.UTC)):
        assert sell(branch, member, 10_000, key="in-the-week").points_earned == 20
    with clock.turned_to(dt.datetime(2027, 1, 5, 4, tzinfo=dt.UTC)):
        assert sell(branch, member, 10_000, key="after-the-week").points_earned == 10


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"points": 0}, "points"),
        ({"points": -5}, "points"),
        ({"points": 10**6, "per_amount": 1}, "points"),
        ({"per_amount": 0}, "per_amount"),
        ({"per_amount": 10**14}, "per_amount"),
        ({"name": "  "}, "name"),
        ({"kind": "cubic"}, "kind"),
        ({"kind": "multiplier", "factor": 100}, "factor"),
        ({"kind": "multiplier", "factor": 10**9}, "factor"),
        ({"trigger": "joined"}, "kind"),
        ({"trigger": "full moon"}, "trigger"),
        ({"trigger": "event:Ünsinn"}, "trigger"),
        ({"trigger": "spend_threshold", "kind": "fixed"}, "least_amount"),
        ({"within": "month"}, "within"),
        ({"kind": "fixed", "points": 50, "cap_day": 20}, "cap_day"),
        ({"cap_day": 100, "cap_month": 50}, "cap_month"),
        ({"cap_total": 0}, "cap_total"),
        ({"starts_on": dt.date(2027, 2, 1), "ends_on": dt.date(2027, 1, 1)}, "ends_on"),
        ({"ends_on": dt.date(2020, 1, 1)}, "ends_on"),
        ({"starts_on": dt.date(2127, 1, 6), "ends_on": dt.date(2127, 1, 7), "weekdays": [6]}, "weekdays"),
        ({"starts_on": dt.date(2127, 2, 1), "ends_on": dt.date(2127, 2, 28), "month_days": [31]}, "month_days"),
        ({"weekdays": [7]}, "weekdays"),
        ({"branches": ["brn_nowhere"]}, "branches"),
        ({"tiers": ["diamond"]}, "tiers"),
        ({"trigger": "joined", "kind": "fixed", "categories": ["tea"]}, "categories"),
        ({"condition": {"field": "no.such", "is": "at_least", "value": 1}}, "condition"),
        ({"expiry": {"kind": "days", "count": 0}}, "expiry"),
        ({"expiry": {"kind": "when it suits"}}, "expiry"),
        ({"pending_days": 400}, "pending_days"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_beside_its_field_and_nothing_is_saved(base, over, field):
    with pytest.raises(InvalidInput) as refusal:
        save_points_rule(**{"name": "Rule", "points": 1, "per_amount": 1000, **over})
    assert refusal.value.field == field
    assert not CHINESE.search(str(refusal.value))
    with translation.override("zh-hans"), pytest.raises(InvalidInput) as refusal:
        save_points_rule(**{"name": "Rule", "points": 1, "per_amount": 1000, **over})
    assert CHINESE.search(str(refusal.value))
    assert PointsRule.objects.count() == 1
