"""Lots end on their day: exactly what is left of each, once, and for a while it can be given back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, UndoneBefore
from regulars.ledger.books import faults
from regulars.ledger.models import Lot, Posting, Transaction
from regulars.ledger.sealed import LEDGER
from regulars.ledger.selectors import balance, history, lots, statement, unbalanced
from regulars.ledger.services import Leg, expire_lots, post, reinstate, reverse
from regulars.operations.sealing.sealer import seal
from regulars.operations.sealing.verifier import verify
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.capability(74)]
DAY = dt.timedelta(days=1)


def night(after, limit=500):
    now = clock.now() + after
    with clock.turned_to(now):
        return expire_lots(now=now, limit=limit)


def test_exactly_what_remains_of_a_lot_expires(member, give, spend):
    ends = clock.now() + 6 * DAY
    give(30, expires_at=ends)
    give(50)
    spend(10)
    assert night(5 * DAY) == ends
    assert balance(member.wallet) == 70
    assert night(6 * DAY) is None
    assert balance(member.wallet) == 50
    newest = history(member.wallet)[0]
    assert (newest.kind, newest.amount, newest.balance_after) == ("expiry", -20, 50)
    assert unbalanced() == []


def test_a_lot_that_was_spent_can_no_longer_expire(member, give, spend):
    give(30, expires_at=clock.now() + 6 * DAY)
    spend(30)
    assert night(9 * DAY) is None
    assert not Transaction.objects.filter(kind="expiry").exists()


def test_a_night_that_runs_twice_takes_nothing_twice(member, give):
    give(30, expires_at=clock.now() + 6 * DAY)
    give(50, expires_at=clock.now() + 60 * DAY)
    night(7 * DAY)
    night(7 * DAY)
    assert balance(member.wallet) == 50
    assert Transaction.objects.filter(kind="expiry").count() == 1


def test_many_lots_of_many_members_expire_in_bits(member, give):
    for number in range(5):
        give(10 + number, expires_at=clock.now() + (number + 1) * DAY)
    other = new_member(contact="+8613800138001")
    assert night(9 * DAY, limit=2) <= clock.now() + 9 * DAY
    assert balance(member.wallet) == 12 + 13 + 14
    assert night(9 * DAY, limit=2) is not None
    assert night(9 * DAY, limit=2) is None
    assert (balance(member.wallet), balance(other.wallet), unbalanced()) == (0, 0, [])


def test_several_lots_of_one_account_in_one_night_keep_the_balances_in_a_row(member, give):
    for points in (10, 20, 30):
        give(points, expires_at=clock.now() + DAY)
    night(2 * DAY)
    assert [entry.balance_after for entry in history(member.wallet)][:3][0] == 0
    assert unbalanced() == []


def test_refunded_to_a_lot_that_has_expired_it_expires_the_next_night(member, give, spend):
    give(30, expires_at=clock.now() + 6 * DAY)
    spent = spend(20)
    night(6 * DAY)
    reverse(original=spent, key="refund-1", reason="returned")
    assert balance(member.wallet) == 20
    night(7 * DAY)
    assert (balance(member.wallet), Transaction.objects.filter(kind="expiry").count()) == (0, 2)
    assert unbalanced() == []


def test_what_expired_is_given_back_with_days_to_spend_it(member, give):
    give(30, expires_at=clock.now() + 6 * DAY, source="rule:one")
    lot = Lot.objects.get()
    night(6 * DAY)
    with clock.turned_to(clock.now() + 10 * DAY):
        once = reinstate(lot=lot, key="give-back", days=14, reason="was in hospital", actor="")
        again = reinstate(lot=lot, key="give-back", days=14, reason="was in hospital", actor="")
        (back,) = lots(member.wallet)
        assert (again.is_repeated, again.transaction) == (True, once.transaction)
        assert (back.remaining, back.source) == (30, "rule:one")
        assert back.expires_at == clock.start_of(clock.today() + 15 * DAY)
        with pytest.raises(UndoneBefore):
            reinstate(lot=lot, key="once-more", days=14, reason="again", actor="")
        with pytest.raises(KeyUsedBefore):
            reinstate(lot=lot, key="give-back", days=15, reason="was in hospital", actor="")
    assert unbalanced() == []


@pytest.mark.parametrize(("days", "reason", "field"), [(0, "why", "days"), (5000, "why", "days"), (9, "", "reason")])
def test_giving_back_asks_for_days_and_a_reason(give, days, reason, field):
    give(30, expires_at=clock.now() + DAY)
    night(2 * DAY)
    with pytest.raises(InvalidInput) as refused:
        reinstate(lot=Lot.objects.get(), key="give-back", days=days, reason=reason, actor="")
    assert refused.value.field == field


def test_what_did_not_expire_or_long_ago_is_not_given_back(give):
    give(30, expires_at=clock.now() + DAY)
    lot = Lot.objects.get()
    with pytest.raises(InvalidInput):
        reinstate(lot=lot, key="give-back", days=9, reason="why", actor="")
    night(2 * DAY)
    with clock.turned_to(clock.now() + 100 * DAY), pytest.raises(InvalidInput) as refused:
        reinstate(lot=lot, key="give-back", days=9, reason="why", actor="")
    assert refused.value.field == "lot"


def test_a_statement_runs_from_the_balance_before_to_the_balance_after(member, give, spend):
    give(100)
    first = clock.today() + DAY
    with clock.turned_to(clock.now() + DAY):
        give(50)
        spend(30)
    with clock.turned_to(clock.now() + 3 * DAY):
        spend(20)
    told = statement(member.wallet, first=first, last=first + DAY)
    assert (told.opening, told.credited, told.debited, told.closing) == (100, 50, 30, 120)
    assert [(entry.amount, entry.balance_after) for entry in told.entries] == [(50, 150), (-30, 120)]
    assert statement(member.wallet, first=first, last=first + 9 * DAY).closing == balance(member.wallet) == 100


def test_a_transaction_of_the_night_bears_the_hash_that_its_rows_come_to(member, give):
    other = new_member(contact="+8613800138001")
    for number, points in enumerate((10, 20, 30)):
        give(points, expires_at=clock.now() + (number + 1) * DAY)
    legs = [Leg(wallet=other.wallet_id, asset=asset, amount=9, house="issued") for asset in ("points", "growth")]
    legs = [replace(leg, expires_at=clock.now() + DAY) for leg in legs]
    post(key="another-gift", kind="gift", legs=legs)
    night(9 * DAY)
    made = dict(Transaction.objects.filter(kind="expiry").values_list("pk", "hash"))
    assert len(made) == 5
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{connection.schema_name}".ledger_hash(%s)', [list(made)])
    assert dict(Transaction.objects.filter(kind="expiry").values_list("pk", "hash")) == made
    ended = Posting.objects.filter(transaction__kind="expiry", account__wallet=member.wallet).order_by("pk")
    assert list(ended.values_list("amount", "balance_after")) == [(-10, 50), (-20, 30), (-30, 0)]
    seal(LEDGER, now=clock.now())
    assert (verify(LEDGER).is_intact, unbalanced(), faults()) == (True, [], [])
