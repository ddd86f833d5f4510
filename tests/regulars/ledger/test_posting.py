"""The ledger keeps its books: double entry, lots, floors, keys and one reversal."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock
from regulars.errors import KeyUsedBefore, NotEnough
from regulars.ledger.models import Account, Lot, Posting, Transaction
from regulars.ledger.selectors import balance, history, lots, spendable, unbalanced
from regulars.ledger.services import Leg, UndoneBefore, adjust, post, reverse

pytestmark = pytest.mark.clause("2.5")


def credit(member, points, *, key, expires_at=None, available_from=None):
    return post(
        key=key,
        kind="gift",
        legs=[
            Leg(
                wallet=member.wallet_id,
                asset="points",
                amount=points,
                house="points.issued",
                expires_at=expires_at,
                available_from=available_from,
            )
        ],
    )


def spend(member, points, *, key):
    return adjust(wallet=member.wallet, asset="points", amount=-points, key=key, reason="a dish", actor="")


@pytest.mark.capability(72)
def test_each_transaction_sums_to_zero_and_the_balance_is_the_sum_of_postings(member):
    credit(member, 100, key="gift-one")
    spend(member, 30, key="spend-one")
    assert balance(member.wallet) == 70
    assert unbalanced() == []
    assert [(entry.amount, entry.balance_after) for entry in history(member.wallet)] == [(-30, 70), (100, 100)]


def test_the_same_key_and_body_gives_the_first_answer_again(member):
    first = credit(member, 100, key="gift-one")
    again = credit(member, 100, key="gift-one")
    assert (again.transaction, again.is_repeated) == (first.transaction, True)
    assert balance(member.wallet) == 100


def test_the_same_key_with_another_body_is_refused(member):
    credit(member, 100, key="gift-one")
    with pytest.raises(KeyUsedBefore):
        credit(member, 200, key="gift-one")
    assert balance(member.wallet) == 100


def test_a_balance_cannot_be_spent_below_zero(member):
    credit(member, 100, key="gift-one")
    with pytest.raises(NotEnough):
        spend(member, 101, key="spend-one")
    assert balance(member.wallet) == 100
    assert not Transaction.objects.filter(key="spend-one").exists()


def test_points_that_are_still_pending_cannot_be_spent(member):
    credit(member, 100, key="gift-one", available_from=clock.now() + dt.timedelta(days=3))
    assert spendable(member.wallet) == 0
    with pytest.raises(NotEnough):
        spend(member, 1, key="spend-one")


@pytest.mark.capability(74)
def test_what_expires_first_is_spent_first_and_what_never_expires_last(member):
    now = clock.now()
    credit(member, 10, key="never")
    credit(member, 10, key="late", expires_at=now + dt.timedelta(days=60))
    credit(member, 10, key="soon", expires_at=now + dt.timedelta(days=6))
    spend(member, 15, key="spend-one")
    assert [(lot.opened_by.key, lot.remaining) for lot in lots(member.wallet)] == [("late", 5), ("never", 10)]


def test_a_reversed_spending_gives_back_to_the_same_lots_with_the_same_dates(member):
    now = clock.now()
    credit(member, 10, key="soon", expires_at=now + dt.timedelta(days=6))
    credit(member, 10, key="late", expires_at=now + dt.timedelta(days=60))
    before = list(Lot.objects.order_by("id").values("id", "remaining", "expires_at"))
    spent = spend(member, 15, key="spend-one")
    reverse(original=Transaction.objects.get(pk=spent.transaction), key="undo-one", reason="mistake")
    assert list(Lot.objects.order_by("id").values("id", "remaining", "expires_at")) == before
    assert unbalanced() == []


def test_a_transaction_is_undone_once(member):
    gift = Transaction.objects.get(pk=credit(member, 10, key="gift-one").transaction)
    reverse(original=gift, key="undo-one", reason="mistake")
    reverse(original=gift, key="undo-one", reason="mistake")
    with pytest.raises(UndoneBefore):
        reverse(original=gift, key="undo-two", reason="mistake")
    assert balance(member.wallet) == 0


def test_taking_back_what_was_spent_leaves_a_debt_that_the_next_credit_pays(member):
    gift = Transaction.objects.get(pk=credit(member, 100, key="gift-one").transaction)
    spend(member, 80, key="spend-one")
    reverse(original=gift, key="undo-one", reason="mistake")
    assert balance(member.wallet) == -80
    with pytest.raises(NotEnough):
        spend(member, 1, key="spend-two")
    credit(member, 100, key="gift-two")
    assert (balance(member.wallet), spendable(member.wallet)) == (20, 20)
    assert unbalanced() == []


def test_the_database_itself_refuses_a_balance_below_its_floor(member):
    from django.db import IntegrityError, transaction

    credit(member, 10, key="gift-one")
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(wallet=member.wallet).update(balance=-1)


def test_a_wrong_cache_is_named_by_the_check_of_the_books(member):
    credit(member, 10, key="gift-one")
    Account.objects.filter(wallet=member.wallet).update(balance=11)
    assert len(unbalanced()) == 2


moves = st.lists(
    st.tuples(st.sampled_from(["credit", "spend", "undo"]), st.integers(1, 50), st.integers(0, 90)), max_size=20
)


@given(moves=moves)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_books_balance(member, moves):
    from django.db import transaction

    with transaction.atomic():
        for number, (act, amount, days) in enumerate(moves):
            try:
                with transaction.atomic():
                    if act == "credit":
                        expires = clock.now() + dt.timedelta(days=days) if days else None
                        credit(member, amount, key=f"move-{number}", expires_at=expires)
                    elif act == "spend":
                        spend(member, amount, key=f"move-{number}")
                    elif done := list(Transaction.objects.filter(reverses=None).order_by("id")):
                        reverse(original=done[amount % len(done)], key=f"move-{number}", reason="")
            except (NotEnough, UndoneBefore):
                pass
        assert unbalanced() == []
        transaction.set_rollback(True)
    assert Posting.objects.count() == 0


def test_a_spending_given_back_pays_the_debt_before_it_fills_lots(member):
    gift = Transaction.objects.get(pk=credit(member, 100, key="gift-one").transaction)
    spent = Transaction.objects.get(pk=spend(member, 80, key="spend-one").transaction)
    reverse(original=gift, key="undo-gift", reason="mistake")
    credit(member, 30, key="gift-two")
    reverse(original=spent, key="undo-spend", reason="mistake")
    assert (balance(member.wallet), spendable(member.wallet)) == (30, 30)
    assert [entry.balance_after for entry in history(member.wallet)] == [30, -50, -80, 20, 100]
    assert unbalanced() == []


def test_undoing_a_transaction_of_two_assets_moves_each_back_from_its_own_house(member):
    legs = [
        Leg(wallet=member.wallet_id, asset=asset, amount=5, house=f"{asset}.issued") for asset in ("points", "stamps")
    ]
    gift = Transaction.objects.get(pk=post(key="gift-one", kind="gift", legs=legs).transaction)
    reverse(original=gift, key="undo-one", reason="mistake")
    houses = Account.objects.filter(wallet=None).values_list("asset", "house")
    assert sorted(houses) == [("points", "points.issued"), ("stamps", "stamps.issued")]


def test_a_spending_from_many_lots_is_one_whole_line_of_the_history(member):
    for number in range(30):
        credit(member, 1, key=f"gift-{number}")
    spend(member, 30, key="spend-one")
    newest, before = history(member.wallet, limit=2)
    assert (newest.amount, newest.balance_after, before.amount) == (-30, 0, 1)
    assert len(history(member.wallet, limit=50, before=newest.cursor)) == 30
