"""Points of members who buy nothing for long: they end, after reminders, where the business has set so many months.

Off unless it is set. The newest purchase counts, else the day of joining, and never less than the day on which it was
set: nobody loses anything sooner than so many months after that. The points end with the
night after so many months, all that can be spent then; what is given later stays, so that a gift can bring them back.
Each day of purchases is looked at once, when its months are over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection
from django.utils import translation
from django.utils.formats import date_format

from regulars import clock
from regulars.errors import KeyUsedBefore
from regulars.ledger.selectors import POINTS, balance, spendable
from regulars.ledger.services import Leg, post
from regulars.loyalty.nights import beginning
from regulars.loyalty.nights.days import DAY
from regulars.loyalty.nights.notices import portal
from regulars.loyalty.nights.selectors import idle_months, night_rules
from regulars.outreach.services import Letter, send_to_many
from regulars.people.models import Member

NOTICE = "points_idle"
HOUSE = "points.expired"
ANYWHERE = {"anywhere": True}
"""What can be spent at one branch or for one kind of goods only ends with the rest."""
NEXT = """
SELECT (SELECT business_date FROM sales_sale WHERE business_date > %(after)s AND member_id IS NOT NULL
        ORDER BY business_date LIMIT 1),
       (SELECT joined_at FROM people_member WHERE joined_at >= %(joined_after)s AND is_active
        ORDER BY joined_at LIMIT 1)
"""
IDLE = """
WITH candidates AS (
    SELECT id FROM people_member WHERE joined_at >= %(joined_first)s AND joined_at < %(joined_until)s
    UNION
    SELECT member_id FROM sales_sale WHERE business_date BETWEEN %(first)s AND %(last)s
)
SELECT member.id FROM candidates JOIN people_member member ON member.id = candidates.id
JOIN ledger_account account ON account.wallet_id = member.wallet_id AND account.asset = %(asset)s
WHERE member.is_active AND account.balance > 0 AND member.id > %(behind)s AND member.joined_on <= %(last)s
  AND NOT EXISTS (SELECT FROM sales_sale sale WHERE sale.member_id = member.id AND sale.business_date > %(last)s)
ORDER BY member.id LIMIT %(limit)s
"""
BEGINNING = dt.date(1900, 1, 1)


def last_day_of(activity: dt.date, months: int) -> dt.date:
    """The last day on which points can be used by who bought last on a day."""
    return activity + relativedelta(months=months)


def newest_ending_by(day: dt.date, months: int) -> dt.date:
    """The newest last purchase whose months are over with a day: 31 August and six months end on 28 February too."""
    newest = day - relativedelta(months=months)
    while last_day_of(newest + DAY, months) <= day:
        newest += DAY
    return newest


class Idleness:
    """What ends for want of a purchase; `ahead` days before it, a reminder instead."""

    begins_today = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def ahead(self) -> list[int]:
        """So many days before the last day it happens; -1 is the night after it."""
        return [-1]

    def is_wanted(self) -> bool:
        """Whether points end for want of a purchase here."""
        return idle_months() > 0

    def next_day(self, after: dt.date) -> dt.date | None:
        """The next day on which the months are over since a day of purchases or joining."""
        return min((day for ahead in self.ahead() if (day := self._next(after, ahead)) is not None), default=None)

    def _next(self, after: dt.date, ahead: int) -> dt.date | None:
        months = idle_months()
        newest, begun = newest_ending_by(after + DAY * ahead, months), night_rules().idle_from
        if begun is not None and newest < begun:
            return last_day_of(begun, months) - DAY * ahead
        with connection.cursor() as cursor:
            cursor.execute(NEXT, {"after": newest, "joined_after": clock.start_of(newest + DAY)})
            bought, joined = cursor.fetchone()
        days = [day for day in (bought, clock.day_of(joined) if joined else None) if day is not None]
        return last_day_of(min(days), months) - DAY * ahead if days else None

    def members(self, day: dt.date, *, behind: int, limit: int) -> Sequence[int]:
        """Who has points and bought nothing since."""
        found: set[int] = set()
        for ahead in self.ahead():
            first, last = self._span(day + DAY * ahead)
            asked: dict[str, Any] = {
                "asset": POINTS,
                "behind": behind,
                "first": first,
                "last": last,
                "joined_first": clock.start_of(first),
                "joined_until": clock.start_of(last + DAY),
                "limit": limit,
            }
            if first <= last:
                with connection.cursor() as cursor:
                    cursor.execute(IDLE, asked)
                    found.update(row[0] for row in cursor.fetchall())
        return sorted(found)[:limit]

    def _span(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """The first and the last day of purchases whose months are over with a day.

        The day on which it was set counts as everybody's: all who bought last before it are due with that day's.
        """
        months, begun = idle_months(), night_rules().idle_from
        last = newest_ending_by(day, months)
        first = newest_ending_by(day - DAY, months) + DAY
        if begun is not None and last < begun:
            return first, BEGINNING
        return (BEGINNING if begun is not None and first <= begun else first), last

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Let the points end, each member in a transaction of its own."""
        for member in Member.objects.select_related("wallet").filter(pk__in=members).order_by("pk"):
            if (points := spendable(member.wallet, where=ANYWHERE)) <= 0:
                continue
            with suppress(KeyUsedBefore):  # theirs ended before a worker died; what came since stays
                post(
                    key=f"idle:{member.wallet.public_id}:{day}",
                    kind="expiry",
                    legs=[Leg(wallet=member.wallet_id, asset=POINTS, amount=-points, house=HOUSE, where=ANYWHERE)],
                    reason="idle",
                )


class IdlenessNotices(Idleness):
    """A reminder so many days before points end for want of a purchase."""

    def ahead(self) -> list[int]:
        """The days that the business has set for its reminders."""
        return sorted(night_rules().notice_days)

    def is_wanted(self) -> bool:
        """Whether points end and the business reminds."""
        return super().is_wanted() and bool(self.ahead())

    def act(self, day: dt.date, members: Sequence[int]) -> None:
        """Write to each how much ends, and with which day."""
        address = portal("/me/activity/")
        letters = []
        for member in Member.objects.select_related("wallet", "branch").filter(pk__in=members).order_by("pk"):
            with translation.override(member.language):
                until = date_format(self._ends(member))
            letters.append(
                Letter(
                    member=member,
                    variables={"points": balance(member.wallet), "day": until, "address": address},
                    key=f"{NOTICE}:{member.public_id}:{day}",
                )
            )
        send_to_many(kind=NOTICE, letters=letters)

    def _ends(self, member: Member) -> dt.date:
        newest = member.sales.order_by("-business_date").values_list("business_date", flat=True).first()
        begun = night_rules().idle_from or BEGINNING
        return last_day_of(max(newest or member.joined_on, begun), idle_months())


IDLENESS = Idleness(beginning.IDLENESS)
IDLENESS_NOTICES = IdlenessNotices(beginning.IDLENESS_NOTICES)
