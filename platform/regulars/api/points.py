"""Points: what a basket would earn, and giving or taking some by hand."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from regulars.api import baskets
from regulars.api.approvals import Waiting, waiting
from regulars.api.baskets import BasketIn
from regulars.api.callers import Asking, MayCall
from regulars.api.incoming import Incoming
from regulars.api.keys import key_for, posts_nothing
from regulars.api.members import member_here
from regulars.errors import NotAllowed
from regulars.ledger import selectors as ledger
from regulars.ledger.approvals import LARGEST, adjust_or_ask
from regulars.organisation.approvals import Asked
from regulars.text import plain_text

router = Router(tags=["points"])


class Award(Schema):
    """What one rule gives."""

    rule: str
    points: int


class WouldEarn(Schema):
    """What a basket would cost and earn now; nothing of it is kept."""

    currency: str
    total: int
    points: int
    awards: list[Award]


class Adjustment(Incoming):
    """Points to give (above zero) or to take (below), with the reason that the member reads beside them."""

    member: str = Field(max_length=40)
    points: int = Field(ge=-LARGEST, le=LARGEST)
    reason: str = Field(min_length=1, max_length=200)


class Adjusted(Schema):
    """What was given or taken, and what the member holds now."""

    member: str
    points: int
    balance: int


@router.post("/points/dry-run", response=WouldEarn, summary="What a basket would earn", auth=MayCall("sales.sell"))
@posts_nothing
def dry_run(request: Asking, body: BasketIn) -> WouldEarn:
    """Price a basket and tell what it would earn, rule by rule. Nothing is kept, so no key is needed."""
    priced = baskets.priced(body, request.auth)
    return WouldEarn(
        currency=priced.currency,
        total=priced.total,
        points=priced.points,
        awards=[Award(rule=name, points=points) for name, points in priced.awards],
    )


@router.post(
    "/points/adjustments",
    response={201: Adjusted, 202: Waiting},
    summary="Give or take points",
    auth=MayCall("points.adjust"),
)
def adjust(request: Asking, body: Adjustment) -> Status[Any]:
    """Give or take points of a member of this branch. Beyond the limit of the token's person: 202, somebody approves.

    403 for a member of another branch, or of none: whose points change is the business of their own branch.
    """
    member = member_here(body.member)
    if member.branch_id != request.auth.branch.pk:
        raise NotAllowed(field="member")
    done = adjust_or_ask(
        member=member,
        points=body.points,
        reason=plain_text(body.reason, field="reason", longest=200),
        by=request.auth.staff,
        key=key_for(request),
    )
    if isinstance(done, Asked):
        return Status(202, waiting(done.approval))
    return Status(201, Adjusted(member=member.public_id, points=body.points, balance=ledger.balance(member.wallet)))
