"""Acts on rewards: the shelf, and the life of a redemption. Redeeming is one call of the database, safe to repeat."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock, events
from regulars.errors import Gone, InvalidInput, KeyUsedBefore, NotEnough, UsedUp
from regulars.ledger import selectors as ledger
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, request_hash, reverse, transaction_document
from regulars.loyalty.coupons.models import Origin
from regulars.loyalty.coupons.services import coupon_document
from regulars.loyalty.rewards.codes import new_code
from regulars.loyalty.rewards.models import OPEN_STATES, Redemption, RedemptionState, Reward
from regulars.loyalty.rewards.selectors import branches_of, coupon_key, offer_of
from regulars.loyalty.saving import sound_key
from regulars.operations import outbox, trail
from regulars.organisation.models import Branch, Staff
from regulars.people.models import Member
from regulars.people.selectors import check_may_spend
from regulars.public_ids import new_public_id
from regulars.sql_functions import call
from regulars.text import plain_text
from regulars.words import in_language

REDEEMED = "points.redeemed"
DAY = dt.timedelta(days=1)


def redeem(
    *, member: Member, reward: Reward, key: str, branch: Branch | None = None, staff: Staff | None = None
) -> Redemption:
    """Turn points into a reward, to be collected at `branch` (None: wherever it is handed over).

    The same key gives the same redemption again. Raises `NotEnough` saying how many points are missing, `Gone` when it
    was taken or changed meanwhile, `UsedUp` when this member has had as many as one may, `InvalidInput` when it is not
    offered to this member or not there, and `KeyUsedBefore`. Nothing is posted then.
    """
    fingerprint = request_hash("redeem", member.public_id, reward.public_id, reward.points)
    known = Redemption.objects.filter(key=sound_key(key)).select_related("reward", "transaction").first()
    if known is not None:
        if known.request_hash != fingerprint:
            raise KeyUsedBefore
        return known
    _check_offered(member, reward, branch)
    document = _document(member, reward, key=key, fingerprint=fingerprint, branch=branch, staff=staff)
    try:
        with transaction.atomic():
            answer = call("loyalty_redeem", document)
            outbox.wake_after_commit()
    except NotEnough as refusal:
        raise NotEnough(words_of_missing(member, reward), field="points") from refusal
    except (Gone, UsedUp) as refusal:
        now = Reward.objects.get(pk=reward.pk)
        raise type(refusal)(words_of_gone(member, now, shown=reward), field="reward") from refusal
    return Redemption.objects.select_related("reward", "transaction").get(pk=answer["redemption"])


def words_of_missing(member: Member, reward: Reward) -> str:
    """How many points are missing to a reward."""
    missing = max(1, reward.points - ledger.spendable(member.wallet))
    return ngettext("%(points)s point is missing.", "%(points)s points are missing.", missing) % {"points": missing}


def words_of_gone(member: Member, reward: Reward, *, shown: Reward) -> str:
    """What became of a reward since it was shown."""
    if reward.is_active and reward.points != shown.points:
        return _("It costs %(points)s points now. Please look at it again.") % {"points": reward.points}
    return offer_of(member, reward).why_not or str(Gone.message)


def _check_offered(member: Member, reward: Reward, branch: Branch | None) -> None:
    if not member.is_active:
        raise InvalidInput(_("This membership has ended."), field="member")
    check_may_spend(member)
    offer = offer_of(member, reward)
    if offer.missing:
        raise NotEnough(words_of_missing(member, reward), field="points")
    if offer.why_not:
        kind: type[Gone | UsedUp | InvalidInput] = Gone if reward.stock == 0 or not reward.is_active else InvalidInput
        raise kind(offer.why_not, field="reward")
    if branch is not None and branch.pk not in {each.pk for each in branches_of(reward)}:
        raise InvalidInput(
            _("%(branch)s does not hand this over. Choose another branch.") % {"branch": branch}, field="branch"
        )


def _document(
    member: Member, reward: Reward, *, key: str, fingerprint: str, branch: Branch | None, staff: Staff | None
) -> dict[str, Any]:
    now, today, public_id = clock.now(), clock.today(), new_public_id("rdm")
    actor = staff.public_id if staff else member.public_id
    leg = Leg(wallet=member.wallet_id, asset=POINTS, amount=-reward.points, house=REDEEMED)
    ends = clock.start_of(today + (reward.collect_days + 1) * DAY).isoformat() if reward.collect_days else None
    fact = events.RewardRedeemed(
        event_id=outbox.new_event_id(),
        occurred_at=now,
        member=member.public_id,
        reward=reward.public_id,
        redemption=public_id,
        points=reward.points,
    )
    return {
        "occurred_at": now.isoformat(),
        "redemption": {
            "public_id": public_id,
            "member_id": member.pk,
            "reward_id": reward.pk,
            "allowed": reward.per_member,
            "words": reward.words,
            "points": reward.points,
            "code": new_code(),
            "key": key,
            "request_hash": fingerprint,
            "branch_id": branch.pk if branch else None,
            "ordered_at": now.isoformat(),
            "ordered_on": today.isoformat(),
            "expires_at": None if reward.coupon else ends,
            "state": RedemptionState.HANDED_OVER if reward.coupon else RedemptionState.ORDERED,
            "closed_at": now.isoformat() if reward.coupon else None,
        },
        "coupon": _coupon_of(member, reward, public_id, actor),
        "posting": transaction_document(
            key=f"redeem:{public_id}", kind="redemption", legs=[leg], reason=_said_to(member, reward), actor=actor
        ),
        "events": [outbox.document(fact)],
        "trail": trail.document(
            act="reward.redeemed",
            actor=actor,
            subject=member.public_id,
            detail={"reward": reward.public_id, "redemption": public_id, "points": reward.points},
            member=member,
            branch_id=branch.pk if branch else None,
        ),
    }


def _coupon_of(member: Member, reward: Reward, redemption: str, actor: str) -> dict[str, Any] | None:
    """The coupon that the reward is, issued with the redemption; None for a reward that is handed over."""
    if reward.coupon is None:
        return None
    key = coupon_key(redemption)
    return coupon_document(reward.coupon, member=member, origin=Origin.REWARD, key=key, by=actor)


def _said_to(member: Member, reward: Reward) -> str:
    """The name of a reward in the language of the member, who reads it beside the points for good."""
    return in_language(reward.words, member.language)[:200]


def mark_ready(*, redemption: Redemption, branch: Branch | None = None, by: Staff) -> Redemption:
    """Note that it lies ready to be collected, at `branch` where one is named; the member is told.

    Raises `InvalidInput` (field `code`) when it is closed, too late, collected elsewhere, or ready already.
    """
    if branch is not None and (why_not := why_not_here(redemption, branch)):
        raise InvalidInput(why_not, field="code")
    return _moved(redemption, RedemptionState.READY, actor=by.public_id, branch=branch)


def hand_over(*, redemption: Redemption, branch: Branch, by: Staff) -> Redemption:
    """Hand a reward over, once. Raises `InvalidInput` (field `code`) when it is closed, too late or elsewhere."""
    if _is_elsewhere(redemption, branch):
        raise InvalidInput(words_of_place(redemption), field="code")
    return _moved(redemption, RedemptionState.HANDED_OVER, actor=by.public_id, branch=branch)


def why_not_here(redemption: Redemption, branch: Branch) -> str:
    """Why a redemption cannot be handed over at a branch now, in words; empty when it can."""
    is_late = redemption.expires_at is not None and redemption.expires_at <= clock.now()
    if redemption.state not in OPEN_STATES or is_late:
        return words_of_state(redemption)
    return words_of_place(redemption) if _is_elsewhere(redemption, branch) else ""


def _is_elsewhere(redemption: Redemption, branch: Branch) -> bool:
    if redemption.branch is not None and redemption.branch_id != branch.pk:
        return True
    return bool(redemption.reward.branches) and branch.public_id not in redemption.reward.branches


def words_of_place(redemption: Redemption) -> str:
    """Where a redemption is to be collected."""
    places = [redemption.branch] if redemption.branch is not None else branches_of(redemption.reward)
    listed = _(", ").join(str(place) for place in places)
    return _("This is collected at %(branches)s, not here.") % {"branches": listed}


@transaction.atomic
def cancel(*, redemption: Redemption, reason: str, actor: str) -> Redemption:
    """Undo a redemption that was not handed over: the points go back to the lots they came from, the stock is back.

    A coupon that it issued is void then. Raises `InvalidInput` when it is closed already or the coupon was used, and
    `reason` where it is missing.
    """
    words = plain_text(reason, field="reason", longest=200)
    return _given_back(redemption, RedemptionState.CANCELLED, actor=actor, reason=words)


@transaction.atomic
def _given_back(redemption: Redemption, state: RedemptionState, *, actor: str, reason: str) -> Redemption:
    moved = _moved(redemption, state, actor=actor, reason=reason)
    assert moved.transaction is not None
    reverse(original=moved.transaction, key=f"{moved.public_id}:back", reason=reason, actor=actor)
    return moved


def expire_due(*, now: dt.datetime, limit: int) -> dt.datetime | None:
    """Give back what was not collected in time, at most `limit`; returns when the next one ends, None for none."""
    following = next_expiry(now=now)
    if following is None or following > now:
        return following
    waiting = Redemption.objects.filter(state__in=OPEN_STATES, expires_at__lte=now)
    due = waiting.select_related("reward", "member", "transaction", "branch")
    for redemption in due.order_by("expires_at")[:limit]:
        try:
            with translation.override(redemption.member.language):
                why = _("Not collected in time")
            _given_back(redemption, RedemptionState.EXPIRED, actor="", reason=why)
        except InvalidInput:  # by another worker, or cancelled in the same instant
            continue
    return next_expiry(now=now)


def next_expiry(*, now: dt.datetime) -> dt.datetime | None:
    """When the next redemption ends that nobody has collected; None for none."""
    waiting = Redemption.objects.filter(state__in=OPEN_STATES, expires_at__isnull=False)
    return waiting.order_by("expires_at").values_list("expires_at", flat=True).first()


@transaction.atomic
def _moved(
    redemption: Redemption, state: RedemptionState, *, actor: str, branch: Branch | None = None, reason: str = ""
) -> Redemption:
    now = clock.now()
    fact = events.RedemptionMoved(
        event_id=outbox.new_event_id(),
        occurred_at=now,
        member=redemption.member.public_id,
        reward=redemption.reward.public_id,
        redemption=redemption.public_id,
        state=state,
        branch=branch.public_id if branch else None,
    )
    document = {
        "occurred_at": now.isoformat(),
        "redemption": redemption.pk,
        "state": state,
        "branch": branch.pk if branch else None,
        "actor": actor[:80],
        "reason": reason,
        "coupon": coupon_key(redemption.public_id) if redemption.reward.coupon_id else None,
        "events": [outbox.document(fact)],
        "trail": trail.document(
            act=f"redemption.{state}",
            actor=actor,
            subject=redemption.member.public_id,
            detail={"reward": redemption.reward.public_id, "redemption": redemption.public_id},
            member=redemption.member,
            branch_id=branch.pk if branch else None,
        ),
    }
    moved = call("loyalty_move_redemption", document)
    found = Redemption.objects.select_related("reward", "member", "transaction", "branch").get(pk=redemption.pk)
    if moved is None:
        raise InvalidInput(words_of_state(found), field="code")
    outbox.wake_after_commit()
    return found


def words_of_state(redemption: Redemption) -> str:
    """Why nothing more can be done with a redemption."""
    when = date_format(localtime(redemption.closed_at), "DATETIME_FORMAT") if redemption.closed_at else ""
    if redemption.reward.coupon_id and redemption.state == RedemptionState.HANDED_OVER:
        return _("The coupon was used or is over; it cannot be given back any more.")
    if redemption.state == RedemptionState.HANDED_OVER:
        return _("This was handed over already, on %(when)s.") % {"when": when}
    if redemption.state == RedemptionState.CANCELLED:
        return _("This was cancelled on %(when)s; the points went back.") % {"when": when}
    if redemption.state == RedemptionState.EXPIRED or (
        redemption.expires_at is not None and redemption.expires_at <= clock.now()
    ):
        return _("This was not collected in time; the points go back.")
    return _("This is ready already.")
