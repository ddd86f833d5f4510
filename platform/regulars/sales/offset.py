"""Points that pay a part of a sale: how many may, and what they pay.

They leave the wallet when the sale is confirmed, from the lots that expire first, and go back to those very lots as far
as the sale is refunded.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.errors import InvalidInput
from regulars.ledger.selectors import spendable
from regulars.loyalty.points.gifts import points_settings
from regulars.money import format_count
from regulars.organisation.models import Branch
from regulars.people.models import Member


@dataclass(frozen=True, kw_only=True)
class Offset:
    """So many `points` pay `amount` (minor units) of a sale."""

    points: int = 0
    amount: int = 0


@dataclass(frozen=True, kw_only=True)
class Payable:
    """What points may pay of a sale: from `least` to `most` points; `most` 0 where they may not pay anything of it."""

    least: int = 0
    most: int = 0
    hundred_worth: int = 0

    def worth(self, points: int) -> int:
        """What so many points pay, minor units, rounded down."""
        return points * self.hundred_worth // 100


NO_POINTS = Offset()
NOTHING = Payable()


def payable(*, member: Member | None, branch: Branch, total: int) -> Payable:
    """How many of a member's points may pay for a sale of `total` (minor units) at a branch, and what they are worth.

    No more than it takes: the most is the fewest points that pay as much as may be paid with them.
    """
    if member is None or total <= 0:
        return NOTHING
    rules = points_settings()
    if not rules.hundred_worth or not rules.offset_share:
        return NOTHING
    highest = -(-(total * rules.offset_share // 100) * 100 // rules.hundred_worth)
    if highest * rules.hundred_worth // 100 > total * rules.offset_share // 100:
        highest -= 1
    most = min(highest, spendable(member.wallet, where={"branch": branch.public_id}))
    if most < max(1, rules.offset_least) or most * rules.hundred_worth < 100:
        return NOTHING
    return Payable(least=max(1, rules.offset_least), most=most, hundred_worth=rules.hundred_worth)


def offset_of(points: int, *, member: Member | None, branch: Branch, total: int) -> Offset:
    """What so many points pay. Raises `InvalidInput` (field `points`) where they may not, saying how many may."""
    if not points:
        return NO_POINTS
    may = payable(member=member, branch=branch, total=total)
    if not may.most:
        raise InvalidInput(_("Points cannot pay for this."), field="points")
    if not may.least <= points <= may.most:
        raise InvalidInput(
            ngettext(
                "From %(least)s to %(most)s point can pay for this.",
                "From %(least)s to %(most)s points can pay for this.",
                may.most,
            )
            % {"least": format_count(may.least), "most": format_count(may.most)},
            field="points",
        )
    if not (amount := may.worth(points)):
        raise InvalidInput(_("These points are worth nothing yet. Use more of them."), field="points")
    return Offset(points=points, amount=amount)
