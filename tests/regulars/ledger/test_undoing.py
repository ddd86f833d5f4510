"""What was moved is undone whole or in parts, in the very lots it moved, and never more than once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock
from regulars.errors import KeyUsedBefore, NotEnough
from regulars.ledger.models import Lot, Transaction
from regulars.ledger.selectors import balance, lots, spendable, unbalanced
from regulars.ledger.services import Leg, UndoneBefore, post, reverse

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.capability(73)]
DAY = dt.timedelta(days=1)


def as_they_are():
    return list(Lot.objects.order_by("id").values("id", "amount", "remaining", "held", "expires_at", "available_from"))


def undo(original, key, part=None, **more):
    return reverse(original=original, key=key, reason="returned", part=part, **more)


def test_earned_then_refunded_three_times_a_third_is_exactly_the_balance_before(member, give):
    give(7)
    sale = give(100)
    taken = []
    for third in (1, 2, 3):
        before = balance(member.wallet)
        undo(sale, f"third-{third}", (third, 3))
        taken.append(before - balance(member.wallet))
    assert taken == [33, 33, 34]
    assert balance(member.wallet) == 7
    assert unbalanced() == []


def test_a_repeated_refund_changes_nothing(member, give):
    sale = give(100)
    first = undo(sale, "a-third", (1, 3))
    again = undo(sale, "a-third", (1, 3))
    assert (again.transaction, again.is_repeated) == (first.transaction, True)
    undo(sale, "under-another-key", (1, 3))
    assert balance(member.wallet) == 67
    with pytest.raises(KeyUsedBefore):
        undo(sale, "a-third", (2, 3))


def test_spent_from_two_lots_and_refunded_leaves_both_as_they_were(member, give, spend):
    give(30, expires_at=clock.now() + 6 * DAY)
    give(50)
    before = as_they_are()
    undo(spend(70), "refund")
    assert as_they_are() == before
    assert unbalanced() == []


def test_a_spending_refunded_in_parts_fills_the_last_drawn_lot_first(member, give, spend):
    give(30, expires_at=clock.now() + 6 * DAY)
    give(50)
    before = as_they_are()
    spent = spend(70)
    undo(spent, "half", (1, 2))
    assert [lot["remaining"] for lot in as_they_are()] == [0, 45]
    undo(spent, "three-quarters", (3, 4))
    assert [lot["remaining"] for lot in as_they_are()] == [12, 50]
    undo(spent, "the-rest")
    assert as_they_are() == before


def test_after_parts_the_whole_undoes_what_is_left_and_then_nothing_more(member, give):
    sale = give(100)
    undo(sale, "a-third", (1, 3))
    undo(sale, "the-rest")
    assert balance(member.wallet) == 0
    with pytest.raises(UndoneBefore):
        undo(sale, "once-more")
    with pytest.raises(UndoneBefore):
        undo(sale, "a-part-more", (1, 2))


@pytest.mark.parametrize("part", [(0, 3), (4, 3), (-1, 3), (1, 0)])
def test_a_part_that_is_none_is_refused(member, give, part):
    with pytest.raises(ValueError, match="between nothing and the whole"):
        undo(give(100), "absurd", part)
    assert Transaction.objects.count() == 1


def test_pending_points_are_taken_back_first(member, give):
    legs = [
        Leg(wallet=member.wallet_id, asset="points", amount=60, house="points.issued"),
        Leg(
            wallet=member.wallet_id,
            asset="points",
            amount=40,
            house="points.issued",
            available_from=clock.now() + 9 * DAY,
        ),
    ]
    sale = Transaction.objects.get(pk=post(key="two-rules", kind="gift", legs=legs).transaction)
    undo(sale, "a-part", (1, 4))
    assert [(lot.is_pending, lot.remaining) for lot in lots(member.wallet)] == [(False, 60), (True, 15)]


def test_what_goes_back_to_an_expired_lot_lives_on_for_the_grace_given(member, give, spend):
    give(30, expires_at=clock.now() + 6 * DAY, source="rule:one", restrictions={"branches": ["bra_1"]})
    spent = spend(30, where={"branch": "bra_1"})
    with clock.turned_to(clock.now() + 9 * DAY):
        undo(spent, "refund", grace=14 * DAY)
        (lot,) = lots(member.wallet)
        assert (lot.remaining, lot.source, lot.restrictions) == (30, "rule:one", {"branches": ["bra_1"]})
        assert lot.expires_at == clock.now() + 14 * DAY
    assert unbalanced() == []


def test_without_grace_it_goes_back_to_its_lot_with_the_same_date(member, give, spend):
    give(30, expires_at=clock.now() + 6 * DAY)
    spent = spend(30)
    before = clock.now()
    with clock.turned_to(before + 9 * DAY):
        undo(spent, "refund")
        assert (balance(member.wallet), spendable(member.wallet)) == (30, 0)


def test_an_earning_and_a_spending_in_one_transaction_are_each_undone(member, give):
    give(50)
    before = as_they_are()
    legs = [
        Leg(wallet=member.wallet_id, asset="points", amount=-20, house="points.spent"),
        Leg(wallet=member.wallet_id, asset="points", amount=9, house="points.issued"),
    ]
    sale = Transaction.objects.get(pk=post(key="a-sale", kind="purchase", legs=legs).transaction)
    undo(sale, "part", (1, 3))
    assert balance(member.wallet) == 50 - 20 + 9 + 6 - 3
    undo(sale, "rest")
    assert as_they_are()[:1] == before
    assert [lot.remaining for lot in lots(member.wallet)] == [50]
    assert unbalanced() == []


def test_a_spending_undone_after_its_lots_paid_a_debt_comes_back_all_the_same(member, give, spend):
    gift = give(100)
    spend(80)
    taken_back = Transaction.objects.get(pk=undo(gift, "undo-gift").transaction)
    give(200)
    undo(taken_back, "undo-the-undoing")
    assert (balance(member.wallet), spendable(member.wallet)) == (220, 220)
    assert unbalanced() == []


def test_no_asset_that_nobody_declares_is_posted(member):
    with pytest.raises(ValueError, match="nobody declares the asset 'gold'"):
        post(
            key="alchemy-1", kind="gift", legs=[Leg(wallet=member.wallet_id, asset="gold", amount=1, house="gold.made")]
        )


def test_a_restricted_lot_is_spent_only_where_it_may_be(member, give, spend):
    give(30, restrictions={"branches": ["bra_1"], "categories": ["tea"]})
    for where in (None, {}, {"branch": "bra_1"}, {"branch": "bra_2", "category": "tea"}):
        assert spendable(member.wallet, where=where) == 0
        with pytest.raises(NotEnough):
            spend(1, where=where)
    here = {"branch": "bra_1", "category": "tea"}
    assert spendable(member.wallet, where=here) == 30
    spend(30, where=here)
    assert balance(member.wallet) == 0


def test_a_named_lot_alone_is_drawn_on(member, give, spend):
    give(30)
    give(30)
    _first, second = lots(member.wallet)
    with pytest.raises(NotEnough):
        spend(31, lot=second.pk)
    spend(20, lot=second.pk)
    assert [lot.remaining for lot in lots(member.wallet)] == [30, 10]


@given(earned=st.integers(1, 10**12), parts=st.lists(st.integers(1, 99), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_parts_sum_to_exactly_what_was_earned(member, earned, parts):
    from django.db import transaction

    with transaction.atomic():
        leg = Leg(wallet=member.wallet_id, asset="points", amount=earned, house="points.issued")
        sale = Transaction.objects.get(pk=post(key="the-sale", kind="gift", legs=[leg]).transaction)
        done = 0
        for number, part in enumerate(parts):
            done += part
            undo(sale, f"part-{number}", (done, sum(parts)))
            assert balance(member.wallet) == earned - earned * done // sum(parts)
        assert balance(member.wallet) == 0
        assert unbalanced() == []
        transaction.set_rollback(True)
