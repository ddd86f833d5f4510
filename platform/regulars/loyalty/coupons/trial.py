"""Would it fit? What a coupon would do to one purchase, before anybody has it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from regulars import clock
from regulars.loyalty.coupons.applying import Purchase, terms_of, why_not_here
from regulars.loyalty.coupons.models import CouponTemplate
from regulars.loyalty.coupons.reckoning import CouponLine, reckon
from regulars.organisation.models import Branch


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What it would take off `amount` (minor units), or `why_not` in words."""

    amount: int
    off: int
    why_not: str

    @property
    def left(self) -> int:
        """What is left to pay."""
        return self.amount - self.off


def try_out(template: CouponTemplate, *, amount: int, category: str, branch: Branch, on: dt.date) -> Tried:
    """What a coupon would take off a purchase of one kind of goods, on a day at noon, by somebody it is for."""
    line = CouponLine(position=1, amount=amount, list_amount=amount, category=category.strip())
    noon = clock.start_of(on) + dt.timedelta(hours=12)
    purchase = Purchase(member=None, branch=branch, terminal="", lines=[line], at=noon)
    reason = why_not_here(template, purchase)
    off = 0 if reason else sum(reckon([terms_of(template)], [line])[0])
    return Tried(amount=amount, off=off, why_not=reason)
