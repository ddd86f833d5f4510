"""What the core itself tells members when a fact is announced; it listens through the same door as any module."""

from __future__ import annotations

from regulars import events, hooks, plugins
from regulars.hooks import hookimpl
from regulars.loyalty.models import Tier
from regulars.loyalty.rewards.models import RedemptionState
from regulars.loyalty.rewards.selectors import branches_of, redemption_by_public_id
from regulars.outreach.services import send
from regulars.people.selectors import member_by_public_id
from regulars.words import in_language


def _portal(path: str = "/me/") -> str:
    return plugins.first(hooks.site_address, path=path) or path


@hookimpl
def member_joined(event: events.MemberJoined) -> None:
    """Welcome a new member."""
    member = member_by_public_id(event.member)
    send(kind="welcome", member=member, variables={"address": _portal()}, key=f"welcome:{event.event_id}")


@hookimpl
def points_credited(event: events.PointsCredited) -> None:
    """Tell a member that points arrived, where whoever gave them does not."""
    if event.is_told:
        return
    member = member_by_public_id(event.member)
    send(
        kind="points_credited",
        member=member,
        variables={"points": event.points, "balance": event.balance, "address": _portal()},
        key=f"points:{event.event_id}",
    )


@hookimpl
def tier_changed(event: events.TierChanged) -> None:
    """Tell a member about the new tier."""
    member = member_by_public_id(event.member)
    tier = Tier.objects.filter(code=event.current).first()
    if tier is not None:
        send(
            kind="tier_changed",
            member=member,
            variables={"tier": in_language(tier.words, member.language), "address": _portal("/me/rewards/")},
            key=f"tier:{event.event_id}",
        )


@hookimpl
def redemption_moved(event: events.RedemptionMoved) -> None:
    """Tell a member that a reward lies ready, and where."""
    if event.state != RedemptionState.READY:
        return
    found = redemption_by_public_id(event.redemption)
    places = [found.branch] if found.branch else branches_of(found.reward)
    send(
        kind="reward_ready",
        member=found.member,
        variables={
            "reward": in_language(found.words, found.member.language),
            "place": (", " if found.member.language == "en" else "、").join(str(place) for place in places),
            "address": _portal(f"/me/rewards/redeemed/{found.public_id}/"),
        },
        key=f"reward-ready:{found.public_id}",
    )
