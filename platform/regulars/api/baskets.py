"""A basket as it is asked for, and its price as it is told: what a quote, a dry run and a check of coupons share."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

from regulars.api.callers import Caller
from regulars.api.incoming import Incoming
from regulars.api.members import member_here
from regulars.catalogue.models import MOST_PIECES
from regulars.money import LARGEST_AMOUNT
from regulars.people.models import Member
from regulars.sales.lines import MOST_LINES
from regulars.sales.quoting import LineRequest, QuoteDraft, draft


class LineIn(Incoming):
    """One line: either a `product` of the catalogue, priced by the house, or a bare `unit_price` (minor units)."""

    product: str = Field("", max_length=40, description="Public id. Its price and name come from the catalogue.")
    description: str = Field("", max_length=120)
    unit_price: int = Field(0, ge=0, le=LARGEST_AMOUNT, description="Minor units per piece; ignored for a product.")
    quantity: int = Field(1, ge=1, le=MOST_PIECES)
    category: str = Field("", max_length=40, description="The kind of goods, where rules ask for it.")


class BasketIn(Incoming):
    """Who buys what; `member` empty for a guest."""

    member: str = Field("", max_length=40)
    lines: list[LineIn] = Field(min_length=1, max_length=MOST_LINES)
    coupons: list[str] = Field([], max_length=20, description="Codes or public ids of coupons.")
    points: int = Field(0, ge=0, le=LARGEST_AMOUNT, description="Points that pay a part of it.")


class LineOut(Schema):
    """A line with its list price and what is charged for it."""

    description: str
    quantity: int
    list_amount: int
    amount: int
    category: str
    product: str
    reason: str = Field(description="Why the price is not the list price; empty where it is.")


class Step(Schema):
    """One change of the price with its reason; negative lowers it. They apply in their order."""

    reason: str
    amount: int


class CouponOut(Schema):
    """A coupon that takes something off."""

    coupon: str
    code: str
    name: str
    amount: int


class SourceOut(Schema):
    """A way to pay that is offered for this basket; `largest` caps what it covers, null for no cap."""

    code: str
    name: str
    largest: int | None
    settles_later: bool = Field(description="The sale waits on hold for it: see “/holds”.")


def basket_of(body: BasketIn, caller: Caller) -> dict[str, Any]:
    """What quoting takes. Raises `NotFound` for a member who is none here."""
    member: Member | None = member_here(body.member) if body.member else None
    return {
        "branch": caller.branch,
        "member": member,
        "lines": [LineRequest(**line.model_dump()) for line in body.lines],
        "coupons": tuple(body.coupons),
        "points": body.points,
    }


def priced(body: BasketIn, caller: Caller) -> QuoteDraft:
    """The price of a basket now; keeps nothing. Raises as quoting does."""
    return draft(**basket_of(body, caller), terminal=caller.terminal.public_id)


def lines_of(content: dict[str, Any]) -> list[LineOut]:
    """The lines of a quote as it is kept."""
    return [
        LineOut(
            description=line["description"],
            quantity=line["quantity"],
            list_amount=line["list_amount"],
            amount=line["amount"],
            category=line.get("category", ""),
            product=line.get("product", ""),
            reason=line.get("reason", ""),
        )
        for line in content["lines"]
    ]


def steps_of(content: dict[str, Any]) -> list[Step]:
    """The changes of the price, in their order."""
    return [Step(reason=str(step["reason"]), amount=step["amount"]) for step in content["steps"]]


def coupons_of(content: dict[str, Any]) -> list[CouponOut]:
    """The coupons that were taken up."""
    return [
        CouponOut(coupon=each["coupon"], code=each.get("code", ""), name=each.get("name", ""), amount=each["amount"])
        for each in content.get("coupons", ())
    ]
