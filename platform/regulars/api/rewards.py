"""Rewards: what a member can have for points, redeeming it, and handing it over by its code."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from regulars.api.callers import Asking, MayCall
from regulars.api.incoming import Incoming
from regulars.api.keys import key_for
from regulars.api.members import member_here
from regulars.loyalty.rewards import selectors, services
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.models import OPEN_STATES, Redemption
from regulars.words import in_language

router = Router(tags=["rewards"])


class RewardOut(Schema):
    """A reward as one member sees it: how many points are `missing`, and `why_not` in words."""

    reward: str
    name: str
    kind: str
    points: int
    missing: int
    why_not: str
    can_be_had: bool


class Shelf(Schema):
    """What is on the shelf: first what this member can have now."""

    member: str
    rewards: list[RewardOut]


class RedemptionOut(Schema):
    """Points turned into a reward; `code` collects it."""

    redemption: str
    code: str
    reward: str
    name: str
    member: str
    points: int
    state: str = Field(description="“ordered”, “ready”, “handed_over”, “cancelled” or “expired”.")
    is_open: bool = Field(description="Whether it can still be collected.")
    why_not_here: str = Field(description="Why it cannot be handed over at this branch now, in words; empty if it can.")
    last_day: dt.date | None


class Redemptions(Schema):
    """What a member redeemed: first what is still to be collected."""

    member: str
    redemptions: list[RedemptionOut]


class RedeemIn(Incoming):
    """Whose points become which reward; it is collected at this branch."""

    member: str = Field(max_length=40)
    reward: str = Field(max_length=40)


@router.get(
    "/members/{public_id}/rewards", response=Shelf, summary="Rewards for a member", auth=MayCall("rewards.give")
)
def shelf(request: Asking, public_id: str) -> Shelf:
    """The shelf as this member sees it."""
    member = member_here(public_id)
    offers = [
        RewardOut(
            reward=offer.reward.public_id,
            name=str(offer.reward),
            kind=offer.reward.kind,
            points=offer.reward.points,
            missing=offer.missing,
            why_not=offer.why_not,
            can_be_had=offer.can_be_had,
        )
        for offer in selectors.shelf(member)
    ]
    return Shelf(member=member.public_id, rewards=offers)


@router.get(
    "/members/{public_id}/redemptions",
    response=Redemptions,
    summary="What a member redeemed",
    auth=MayCall("rewards.give"),
)
def redeemed(request: Asking, public_id: str) -> Redemptions:
    """What a member redeemed: first what is still to be collected, then the newest, at most fifty."""
    member = member_here(public_id)
    found = [_told(each, request) for each in selectors.redemptions_of(member)]
    return Redemptions(member=member.public_id, redemptions=found)


@router.post("/redemptions", response={201: RedemptionOut}, summary="Redeem a reward", auth=MayCall("rewards.give"))
def redeem(request: Asking, body: RedeemIn) -> Status[Any]:
    """Turn points into a reward that is collected at this branch. 409 when points are missing or it is gone."""
    caller = request.auth
    made = services.redeem(
        member=member_here(body.member),
        reward=selectors.reward_by_public_id(body.reward),
        key=key_for(request),
        branch=caller.branch,
        staff=caller.staff,
    )
    return Status(201, _told(selectors.redemption_by_public_id(made.public_id), request))


@router.get("/redemptions/{code}", response=RedemptionOut, summary="One redemption", auth=MayCall("rewards.give"))
def by_code(request: Asking, code: str) -> RedemptionOut:
    """What a code stands for, and whether it can be handed over here. 422 for a mistyped one, 404 for none."""
    return _told(selectors.redemption_by_code(code), request)


@router.post(
    "/redemptions/{code}/hand-over", response=RedemptionOut, summary="Hand a reward over", auth=MayCall("rewards.give")
)
def hand_over(request: Asking, code: str) -> RedemptionOut:
    """Hand a reward over, once. 422 says why not: handed over before, too late, or collected elsewhere."""
    caller = request.auth
    found = selectors.redemption_by_code(code)
    return _told(services.hand_over(redemption=found, branch=caller.branch, by=caller.staff), request)


def _told(found: Redemption, request: Asking) -> RedemptionOut:
    return RedemptionOut(
        redemption=found.public_id,
        code=shown_code(found.code),
        reward=found.reward.public_id,
        name=in_language(found.words),
        member=found.member.public_id,
        points=found.points,
        state=found.state,
        is_open=found.state in OPEN_STATES,
        why_not_here=services.why_not_here(found, request.auth.branch),
        last_day=selectors.last_day_of(found),
    )
