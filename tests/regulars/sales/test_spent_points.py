"""A refund of a sale whose points are spent already: owed, let off, or paid for with a part of the money."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import sql_functions
from regulars.errors import InvalidInput, StaleQuote
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import adjust
from regulars.loyalty.models import Award, CapUse, PointsRule
from regulars.loyalty.points.gifts import change_points_settings
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.sales import services
from regulars.sales.models import Refund, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.selectors import refund_preview
from regulars.sales.services import confirm, quote, refund
from regulars.sales.spent_points import charge_of
from tests.conftest import new_member
from tests.crowd import switched_off

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.clause("4.3"), pytest.mark.capability(73)]

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def rule(business: Any) -> PointsRule:
    """One point per 1.00, at most 1,000 a day."""
    PointsRule.objects.all().delete()
    made = PointsRule.objects.create(name="1 per 1", points=1, per_amount=100, cap_day=1_000)
    cache.clear()
    return made


def set_to(if_spent: str, worth: int = 0) -> None:
    change_points_settings(by="", if_spent=if_spent, hundred_worth=worth)


def bought(branch: Any, member: Any, amount: int = 10_000) -> Sale:
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", amount)])
    return confirm(quote=made, key=f"spent-sale-{next(NUMBERS):05d}", cashier=None)


def spend(member: Any, points: int) -> None:
    key = f"spent-by-{next(NUMBERS):05d}"
    adjust(wallet=member.wallet, asset="points", amount=-points, key=key, reason="cake", actor="test")


def give_back(sale: Sale, amount: int | None = None) -> Refund:
    key = f"spent-back-{next(NUMBERS):05d}"
    return refund(sale=sale, key=key, amount=amount, reason="returned", cashier=None)


def said(sale: Sale, amount: int | None = None) -> list[str]:
    return list(refund_preview(sale, amount).notes)


def test_by_default_what_is_spent_is_owed_and_the_preview_says_so(branch, member):
    sale = bought(branch, member)
    spend(member, 30)
    assert said(sale) == ["30 of these points are spent already. They are owed: the next points pay them back."]
    done = give_back(sale)
    assert (done.points_taken_back, done.points_missing, done.paid_back, balance(member.wallet)) == (
        100,
        0,
        10_000,
        -30,
    )


def test_clamped_only_what_is_left_is_taken_and_the_rest_is_let_off_for_good(branch, member, rule):
    set_to("clamp")
    sale = bought(branch, member)
    spend(member, 80)
    assert said(sale, 5_000) == ["30 more points are spent already and are let off."]
    first = give_back(sale, 5_000)
    assert (first.points_taken_back, first.points_missing, first.paid_back, balance(member.wallet)) == (
        20,
        30,
        5_000,
        0,
    )
    adjust(wallet=member.wallet, asset="points", amount=500, key="a-later-gift", reason="gift", actor="test")
    second = give_back(sale)
    assert (second.points_taken_back, second.points_missing, balance(member.wallet)) == (50, 0, 450)
    award = Award.objects.get()
    assert (award.points, award.taken_back, award.missing) == (100, 70, 30)
    assert CapUse.objects.get(rule=rule).used == 30  # what was let off stays given
    assert unbalanced() == []


def test_charged_the_worth_of_what_is_missing_is_kept_back_from_the_money(branch, member):
    set_to("charge", worth=250)  # 2.50 for 100 points
    sale = bought(branch, member)
    spend(member, 31)
    preview = refund_preview(sale, None)
    assert (preview.amount, preview.paid_back, preview.points_taken_back) == (10_000, 9_923, 69)
    assert preview.notes == ("31 more points are spent already. For them, ¥0.77 is kept back from the money.",)
    done = give_back(sale)
    assert (done.amount, done.charged, done.paid_back) == (10_000, 77, 9_923)
    assert (done.points_taken_back, done.points_missing, done.points_charged, balance(member.wallet)) == (69, 31, 31, 0)
    assert OutboxEvent.objects.get(name="sale_refunded").payload["charged"] == 77
    assert TrailEntry.objects.get(act="sale.refunded").detail["charged"] == 77


def test_never_more_than_the_money_is_charged_and_what_it_does_not_cover_is_let_off(branch, member):
    set_to("charge", worth=20_000)  # two yuan for each point: dearer than what earned it
    sale = bought(branch, member)
    spend(member, 100)
    assert said(sale, 1_001) == [
        "5 more points are spent already. For them, ¥10.00 is kept back from the money.",
        "5 more points are spent already and are let off.",
    ]
    done = give_back(sale, 1_001)
    assert (done.charged, done.paid_back, done.points_charged, done.points_missing) == (1_000, 1, 5, 10)


@pytest.mark.parametrize(
    ("if_spent", "worth", "taken", "charged", "left"),
    [
        ("negative", 0, [33, 33, 34], [0, 0, 0], -100),
        ("clamp", 0, [0, 0, 0], [0, 0, 0], 0),
        ("charge", 50, [0, 0, 0], [16, 17, 17], 0),
    ],
)
def test_three_thirds_sum_exactly_where_all_of_it_is_spent(branch, member, if_spent, worth, taken, charged, left):
    set_to(if_spent, worth)
    sale = bought(branch, member)
    spend(member, 100)
    thirds = [give_back(sale, 3_333), give_back(sale, 3_333), give_back(sale)]
    assert [each.points_taken_back for each in thirds] == taken
    assert [each.charged for each in thirds] == charged
    assert sum(each.points_taken_back + each.points_missing for each in thirds) == 100
    assert balance(member.wallet) == left


def test_a_repeated_refund_lets_off_and_charges_nothing_more(branch, member):
    set_to("charge", worth=100)
    sale = bought(branch, member)
    spend(member, 60)
    for _time in (1, 2):
        refund(sale=sale, key="one-and-the-same", amount=5_000, reason="returned", cashier=None)
    assert Refund.objects.get().charged == 10
    assert (balance(member.wallet), Award.objects.get().missing) == (0, 10)


def test_the_setting_may_change_between_two_parts_and_nothing_is_asked_for_twice(branch, member):
    sale = bought(branch, member)
    spend(member, 100)
    set_to("clamp")
    give_back(sale, 3_000)
    set_to("charge", worth=100)
    assert give_back(sale, 3_000).charged == 30
    set_to("negative")
    last = give_back(sale)
    assert (last.points_taken_back, balance(member.wallet)) == (40, -40)


def test_points_that_are_held_are_not_taken_and_nobody_comes_to_owe_them(branch, member):
    import datetime as dt

    from regulars import clock
    from regulars.ledger.services import reserve

    set_to("clamp")
    sale = bought(branch, member)
    until = clock.now() + dt.timedelta(hours=1)
    reserve(wallet=member.wallet, asset="points", amount=60, key="a-hold-of-60", expires_at=until, reason="", actor="")
    done = give_back(sale)
    assert (done.points_taken_back, done.points_missing, balance(member.wallet)) == (40, 60, 60)


@pytest.mark.parametrize("if_spent", ["clamp", "charge"])
def test_points_spent_between_the_look_and_the_refund_are_looked_at_again(branch, member, monkeypatch, if_spent):
    set_to(if_spent, worth=100)
    sale = bought(branch, member)

    def while_somebody_spends(function: str, document: dict[str, Any]) -> Any:
        spend(member, 40)
        return sql_functions.call(function, document)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(services, "call", while_somebody_spends)
        with pytest.raises(StaleQuote), transaction.atomic():
            give_back(sale)
    assert (Refund.objects.count(), balance(member.wallet)) == (0, 100)
    assert give_back(sale).points_taken_back == 100


def test_without_its_guard_somebody_would_come_to_owe_what_is_never_owed_here(business, branch, member, monkeypatch):
    """The negative control of the test above."""
    set_to("clamp")
    sale = bought(branch, member)

    def while_somebody_spends(function: str, document: dict[str, Any]) -> Any:
        spend(member, 40)
        return sql_functions.call(function, document)

    monkeypatch.setattr(services, "call", while_somebody_spends)
    with switched_off(business, "sales/sql/sale.sql", ("IF NOT (document->>'may_owe')::boolean AND", "IF false AND")):
        give_back(sale)
    assert balance(member.wallet) == -40


@given(
    worth=st.integers(1, 3_000),
    parts=st.lists(st.integers(1, 4_000), min_size=1, max_size=5),
    spent=st.lists(st.integers(0, 60), min_size=5, max_size=5),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("if_spent", ["clamp", "negative", "charge"])
def test_any_parts_sum_to_exactly_what_was_earned_whatever_is_spent_between(
    branch, member, if_spent, worth, parts, spent
):
    with transaction.atomic():
        set_to(if_spent, worth)
        sale = bought(branch, member, sum(parts))
        earned = sale.points_earned
        for part, wanted in zip(parts, spent, strict=False):
            if (points := min(wanted, max(0, balance(member.wallet)))) > 0:
                spend(member, points)
            before = balance(member.wallet)
            done = give_back(sale, part)
            assert before - balance(member.wallet) == done.points_taken_back
            assert 0 <= done.charged <= done.amount
            if if_spent != "negative":
                assert balance(member.wallet) >= 0
        refunds = list(Refund.objects.all())
        gone = sum(each.points_taken_back + each.points_missing for each in refunds)
        assert gone == earned
        for award in Award.objects.all():
            assert award.taken_back + award.missing == award.points
        missing, charged_for = (
            sum(each.points_missing for each in refunds),
            sum(each.points_charged for each in refunds),
        )
        assert (missing == 0) if if_spent == "negative" else (charged_for == 0 or if_spent == "charge")
        # what was charged over all is what that many points are worth, rounded down once
        assert sum(each.charged for each in refunds) == charged_for * worth // 100
        assert unbalanced() == []
        transaction.set_rollback(True)


@given(
    parts=st.lists(st.integers(0, 500), min_size=1, max_size=8),
    worth=st.integers(0, 5_000),
    most=st.integers(0, 10**6),
)
def test_parts_are_charged_what_the_whole_would_be_and_never_more_than_there_is(parts, worth, most):
    before = money = 0
    for part in parts:
        points, paid = charge_of(part, before=before, hundred_worth=worth, most=most)
        assert 0 <= points <= part
        assert 0 <= paid <= most
        if points < part and worth:  # one more would have been too dear
            assert (before + points + 1) * worth // 100 - before * worth // 100 > most
        before, money = before + points, money + paid
    assert money == before * worth // 100


def test_charging_needs_a_worth_of_points(business):
    with pytest.raises(InvalidInput, match="Say what 100 points are worth") as refusal:
        set_to("charge")
    assert refusal.value.field == "hundred_worth"
    with pytest.raises(InvalidInput):
        set_to("forgive")


def test_the_preview_explains_it_in_chinese_too(branch, member):
    sale = bought(branch, member)
    spend(member, 30)
    with translation.override("zh-hans"):
        assert said(sale) == ["其中 30 积分已被使用，将记为欠分，由以后获得的积分抵还。"]
        set_to("clamp")
        assert said(sale) == ["另有 30 积分已被使用，予以免除。"]
        set_to("charge", worth=100)
        assert said(sale) == ["另有 30 积分已被使用，将从退款中扣除 ¥0.30。"]


def test_a_guest_has_no_points_to_miss(branch):
    set_to("clamp")
    sale = bought(branch, None)
    assert (said(sale), give_back(sale).points_taken_back) == ([], 0)


def test_another_member_is_not_asked(branch, member):
    set_to("clamp")
    other = new_member(contact="+8613900139000")
    sale = bought(branch, member)
    spend(member, 100)
    bought(branch, other)
    assert (give_back(sale).points_missing, balance(other.wallet)) == (100, 100)
