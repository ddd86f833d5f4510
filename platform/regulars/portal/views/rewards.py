"""What membership gives: the shelf of rewards and what was redeemed from it, benefits, and the ladder of tiers."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from regulars.errors import InvalidInput, NotFound, RegularsError
from regulars.ledger import selectors as ledger
from regulars.loyalty.benefits import selectors as benefits
from regulars.loyalty.coupons.models import CouponState
from regulars.loyalty.rewards import selectors as shelves
from regulars.loyalty.rewards import services
from regulars.loyalty.rewards.codes import shown_code
from regulars.loyalty.rewards.models import OPEN_STATES, Redemption, RedemptionState, Reward
from regulars.loyalty.rewards.pictures import picture_of
from regulars.loyalty.rewards.selectors import coupon_of_redemption
from regulars.loyalty.tiers.selectors import ladder
from regulars.organisation.models import Branch
from regulars.people.models import Member
from regulars.portal import selectors
from regulars.portal.admission import members_only
from regulars.portal.codes import reward_code
from regulars.portal.pages import page

MOST_SHOWN = 20


@members_only
@require_safe
def rewards(request: HttpRequest, member: Member) -> HttpResponse:
    """The shelf, what was redeemed, benefits, and the ladder with where the member stands."""
    return _shelf(request, member)


def _shelf(request: HttpRequest, member: Member, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "rungs": selectors.ladder_for(member),
        "progress": selectors.progress_or_none(member),
        "rules": selectors.earning_words(),
        "offers": [_offered(offer) for offer in shelves.shelf(member)],
        "points": ledger.spendable(member.wallet),
        "redemptions": shelves.redemptions_of(member, limit=MOST_SHOWN),
        "open_states": OPEN_STATES,
        "entitlements": [each for each in benefits.of(member) if each.benefit.pk],
        "refusal": refusal,
    }
    return page(request, member, "portal/rewards.html", section="rewards", context=context, status=status)


def _offered(offer: shelves.Offer) -> dict[str, Any]:
    """An offer with the branches to choose from and a key of its own, so that a second click redeems nothing twice."""
    branches = shelves.branches_of(offer.reward) if offer.can_be_had and offer.reward.branches else []
    picture = picture_of(offer.reward)
    key = secrets.token_hex(16)
    return {"offer": offer, "reward": offer.reward, "branches": branches, "picture": picture, "key": key}


@members_only
@require_POST
def redeem(request: HttpRequest, member: Member, reward_id: str) -> HttpResponse:
    """Turn points into a reward; a refusal stands above the shelf as it is now."""
    reward = _reward(reward_id)
    try:
        done = services.redeem(
            member=member,
            reward=_as_shown(reward, request.POST.get("points", "")),
            key=request.POST.get("key", "")[:80],
            branch=_branch(reward, request.POST.get("branch", "")),
        )
    except RegularsError as refusal:
        return _shelf(request, member, refusal=f"{reward}: {refusal}", status=422)
    coupon = coupon_of_redemption(done)
    if coupon is not None:
        return redirect("portal:coupon", coupon.public_id)
    return redirect("portal:redemption", done.public_id)


def _as_shown(reward: Reward, points: str) -> Reward:
    """The reward for the price the member saw; the database refuses when it costs something else by now."""
    if points.isdecimal() and len(points) < 10:
        reward.points = int(points)
    return reward


def _branch(reward: Reward, public_id: str) -> Branch | None:
    branches = shelves.branches_of(reward) if reward.branches else []
    if not public_id:
        return branches[0] if len(branches) == 1 else None
    found = next((branch for branch in branches if branch.public_id == public_id), None)
    if found is None:
        raise InvalidInput(_("Choose where you collect it."), field="branch")
    return found


@members_only
@require_safe
def redemption(request: HttpRequest, member: Member, redemption_id: str) -> HttpResponse:
    """The code to collect a reward, large enough to scan."""
    return _redemption(request, member, _own(member, redemption_id))


def _redemption(
    request: HttpRequest, member: Member, found: Redemption, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    is_open = found.state in OPEN_STATES
    coupon = coupon_of_redemption(found)
    context = {
        "redemption": found,
        "is_open": is_open,
        "coupon": coupon,
        "can_be_given_back": is_open or (coupon is not None and coupon.state == CouponState.ISSUED),
        "code": shown_code(found.code),
        "qr": reward_code(found.code.upper()) if is_open else "",
        "last_day": shelves.last_day_of(found),
        "picture": picture_of(found.reward),
        "is_ready": found.state == RedemptionState.READY,
        "places": [found.branch] if found.branch else shelves.branches_of(found.reward),
        "refusal": refusal,
    }
    return page(request, member, "portal/redemption.html", section="rewards", context=context, status=status)


@members_only
@require_POST
def cancel(request: HttpRequest, member: Member, redemption_id: str) -> HttpResponse:
    """Give a reward back that was not collected."""
    found = _own(member, redemption_id)
    try:
        services.cancel(redemption=found, reason=_("Cancelled by the member"), actor=member.public_id)
    except RegularsError as refusal:
        return _redemption(request, member, _own(member, redemption_id), refusal=str(refusal), status=422)
    return redirect("portal:redemption", found.public_id)


def _reward(public_id: str) -> Reward:
    try:
        return shelves.reward_by_public_id(public_id)
    except NotFound as error:
        raise Http404 from error


def _own(member: Member, public_id: str) -> Redemption:
    """A redemption of this member; that of another does not exist for them."""
    try:
        found = shelves.redemption_by_public_id(public_id)
    except NotFound as error:
        raise Http404 from error
    if found.member_id != member.pk:
        raise Http404
    return found


def first_benefits(*, limit: int = 3) -> list[str]:
    """What joining gives from the first day, for the screen that asks to join."""
    tiers = ladder()
    return selectors.benefits_of(tiers[0])[:limit] if tiers else []
