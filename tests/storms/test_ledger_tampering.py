"""S13, the ledger's side: whoever changes, deletes or inserts a row of it is found, every time.

The forger is no fool: a changed row bears a fresh hash that fits it. Each forgery is tried alone and taken back again.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction

from regulars import clock
from regulars.ledger import books
from regulars.ledger.models import Account, Hold, HoldPart, Lot, Posting, Transaction
from regulars.ledger.sealed import LEDGER
from regulars.ledger.selectors import unbalanced
from regulars.ledger.services import Leg, adjust, capture, post, reserve, reverse
from regulars.operations.sealing import verifier
from regulars.operations.sealing.sealer import seal
from regulars.operations.sealing.verifier import verify
from tests.conftest import new_member
from tests.crowd import sized

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.1"), pytest.mark.capability(167)]
FORGERIES = sized(60, 1000)
WALLETS = sized(4, 10)

EDITS = {
    "ledger_transaction": (
        "public_id = 'txn_forged'",
        "key = 'forged'",
        "request_hash = 'forged'",
        "kind = 'forged'",
        "reverses_id = CASE WHEN reverses_id IS NULL THEN id ELSE NULL END",
        "reason = reason || '!'",
        "actor = 'somebody else'",
        "occurred_at = occurred_at - interval '1 microsecond'",
        "business_date = business_date - 1",
    ),
    "ledger_posting": (
        "amount = amount + 1000",
        "balance_after = COALESCE(balance_after, 0) + 1",
        "account_id = account_id + 1",
        "lot_id = CASE WHEN lot_id IS NULL THEN 1 ELSE NULL END",
        "transaction_id = transaction_id + 1",
    ),
    "ledger_lot": (
        "amount = amount + 1",
        "remaining = amount + 1 - remaining, amount = amount + 1",
        "expires_at = COALESCE(expires_at, now()) + interval '1 day'",
        "available_from = available_from - interval '1 day'",
        'restrictions = \'{"branches": ["bra_forged"]}\'',
        "source = 'forged'",
        "account_id = account_id + 1",
        "opened_by_id = opened_by_id + 1",
    ),
    "ledger_account": ("asset = 'forged'", "balance = balance + 1", "held = held + 1", "house = house || 'x'"),
    "ledger_hold": ("amount = amount + 1", "account_id = account_id + 1"),
}
"""What a forger sets, by table."""


@pytest.fixture
def sealed(business: Business) -> Business:
    """The tea house with gifts, spendings, reversals and holds, all sealed."""
    for number in range(WALLETS):
        wallet, until = new_member(contact=f"+861380013{number:04d}").wallet, clock.now() + dt.timedelta(days=9)
        legs = [Leg(wallet=wallet.pk, asset="points", amount=90, house="points.issued", expires_at=until)]
        gift = Transaction.objects.get(pk=post(key=f"gift-{number}", kind="gift", legs=legs).transaction)
        adjust(wallet=wallet, asset="points", amount=60, key=f"more-{number}", reason="more", actor="stf_1")
        adjust(wallet=wallet, asset="points", amount=-70, key=f"less-{number}", reason="less", actor="stf_2")
        reverse(original=gift, key=f"undo-{number}", reason="a third", part=(1, 3))
        for name in ("one", "two"):
            key = f"hold-{name}-{number}"
            hold = reserve(wallet=wallet, asset="points", amount=7, key=key, expires_at=until, reason="", actor="")
        capture(hold=hold, key=f"take-{number}", house="points.spent", kind="taken", reason="", actor="")
    seal(LEDGER, now=clock.now())
    verdict = verify(LEDGER)
    assert (verdict.is_intact, verdict.unsealed, unbalanced()) == (True, 0, [])
    return business


def forge(chance: random.Random) -> str:
    """Change or delete one row, mostly with a fresh hash for what it belongs to; returns what was done."""
    table = chance.choice([*EDITS, "ledger_transaction", "ledger_posting"])
    model = {each._meta.db_table: each for each in (Transaction, Posting, Lot, Account, Hold)}[table]
    pk = chance.choice(list(model._default_manager.values_list("pk", flat=True)))
    is_deleted = table in {"ledger_posting", "ledger_lot", "ledger_transaction"} and chance.random() < 0.25
    change = "" if is_deleted else chance.choice(EDITS[table])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            f"DELETE FROM {table} WHERE id = %s" if is_deleted else f"UPDATE {table} SET {change} WHERE id = %s", [pk]
        )
        assert cursor.rowcount == 1
        if chance.random() < 0.7:
            cursor.execute(f'SELECT "{connection.schema_name}".ledger_hash(ARRAY(SELECT id FROM ledger_transaction))')
    return f"{table} {pk}: {change or 'deleted'}"


def test_every_forgery_is_found(sealed: Business) -> None:
    chance, missed, refused = random.Random(13), [], 0
    for _ in range(FORGERIES):
        try:
            with transaction.atomic():
                done = forge(chance)
                if verify(LEDGER).is_intact and not books.faults():
                    missed.append(done)
                transaction.set_rollback(True)
        except IntegrityError:  # a constraint that refuses a forgery is a guard too
            refused += 1
    assert missed == []
    assert unbalanced() == []
    assert refused < FORGERIES // 2
    print(f"S13 ledger: {FORGERIES} forgeries, {FORGERIES - refused} detected, {refused} refused by constraints")


def test_an_inserted_transaction_is_found(sealed: Business) -> None:
    made = Transaction.objects.order_by("-pk")[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_transaction SET id = id + 1000000 WHERE id = %s", [made.pk - 1])
        kinds = {each.kind for each in verify(LEDGER).findings}
        cursor.execute("UPDATE ledger_transaction SET id = id - 1000000 WHERE id = %s", [made.pk - 1 + 1000000])
    assert kinds == {"deleted", "inserted"}
    assert verify(LEDGER).is_intact


def test_a_part_of_a_hold_that_was_deleted_is_found(sealed: Business) -> None:
    HoldPart.objects.order_by("pk")[0].delete()
    assert any(fault.table == "hold" for fault in books.faults())


# The negative controls ------------------------------------------------------------------------------------------------


def test_without_seals_a_change_that_is_hashed_anew_is_missed(
    sealed: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_transaction SET reason = 'forged'")
        cursor.execute(f'SELECT "{connection.schema_name}".ledger_hash(ARRAY(SELECT id FROM ledger_transaction))')
    assert len(verify(LEDGER).findings) == Transaction.objects.count()
    monkeypatch.setattr(verifier, "links", lambda chain: iter(()))
    monkeypatch.setattr(verifier, "_wrong_with_head", lambda chain, **_: iter(()))
    assert verify(LEDGER).is_intact


def test_without_the_check_of_the_books_a_changed_lot_is_missed(sealed: Business) -> None:
    Lot.objects.filter(pk=Lot.objects.order_by("pk")[0].pk).update(remaining=1)
    assert verify(LEDGER).is_intact
    assert any(fault.table == "lot" for fault in books.faults())
