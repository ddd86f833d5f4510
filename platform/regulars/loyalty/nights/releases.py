"""Points that had to wait: once their day has come the member is told, once, with all that came at that moment."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from regulars.ledger.models import Lot
from regulars.ledger.selectors import POINTS
from regulars.loyalty.nights.notices import portal
from regulars.outreach.services import Letter, send_to_many
from regulars.people.models import Member

KIND = "points_released"
LOCK = """
SELECT id FROM ledger_account WHERE id IN (
    SELECT account_id FROM (
        SELECT account_id FROM ledger_lot WHERE is_pending AND available_from <= %(now)s
        ORDER BY available_from, id LIMIT %(limit)s
    ) AS due
) ORDER BY wallet_id, asset FOR NO KEY UPDATE
"""
RELEASE = """
WITH due AS (
    SELECT id FROM ledger_lot WHERE is_pending AND available_from <= %(now)s AND account_id = ANY(%(accounts)s)
    ORDER BY available_from, id LIMIT %(limit)s
), released AS (
    UPDATE ledger_lot lot SET is_pending = false FROM due WHERE lot.id = due.id
    RETURNING lot.id, lot.account_id, lot.remaining
)
SELECT account.wallet_id, account.asset, account.balance, sum(released.remaining)::bigint, min(released.id),
       count(*)::integer
FROM released JOIN ledger_account account ON account.id = released.account_id GROUP BY account.id
"""


def release_lots(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Tell whom points of theirs have arrived that could not be used before; at most `limit` lots.

    The lots and the messages change in one transaction: nobody is told twice or not at all. Lots change under the lock
    of their account, like everywhere. What was taken back while it waited is passed over. Returns when the next lot is
    due, `now` when there may be more.
    """
    due = next_release(now=now)
    if due is None or due > now:
        return due
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK, {"now": now, "limit": limit})
            accounts = [row[0] for row in cursor.fetchall()]
            cursor.execute(RELEASE, {"now": now, "limit": limit, "accounts": accounts})
            released = cursor.fetchall()
        _tell({row[0]: row[2:5] for row in released if row[1] == POINTS and row[3] > 0})
    return now if sum(row[5] for row in released) >= limit else next_release(now=now)


def next_release(*, now: dt.datetime) -> dt.datetime | None:
    """When the first lot that waits can be used."""
    waiting = Lot.objects.filter(is_pending=True).order_by("available_from")
    return waiting.values_list("available_from", flat=True).first()


def _tell(released: dict[int, tuple[int, int, int]]) -> None:
    """Write to everybody whose wallet it is: what it holds, what arrived, and the lot that names the message."""
    address = portal("/me/activity/")
    members = Member.objects.select_related("branch").filter(wallet__in=released, is_active=True)
    send_to_many(
        kind=KIND,
        letters=[
            Letter(
                member=member,
                variables={
                    "points": released[member.wallet_id][1],
                    "balance": released[member.wallet_id][0],
                    "address": address,
                },
                key=f"{KIND}:{member.public_id}:{released[member.wallet_id][2]}",
            )
            for member in members.order_by("pk")
        ],
    )
