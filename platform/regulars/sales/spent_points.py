"""Points that a refund is to take back and that are spent already: owed, let off, or paid for with a part of the money.

Which of them, the business says (`IfSpent`). What was let off or paid for is noted with the refund and its awards, so
that a later part neither asks for it again nor lets it off twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import ngettext

from regulars.ledger.selectors import free
from regulars.loyalty.points.gifts import points_settings
from regulars.loyalty.points.models import IfSpent
from regulars.money import format_count, format_money
from regulars.sales.models import Refund, Sale


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What is not there to be taken back: `owed` points make the balance negative, `missing` ones stay with the member.

    Of those missing, `points_charged` are paid for with `charged` (minor units) of the money; the others are let off.
    """

    may_owe: bool = True
    owed: int = 0
    missing: int = 0
    points_charged: int = 0
    charged: int = 0

    @property
    def let_off(self) -> int:
        """Points that are neither taken back nor paid for."""
        return self.missing - self.points_charged

    def sentences(self, currency: str) -> list[str]:
        """What this means, for whoever is about to give the money back; nothing where all of it is there."""
        said = []
        if self.owed:
            said.append(
                ngettext(
                    "%(points)s of these points is spent already. It is owed: the next points pay it back.",
                    "%(points)s of these points are spent already. They are owed: the next points pay them back.",
                    self.owed,
                )
                % {"points": format_count(self.owed)}
            )
        if self.points_charged:
            said.append(
                ngettext(
                    "%(points)s more point is spent already. For it, %(money)s is kept back from the money.",
                    "%(points)s more points are spent already. For them, %(money)s is kept back from the money.",
                    self.points_charged,
                )
                % {"points": format_count(self.points_charged), "money": format_money(self.charged, currency)}
            )
        if self.let_off:
            said.append(
                ngettext(
                    "%(points)s more point is spent already and is let off.",
                    "%(points)s more points are spent already and are let off.",
                    self.let_off,
                )
                % {"points": format_count(self.let_off)}
            )
        return said


NOTHING_SPENT = Spent()


def spent_of(sale: Sale, *, due: int, amount: int, given_back: int = 0) -> Spent:
    """What of `due` points the member no longer has, and what that means for a refund of `amount` (money, minor units).

    `given_back` are points that paid the sale and come back with the same refund.
    """
    if not due or sale.member is None:
        return NOTHING_SPENT
    rules = points_settings()
    lacking = max(0, due - free(sale.member.wallet_id, more=given_back))
    if rules.if_spent == IfSpent.NEGATIVE:
        return Spent(owed=lacking)
    if rules.if_spent == IfSpent.CLAMP or not lacking:
        return Spent(may_owe=False, missing=lacking)
    before = Refund.objects.filter(sale=sale).aggregate(points=Sum("points_charged"))["points"] or 0
    points, money = charge_of(lacking, before=before, hundred_worth=rules.hundred_worth, most=amount)
    return Spent(may_owe=False, missing=lacking, points_charged=points, charged=money)


def charge_of(missing: int, *, before: int, hundred_worth: int, most: int) -> tuple[int, int]:
    """How many of the missing points are paid for, and with how much, when `before` were charged for this sale already.

    Money is rounded down over all that was charged for the sale, so that parts add up to what the whole would cost, and
    it is never more than `most` (all in minor units; `hundred_worth` is for 100 points).
    """
    if not hundred_worth:
        return 0, 0
    paid = before * hundred_worth // 100
    coverable = ((paid + most + 1) * 100 - 1) // hundred_worth - before  # one more would cost more than `most`
    points = min(missing, coverable)
    return points, (before + points) * hundred_worth // 100 - paid
