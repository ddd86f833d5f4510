"""What the programme itself does when a fact is announced; it listens through the same door as any module."""

from __future__ import annotations

from regulars import clock, events
from regulars.hooks import hookimpl
from regulars.loyalty.coupons.services import welcome
from regulars.loyalty.points.earning import give, profile_filled_in
from regulars.loyalty.points.occasions import JOINED
from regulars.loyalty.tiers.packs import post_waiting
from regulars.people.selectors import member_by_public_id


@hookimpl
def tier_changed(event: events.TierChanged) -> None:
    """Post the points that a new tier brings."""
    post_waiting(member=member_by_public_id(event.member))


@hookimpl
def member_joined(event: events.MemberJoined) -> None:
    """Points and coupons for becoming a member, once for each; never heard of an import."""
    member = member_by_public_id(event.member)
    welcome(member=member)
    give(trigger=JOINED, member=member, occasion=JOINED, on=clock.day_of(event.occurred_at))
    profile_filled_in(member=member)
