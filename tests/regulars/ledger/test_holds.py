"""What is set aside is spent by nobody else, is spent once, and comes free again by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from regulars import clock
from regulars.errors import HoldEnded, KeyUsedBefore, NotEnough
from regulars.ledger.models import Account, Hold, Lot, Transaction
from regulars.ledger.selectors import balance, lots, spendable, unbalanced
from regulars.ledger.services import capture, expire_holds, expire_lots, release, reserve, reverse

pytestmark = pytest.mark.clause("4.1")
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def hold(member):
    def holding(amount, *, key="", until=HOUR, **more):
        return reserve(
            wallet=member.wallet,
            asset="points",
            amount=amount,
            key=key or f"hold-{amount}",
            expires_at=clock.now() + until,
            reason="checkout",
            actor="",
            **more,
        )

    return holding


def take(hold, amount=None, key="capture-1"):
    return capture(hold=hold, key=key, amount=amount, house="points.spent", kind="redemption", reason="", actor="")


def give_up(hold):
    return release(hold=hold, reason="changed their mind", actor="")


def test_what_is_held_cannot_be_spent_but_is_still_there(member, give, spend, hold):
    give(100)
    hold(70)
    assert (balance(member.wallet), spendable(member.wallet)) == (100, 30)
    with pytest.raises(NotEnough):
        spend(31)
    spend(30)
    assert (balance(member.wallet), spendable(member.wallet)) == (70, 0)
    assert unbalanced() == []


def test_more_than_is_free_cannot_be_held(give, hold):
    give(100)
    hold(70)
    with pytest.raises(NotEnough):
        hold(31)
    assert Hold.objects.count() == 1


def test_a_hold_is_spent_from_the_lots_it_lies_in(member, give, hold):
    give(10, expires_at=clock.now() + 6 * DAY)
    give(50)
    one = hold(30)
    posted = take(one)
    assert posted.balances == {(member.wallet_id, "points"): 30}
    assert [(lot.remaining, lot.held) for lot in Lot.objects.order_by("id")] == [(0, 0), (30, 0)]
    one.refresh_from_db()
    assert (one.state, one.captured, one.transaction_id) == ("captured", 30, posted.transaction)
    assert unbalanced() == []


def test_of_a_hold_spent_in_part_the_rest_comes_free(member, give, hold):
    give(100)
    take(hold(70), 45)
    assert (balance(member.wallet), spendable(member.wallet)) == (55, 55)
    assert unbalanced() == []


def test_a_hold_ends_once(give, hold):
    give(100)
    one = hold(70)
    first = take(one)
    assert take(one).transaction == first.transaction
    with pytest.raises(HoldEnded):
        take(one, key="capture-2")
    with pytest.raises(HoldEnded):
        give_up(one)
    with pytest.raises(KeyUsedBefore):
        take(one, 5)


def test_a_released_hold_is_free_again_and_cannot_be_spent(member, give, hold):
    give(100)
    one = hold(70)
    assert give_up(one)
    assert not give_up(one)
    assert spendable(member.wallet) == 100
    with pytest.raises(HoldEnded):
        take(one)
    assert unbalanced() == []


def test_more_than_was_held_is_not_spent(give, hold):
    give(100)
    with pytest.raises(NotEnough):
        take(hold(10), 11)


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_is_not_held(give, hold, amount):
    give(100)
    with pytest.raises(ValueError, match="sets something aside"):
        hold(amount)


def test_a_repeated_hold_is_the_same_and_another_under_its_key_is_refused(give, hold):
    give(100)
    assert hold(10, key="the-basket").pk == hold(10, key="the-basket").pk
    with pytest.raises(KeyUsedBefore):
        hold(11, key="the-basket")
    assert Hold.objects.count() == 1


def test_a_hold_whose_time_is_over_cannot_be_spent_and_comes_free(member, give, hold):
    give(100)
    one, other = hold(70), hold(5, until=2 * HOUR)
    with clock.turned_to(one.expires_at):
        with pytest.raises(HoldEnded):
            take(one)
        assert expire_holds(now=clock.now(), limit=100) == other.expires_at
        assert expire_holds(now=clock.now(), limit=100) == other.expires_at
        assert spendable(member.wallet) == 95
    one.refresh_from_db()
    assert one.state == "expired"
    with clock.turned_to(other.expires_at):
        assert expire_holds(now=clock.now(), limit=100) is None
    assert unbalanced() == []


def test_what_is_held_does_not_expire_until_it_is_free_again(member, give, hold):
    give(100, expires_at=clock.now() + HOUR)
    one = hold(70, until=3 * HOUR)
    with clock.turned_to(clock.now() + 2 * HOUR):
        expire_lots(now=clock.now(), limit=100)
        assert (balance(member.wallet), unbalanced()) == (70, [])
        give_up(one)
        expire_lots(now=clock.now(), limit=100)
        assert (balance(member.wallet), unbalanced()) == (0, [])


def test_a_hold_made_before_its_lot_expired_is_kept(member, give, hold):
    give(100, expires_at=clock.now() + HOUR)
    one = hold(70, until=3 * HOUR)
    with clock.turned_to(clock.now() + 2 * HOUR):
        expire_lots(now=clock.now(), limit=100)
        take(one)
        assert (balance(member.wallet), unbalanced()) == (0, [])


def test_taken_back_while_held_is_owed_and_paid_when_the_hold_is_given_up(member, give, hold):
    gift = give(100)
    one = hold(70)
    reverse(original=gift, key="undo-gift", reason="")
    assert (balance(member.wallet), spendable(member.wallet), unbalanced()) == (0, 0, [])
    give_up(one)
    assert (balance(member.wallet), spendable(member.wallet), unbalanced()) == (0, 0, [])
    assert lots(member.wallet) == []


def test_taken_back_while_held_and_spent_leaves_the_debt(member, give, spend, hold):
    gift = give(100)
    one = hold(70)
    reverse(original=gift, key="undo-gift", reason="")
    take(one, 50)
    assert (balance(member.wallet), unbalanced()) == (-50, [])
    give(60)
    assert (balance(member.wallet), spendable(member.wallet), unbalanced()) == (10, 10, [])


def test_a_hold_spent_in_part_that_paid_a_debt_too_is_undone_by_what_was_spent(member, give, hold):
    gift = give(100)
    one = hold(70)
    reverse(original=gift, key="undo-gift", reason="")
    taken = Transaction.objects.get(pk=take(one, 50).transaction)
    assert (balance(member.wallet), unbalanced()) == (-50, [])
    reverse(original=taken, key="undo-half", reason="", part=(1, 2))
    assert (balance(member.wallet), spendable(member.wallet), unbalanced()) == (-25, 0, [])
    reverse(original=taken, key="undo-all", reason="")
    assert (balance(member.wallet), spendable(member.wallet), unbalanced()) == (0, 0, [])


def test_a_debt_paid_by_a_hold_that_was_given_up_moved_nothing_and_undoing_it_moves_nothing(member, give, hold):
    gift = give(100)
    one = hold(70)
    reverse(original=gift, key="undo-gift", reason="")
    give_up(one)
    paid = Transaction.objects.order_by("-pk")[0]
    assert paid.postings.count() == 2
    reverse(original=paid, key="undo-debt", reason="")
    assert (balance(member.wallet), spendable(member.wallet), unbalanced()) == (0, 0, [])


def test_a_hold_draws_on_restricted_lots_only_where_they_may_be_spent(give, hold):
    give(30, restrictions={"branches": ["bra_1"]})
    with pytest.raises(NotEnough):
        hold(30)
    assert hold(30, where={"branch": "bra_1"}).amount == 30


def test_the_database_itself_refuses_to_hold_more_than_remains(member, give):
    give(10)
    for model, filters in ((Lot, {}), (Account, {"wallet": member.wallet})):
        for wrong in ({"held": -1}, {"held": 11} if model is Lot else {"held": -2}):
            with pytest.raises(IntegrityError), transaction.atomic():
                model.objects.filter(**filters).update(**wrong)
