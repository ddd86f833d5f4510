"""What the programme itself does when a fact is announced, and what it answers; by the same door as any module."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import clock, events
from regulars.hooks import NeedsYou, hookimpl
from regulars.loyalty.coupons.attention import waiting
from regulars.loyalty.coupons.services import welcome
from regulars.loyalty.points.earning import give, profile_filled_in
from regulars.loyalty.points.occasions import JOINED
from regulars.loyalty.tiers.packs import post_waiting
from regulars.organisation.models import Staff
from regulars.organisation.permissions import allows
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


@hookimpl
def needs_you(staff: Staff) -> list[NeedsYou]:
    """Coupons nearly gone, and those that end soon while members have them, for those who may change the programme."""
    if not allows(staff, "loyalty.change"):
        return []
    gone, ending = waiting()
    url = reverse("office_loyalty:coupons")
    return [
        NeedsYou(label=_("Coupons nearly gone"), count=gone, url=url, order=120),
        NeedsYou(label=_("Coupons that end within a week, not used"), count=ending, url=url, order=121),
    ]
