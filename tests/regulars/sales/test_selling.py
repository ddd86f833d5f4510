"""A sale from quote to refund: right to the unit, safe to repeat, undone by one act."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, StaleQuote
from regulars.ledger.selectors import balance, history, lots, unbalanced
from regulars.loyalty.models import PointsRule, Tier, TierMove
from regulars.loyalty.tiers.selectors import progress_of
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.people.models import Member
from regulars.sales import services
from regulars.sales.models import Refund, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

pytestmark = pytest.mark.clause("2.5")


@pytest.fixture
def programme(business):
    """One point per 10.00; silver from 500.00 at 5 %, gold from 2,000.00 at 10 %."""
    PointsRule.objects.all().delete()
    rule = PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", discount=0)
    Tier.objects.create(code="silver", words={"en": "Silver"}, threshold=50_000, discount=500)
    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=200_000, discount=1000)
    from django.core.cache import cache

    cache.clear()
    return rule


def sell(branch, member, amount, *, key, **over):
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", amount)])
    return confirm(quote=made, key=key, cashier=None, **over)


@pytest.mark.capability(63)
@pytest.mark.parametrize(("amount", "points"), [(999, 0), (1000, 1), (10_500, 10)])
def test_one_point_per_ten_is_rounded_down_once(programme, branch, member, amount, points):
    assert sell(branch, member, amount, key="first-sale").points_earned == points
    assert balance(member.wallet) == points


@pytest.mark.capability(49)
def test_the_discount_of_the_tier_is_taken_and_explained(programme, branch, member):
    sell(branch, member, 60_000, key="first-sale")
    member = Member.objects.get(pk=member.pk)
    assert member.standing.tier.code == "silver"
    sale = sell(branch, member, 9_999, key="second-sale")
    assert (sale.list_total, sale.discount_total, sale.total) == (9_999, 500, 9_499)
    assert sale.explanation["steps"] == [{"amount": -500, "reason": "Silver discount 5%"}]
    assert sum(line.amount for line in sale.lines.all()) == sale.total


@pytest.mark.capability(41)
def test_one_sale_that_passes_two_tiers_ends_on_the_highest_and_says_why(programme, branch, member):
    sell(branch, member, 250_000, key="first-sale")
    move = TierMove.objects.get(member=member)
    assert (move.previous.code, move.current.code) == ("base", "gold")
    assert move.explanation["spent"] == 250_000
    assert move.explanation["thresholds"] == {"base": 0, "silver": 50_000, "gold": 200_000}


def test_spending_of_more_than_twelve_months_ago_does_not_count(programme, branch, member, noon):
    with clock.turned_to(noon - dt.timedelta(days=400)):
        sell(branch, member, 40_000, key="old-sale")
    with clock.turned_to(noon):
        sell(branch, member, 40_000, key="new-sale")
        progress = progress_of(Member.objects.select_related("standing__tier").get(pk=member.pk))
    assert (progress.spent, progress.missing, progress.next.code) == (40_000, 10_000, "silver")


@pytest.mark.capability(67)
def test_a_guest_earns_nothing_and_needs_no_member(programme, branch):
    sale = sell(branch, None, 5_000, key="guest-sale")
    assert (sale.points_earned, sale.transaction_id, sale.member_id) == (0, None, None)


@pytest.mark.capability(167)
def test_confirming_twice_with_one_key_posts_once(programme, branch, member):
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 10_000)])
    first = confirm(quote=made, key="the-same-key", cashier=None)
    again = confirm(quote=made, key="the-same-key", cashier=None)
    assert (first.pk, Sale.objects.count(), balance(member.wallet)) == (again.pk, 1, 10)


def test_the_same_key_for_another_sale_is_refused(programme, branch, member):
    sell(branch, member, 10_000, key="the-same-key")
    with pytest.raises(KeyUsedBefore):
        sell(branch, member, 20_000, key="the-same-key")
    assert Sale.objects.count() == 1


def test_a_quote_whose_price_changed_is_refused_and_nothing_is_posted(programme, branch, member):
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 10_000)])
    PointsRule.objects.update(points=5)
    from django.core.cache import cache

    cache.clear()
    with pytest.raises(StaleQuote):
        confirm(quote=made, key="first-sale", cashier=None)
    assert (Sale.objects.count(), balance(member.wallet)) == (0, 0)


def test_a_quote_grows_old_after_thirty_minutes(programme, branch, member, noon):
    with clock.turned_to(noon):
        made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 10_000)])
    with clock.turned_to(noon + dt.timedelta(minutes=30)), pytest.raises(StaleQuote):
        confirm(quote=made, key="first-sale", cashier=None)


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "lines"),
        ([LineRequest("Tea", 0)], "amount"),
        ([LineRequest("Tea", -5)], "amount"),
        ([LineRequest("Tea", 10**14)], "amount"),
        ([LineRequest("Tea", 100, 0)], "quantity"),
        ([LineRequest("Tea", 100)] * 201, "lines"),
        ([LineRequest("x" * 200, 100)], "description"),
    ],
)
def test_a_basket_that_cannot_be_names_its_field(programme, branch, lines, field):
    with pytest.raises(InvalidInput) as refusal:
        quote(branch=branch, member=None, lines=lines)
    assert refusal.value.field == field


def test_too_little_cash_is_refused(programme, branch, member):
    with pytest.raises(InvalidInput) as refusal:
        sell(branch, member, 10_000, key="first-sale", received=9_999)
    assert refusal.value.field == "received"
    assert Sale.objects.count() == 0


@pytest.mark.capability(73)
def test_a_sale_announces_itself_and_its_points_and_leaves_a_trail(programme, branch, member):
    sale = sell(branch, member, 60_000, key="first-sale")
    facts = {event.name: event.payload for event in OutboxEvent.objects.exclude(name="member_joined")}
    assert set(facts) == {"sale_posted", "points_credited", "tier_changed"}
    assert facts["points_credited"]["balance"] == 60
    assert facts["sale_posted"]["sale"] == sale.public_id
    assert TrailEntry.objects.filter(act="sale.confirmed", subject=sale.public_id).count() == 1


def test_three_refunds_of_a_third_take_back_exactly_what_was_earned(programme, branch, member):
    sale = sell(branch, member, 10_000, key="first-sale")
    taken = [
        refund(sale=sale, key=f"refund-{part}", amount=amount, reason="", cashier=None).points_taken_back
        for part, amount in enumerate((3_333, 3_333, 3_334))
    ]
    assert (sum(taken), balance(member.wallet), lots(member.wallet)) == (10, 0, [])
    assert [entry.balance_after for entry in history(member.wallet)] == [0, 4, 7, 10]
    assert unbalanced() == []


@pytest.mark.clause("4.Shows")
def test_earn_then_refund_three_times_a_third_is_exactly_the_balance_before_and_a_repeated_refund_changes_nothing(
    programme, branch, member
):
    from regulars.ledger.services import adjust

    adjust(wallet=member.wallet, asset="points", amount=7, key="some-before", reason="gift", actor="test")
    before = [(lot.pk, lot.remaining, lot.expires_at) for lot in lots(member.wallet)]
    sale = sell(branch, member, 10_000, key="first-sale")
    for part, amount in enumerate((3_333, 3_333, 3_334)):
        for _time in range(3):
            refund(sale=sale, key=f"refund-{part}", amount=amount, reason="", cashier=None)
    assert Refund.objects.count() == 3
    assert [(lot.pk, lot.remaining, lot.expires_at) for lot in lots(member.wallet)] == before
    assert balance(member.wallet) == 7


def test_a_refund_repeated_with_its_key_changes_nothing(programme, branch, member):
    sale = sell(branch, member, 10_000, key="first-sale")
    first = refund(sale=sale, key="refund-one", amount=4_000, reason="cold", cashier=None)
    again = refund(sale=sale, key="refund-one", amount=4_000, reason="cold", cashier=None)
    assert (first.pk, Refund.objects.count()) == (again.pk, 1)
    with pytest.raises(KeyUsedBefore):
        refund(sale=sale, key="refund-one", amount=5_000, reason="cold", cashier=None)


def test_more_than_is_left_cannot_be_refunded(programme, branch, member):
    sale = sell(branch, member, 10_000, key="first-sale")
    refund(sale=sale, key="refund-one", amount=9_000, reason="", cashier=None)
    with pytest.raises(InvalidInput) as refusal:
        refund(sale=sale, key="refund-two", amount=1_001, reason="", cashier=None)
    assert refusal.value.field == "amount"
    refund(sale=sale, key="refund-three", reason="", cashier=None)
    with pytest.raises(InvalidInput):
        refund(sale=sale, key="refund-four", reason="", cashier=None)
    sale.refresh_from_db()
    assert (sale.refunded_total, sale.points_taken_back) == (10_000, 10)


def test_points_spent_before_the_refund_become_a_debt_shown_as_it_is(programme, branch, member):
    from regulars.ledger.services import adjust

    sale = sell(branch, member, 10_000, key="first-sale")
    adjust(wallet=member.wallet, asset="points", amount=-8, key="spend-one", reason="cup", actor="")
    refund(sale=sale, key="refund-one", reason="", cashier=None)
    assert balance(member.wallet) == -8


def test_points_expire_with_the_month_after_twelve_months_in_the_zone_of_the_business(programme, branch, member, noon):
    with clock.turned_to(noon):
        sell(branch, member, 10_000, key="first-sale")
    (lot,) = lots(member.wallet)
    assert lot.expires_at == dt.datetime(2027, 6, 30, 16, 0, tzinfo=dt.UTC)  # midnight in Shanghai


def test_a_sale_after_midnight_in_shanghai_belongs_to_the_new_day(programme, branch, member):
    with clock.turned_to(dt.datetime(2026, 6, 14, 16, 30, tzinfo=dt.UTC)):
        assert sell(branch, member, 10_000, key="night-sale").business_date == dt.date(2026, 6, 15)


@given(total=st.integers(1, 5_000_00), cuts=st.lists(st.integers(1, 5_000_00), max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_parts_of_a_refund_sum_to_the_whole(programme, branch, member, total, cuts):
    from django.db import transaction

    with transaction.atomic():
        sale = sell(branch, member, total, key="first-sale")
        for number, cut in enumerate(cuts):
            sale.refresh_from_db()
            left = sale.total - sale.refunded_total
            if left:
                refund(sale=sale, key=f"refund-{number}", amount=min(cut, left), reason="", cashier=None)
        sale.refresh_from_db()
        if sale.total > sale.refunded_total:
            refund(sale=sale, key="the-rest-of-it", reason="", cashier=None)
        assert (balance(member.wallet), unbalanced()) == (0, [])
        transaction.set_rollback(True)


def test_a_refund_belongs_to_the_day_of_the_branch(programme, branch, member):
    branch.zone = "America/New_York"
    branch.save()
    with clock.turned_to(dt.datetime(2026, 6, 15, 2, 0, tzinfo=dt.UTC)):
        sale = sell(branch, member, 10_000, key="late-sale")
        back = refund(sale=sale, key="refund-one", reason="", cashier=None)
    assert (sale.business_date, back.business_date) == (dt.date(2026, 6, 14), dt.date(2026, 6, 14))


def test_a_module_may_promise_days_that_count_from_now(programme, branch, member, monkeypatch, noon):
    from regulars import hooks, plugins

    def asked(spec, **named):
        if spec is not hooks.sale_contributions:
            return []
        later = clock.now() + dt.timedelta(days=3)
        stamp = hooks.Credit(asset="stamps", amount=1, reason="stamp", available_from=later)
        return [hooks.SaleContribution(plugin="stamps", credits=(stamp,))]

    monkeypatch.setattr(plugins, "ask", asked)
    with clock.turned_to(noon):
        made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 10_000)])
    with clock.turned_to(noon + dt.timedelta(minutes=5)):
        sale = confirm(quote=made, key="first-sale", cashier=None)
    (lot,) = lots(member.wallet, "stamps")
    assert lot.available_from == noon + dt.timedelta(days=3, minutes=5)
    assert dt.datetime.fromisoformat(sale.contributions[0]["credits"][0]["available_from"]) == lot.available_from


@pytest.mark.capability(73)
def test_points_that_a_module_adds_to_a_sale_are_announced_with_those_by_rule(programme, branch, member, monkeypatch):
    from regulars import hooks, plugins

    def asked(spec, **named):
        if spec is not hooks.sale_contributions:
            return []
        five = hooks.Credit(asset="points", amount=5, reason="a present")
        return [hooks.SaleContribution(plugin="presents", credits=(five,))]

    monkeypatch.setattr(plugins, "ask", asked)
    sale = sell(branch, member, 10_000, key="first-sale")
    (told,) = OutboxEvent.objects.filter(name="points_credited").values_list("payload", flat=True)
    assert (told["points"], told["balance"], told["reason"]) == (15, 15, "sale")
    assert (sale.points_earned, balance(member.wallet)) == (15, 15)
    refund(sale=sale, key="refund-it-all", reason="", cashier=None)
    assert (balance(member.wallet), unbalanced()) == (0, [])


def test_the_steps_of_the_price_sum_to_the_total_whatever_modules_say(programme, branch, monkeypatch):
    from regulars import hooks
    from regulars.sales import quoting

    def surcharge_then_gift(spec, **named):
        if spec is hooks.quote_price:
            return [
                hooks.PriceAdjustment(amount=300, reason="Late"),
                hooks.PriceAdjustment(amount=-9_999, reason="Gift"),
            ]
        return []

    monkeypatch.setattr(quoting.plugins, "ask", surcharge_then_gift)
    priced = quoting.draft(branch=branch, member=None, lines=[LineRequest("Tea", 1_000)])
    assert [step.amount for step in priced.steps] == [300, -1_300]
    assert (priced.list_total, priced.total) == (1_000, 0)


@pytest.mark.parametrize("is_the_same", [True, False], ids=["the same request", "another one"])
def test_a_refund_that_comes_between_two_looks_at_a_sale_is_seen(branch, member, monkeypatch, is_the_same):
    sale = confirm(
        quote=quote(branch=branch, member=member, lines=[LineRequest("Tea", 10_000)]), key="a-sale-once", cashier=None
    )
    first = {"sale": sale, "key": "the-first-refund", "reason": "returned", "cashier": None}

    def after_another(*asked: Any) -> Any:
        with monkeypatch.context() as meanwhile:  # another connection's, which commits at this very moment
            meanwhile.setattr(services, "undoing_of", undoing_of)
            done.append(refund(**first))
        return undoing_of(*asked)

    done: list[Refund] = []
    undoing_of = services.undoing_of
    monkeypatch.setattr(services, "undoing_of", after_another)
    if is_the_same:
        assert refund(**first) == done[0]
    else:
        with pytest.raises(StaleQuote):
            refund(**{**first, "key": "the-second-refund"})
    assert Refund.objects.count() == int(is_the_same)  # the other one is a part of what was refused here
