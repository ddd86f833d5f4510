"""Coupons: whether those that somebody brings fit a basket, what they take off, and which others the member has."""

from __future__ import annotations

import datetime as dt

from ninja import Router, Schema
from pydantic import Field

from regulars import clock
from regulars.api import baskets
from regulars.api.baskets import BasketIn
from regulars.api.callers import Asking, Caller, MayCall
from regulars.api.keys import posts_nothing
from regulars.loyalty.coupons import applying
from regulars.sales.lines import coupon_lines

router = Router(tags=["coupons"])


class Taken(Schema):
    """A coupon that fits: `amount` in minor units, `gift` what is handed over beside."""

    coupon: str
    code: str
    name: str
    amount: int
    gift: str


class Fits(Schema):
    """A coupon in the member's wallet: what it would take off by itself, or why it does not fit, in words."""

    coupon: str
    code: str
    name: str
    amount: int
    why_not: str
    ends_at: dt.datetime | None


class Validated(Schema):
    """The basket with the coupons that were named, and what else the member could use. Nothing is kept or used."""

    currency: str
    total: int
    coupons: list[Taken]
    wallet: list[Fits] = Field(description="The member's coupons, those that fit in front; empty for a guest.")


@router.post("/coupons/validate", response=Validated, summary="Check coupons", auth=MayCall("sales.sell"))
@posts_nothing
def validate(request: Asking, body: BasketIn) -> Validated:
    """What the coupons named take off this basket; 422 says which does not fit and why.

    They are used with the sale, never before: name them in the quote.
    """
    priced = baskets.priced(body, request.auth)
    return Validated(
        currency=priced.currency,
        total=priced.total,
        coupons=[
            Taken(coupon=each.coupon, code=each.code, name=each.name, amount=each.amount, gift=each.gift)
            for each in priced.coupons
        ],
        wallet=_wallet(body, request.auth),
    )


def _wallet(body: BasketIn, caller: Caller) -> list[Fits]:
    """The member's coupons, each looked at as if it came alone."""
    bare = baskets.priced(body.model_copy(update={"coupons": [], "points": 0}), caller)
    if bare.member is None:
        return []
    found = applying.fitting(
        member=bare.member,
        branch=caller.branch,
        terminal=caller.terminal.public_id,
        lines=coupon_lines(bare.lines),
        at=clock.now(),
    )
    return [Fits(**{name: getattr(each, name) for name in Fits.model_fields}) for each in found]
