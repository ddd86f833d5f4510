"""Reminders of points that end: one message for each member and day, with all that ends in so many days.

Points end with a last day; the reminder of 7 days is written in the night that begins the seventh day before it. Of
points that come later than their reminder would have, nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.formats import date_format

from regulars import clock, hooks, plugins
from regulars.ledger.selectors import POINTS
from regulars.loyalty.nights.days import DAY, night_of
from regulars.loyalty.nights.selectors import night_rules
from regulars.outreach.services import Letter, send_to_many
from regulars.people.models import Member

KIND = "points_expiring"
TICK = dt.timedelta(microseconds=1)
NEXT = """
SELECT (SELECT lot.expires_at FROM ledger_lot lot
        JOIN ledger_account account ON account.id = lot.account_id AND account.asset = %(asset)s
        WHERE lot.remaining > 0 AND lot.expires_at > since ORDER BY lot.expires_at LIMIT 1)
FROM unnest(%(since)s::timestamptz[]) WITH ORDINALITY AS asked (since, place) ORDER BY place
"""
HOLDERS = """
SELECT DISTINCT lot.account_id FROM ledger_lot lot
JOIN unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) AS span (since, until)
  ON lot.expires_at > span.since AND lot.expires_at <= span.until
JOIN ledger_account account ON account.id = lot.account_id AND account.asset = %(asset)s
JOIN ledger_transaction opened ON opened.id = lot.opened_by_id AND opened.occurred_at < %(night)s
WHERE lot.remaining > 0 AND lot.expires_at > %(now)s AND lot.account_id > %(behind)s AND account.wallet_id IS NOT NULL
ORDER BY lot.account_id LIMIT %(limit)s
"""
ENDING = """
SELECT account.wallet_id, account.balance, lot.expires_at, sum(lot.remaining)::bigint FROM ledger_lot lot
JOIN unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) AS span (since, until)
  ON lot.expires_at > span.since AND lot.expires_at <= span.until
JOIN ledger_account account ON account.id = lot.account_id
JOIN ledger_transaction opened ON opened.id = lot.opened_by_id AND opened.occurred_at < %(night)s
WHERE lot.remaining > 0 AND lot.expires_at > %(now)s AND lot.account_id = ANY(%(accounts)s)
GROUP BY 1, 2, 3 ORDER BY 1, 3
"""


@dataclass
class Ending:
    """What a wallet holds, and how much of it ends with which day."""

    balance: int
    days: dict[dt.date, int] = field(default_factory=dict)


class Notices:
    """Reminders so many days before points end."""

    kind = "expiry_notices"
    begins_today = False

    def is_wanted(self) -> bool:
        """Whether the business reminds at all."""
        return bool(night_rules().notice_days)

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day on which open points have a reminder, by one look at the index for each number of days."""
        ahead = sorted(night_rules().notice_days)
        with connection.cursor() as cursor:
            since = [clock.start_of(after + DAY * (days + 1)) for days in ahead]
            cursor.execute(NEXT, {"since": since, "asset": POINTS})
            firsts = [row[0] for row in cursor.fetchall()]
        reminders = [
            last_day(first) - DAY * days for first, days in zip(firsts, ahead, strict=True) if first is not None
        ]
        return min(reminders, default=None)

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """The accounts with points to be reminded of."""
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS, {**_spans(day), "asset": POINTS, "behind": behind, "limit": limit})
            return [row[0] for row in cursor.fetchall()]

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Write to everybody whose wallet it is."""
        endings = _endings(day, members)
        address = portal("/me/activity/")
        holders = Member.objects.select_related("branch").filter(wallet__in=endings, is_active=True).order_by("pk")
        send_to_many(
            kind=KIND,
            letters=[
                Letter(
                    member=member,
                    variables={**_words(endings[member.wallet_id], member.language), "address": address},
                    key=f"{KIND}:{member.public_id}:{day}",
                )
                for member in holders
            ],
        )


def last_day(ends_at: dt.datetime) -> dt.date:
    """The last day of the business on which something can be used that ends at an instant."""
    return clock.day_of(ends_at - TICK)


def portal(path: str) -> str:
    """The whole address of a page of the members' portal."""
    return plugins.first(hooks.site_address, path=path) or path


def _spans(day: dt.date) -> dict[str, Any]:
    """What ends with the days of which members are reminded on this one: from an instant (without) until one (with).

    What came after the night of that day began is left out.
    """
    lasts = [day + DAY * ahead for ahead in night_rules().notice_days]
    return {
        "since": [clock.start_of(last) for last in lasts],
        "until": [clock.start_of(last + DAY) for last in lasts],
        "night": night_of(day),
        "now": clock.now(),
    }


def _endings(day: dt.date, accounts: Sequence[int]) -> dict[int, Ending]:
    """What ends of each wallet, by the day with which it ends."""
    endings: dict[int, Ending] = {}
    with connection.cursor() as cursor:
        cursor.execute(ENDING, {**_spans(day), "accounts": list(accounts)})
        for wallet, balance, ends_at, points in cursor.fetchall():
            days = endings.setdefault(wallet, Ending(balance=balance)).days
            days[last_day(ends_at)] = days.get(last_day(ends_at), 0) + points
    return endings


def _words(ending: Ending, language: str) -> dict[str, object]:
    """The variables of a reminder, its days as the member's language writes them."""
    with translation.override(language):
        days = [
            translation.gettext("%(points)s until %(day)s") % {"points": points, "day": date_format(day)}
            for day, points in sorted(ending.days.items())
        ]
        listed = translation.gettext(", ").join(days)
    return {"points": sum(ending.days.values()), "balance": ending.balance, "days": listed}
