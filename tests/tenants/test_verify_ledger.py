"""`regulars verify-ledger` says whether a ledger is as it was written, and names each row that is not."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from regulars import clock
from regulars.ledger.models import Account, Lot, Posting, Transaction
from regulars.ledger.sealed import LEDGER
from regulars.ledger.services import adjust
from regulars.operations.sealing.sealer import seal
from tenants.context import business_context
from tenants.models import Business
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.capability(167), pytest.mark.usefixtures("db")]


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_ledger", *arguments, stdout=out)
    return out.getvalue()


def what_is_wrong(business: Business) -> list[str]:
    out = StringIO()
    with pytest.raises(CommandError, match=f"not as it was written at: {business.slug}") as refused:
        call_command("verify_ledger", stdout=out)
    assert refused.value.returncode == 1
    assert "teahouse: intact" in out.getvalue()
    return [line.strip() for line in out.getvalue().splitlines() if line.startswith("  ")]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1


@pytest.fixture
def sealed(gym: Business) -> Business:
    """The gym with two sealed transactions and one that is not sealed yet."""
    with business_context(gym):
        wallet = new_member(contact="kim@member.example").wallet
        for number, amount in enumerate((100, -30)):
            adjust(wallet=wallet, asset="points", amount=amount, key=f"by-hand-{number}", reason="why", actor="")
        seal(LEDGER, now=clock.now())
        adjust(wallet=wallet, asset="points", amount=5, key="by-hand-late", reason="why", actor="")
    return gym


def test_an_intact_ledger_is_said_to_be_with_its_unsealed_tail(sealed: Business) -> None:
    (line,) = said("--business", sealed.slug).splitlines()
    assert line.startswith(f"{sealed.slug}: intact. 2 transactions under 1 seals, 1 not sealed yet. Head: ")


def test_a_changed_posting_is_named_with_its_transaction(sealed: Business) -> None:
    with business_context(sealed):
        posting = Posting.objects.filter(amount=-30).get()
        run(f"UPDATE ledger_posting SET amount = -31 WHERE id = {posting.pk}")
    lines = what_is_wrong(sealed)
    assert any(
        line.startswith(f"changed: transaction {posting.transaction_id} was changed") and str(posting.pk) in line
        for line in lines
    )
    assert any(line.startswith(f"wrong: posting {posting.pk} leaves a balance of 70") for line in lines)


def test_a_changed_lot_is_named(sealed: Business) -> None:
    with business_context(sealed):
        lot = Lot.objects.order_by("pk")[0]
        run(f"UPDATE ledger_lot SET remaining = 71 WHERE id = {lot.pk}")
    assert f"wrong: lot {lot.pk} has 71 left, its postings say 70" in what_is_wrong(sealed)


def test_a_changed_date_of_a_lot_is_named_with_its_transaction(sealed: Business) -> None:
    with business_context(sealed):
        lot = Lot.objects.order_by("pk")[0]
        run(f"UPDATE ledger_lot SET expires_at = now() WHERE id = {lot.pk}")
    (line,) = what_is_wrong(sealed)
    assert line.startswith(f"changed: transaction {lot.opened_by_id} was changed")
    assert f"lots {lot.pk}" in line


def test_a_changed_balance_is_named(sealed: Business) -> None:
    with business_context(sealed):
        account = Account.objects.get(wallet__isnull=False)
        run(f"UPDATE ledger_account SET balance = 1000 WHERE id = {account.pk}")
    assert f"wrong: account {account.pk} says 1000, its postings 75" in what_is_wrong(sealed)


def test_a_changed_reason_is_found_before_it_is_sealed_too(sealed: Business) -> None:
    with business_context(sealed):
        made = Transaction.objects.get(key="by-hand-late")
        run(f"UPDATE ledger_transaction SET reason = 'another' WHERE id = {made.pk}")
    (line,) = what_is_wrong(sealed)
    assert line.startswith(f"changed: transaction {made.pk} was changed before it was sealed")


def test_a_business_that_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="There is no business with the address “nowhere”"):
        said("--business", "nowhere")
