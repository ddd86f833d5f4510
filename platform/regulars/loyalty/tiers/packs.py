"""Upgrade packs: the points that a new tier brings, posted once for each tier and cycle, and never taken back."""

from __future__ import annotations

from django.db import transaction

from regulars import clock
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, announce_credit, post
from regulars.loyalty.points.expiry import expires_at
from regulars.loyalty.tiers.models import TierPack
from regulars.people.models import Member

KIND = "tier.pack"
"""The kind of the posting; points of a pack never count as earned, so that no pack leads to the next."""
HOUSE = "points.issued"
EXPIRY = {"kind": "month_end", "count": 12}
"""How long points of a pack are good: to the end of the month, twelve months later."""


@transaction.atomic
def post_waiting(*, member: Member) -> int:
    """Post the packs that a rise left waiting; how many. Safe to repeat: each has one key and one row."""
    waiting = TierPack.objects.select_for_update().filter(member=member, is_posted=False, points__gt=0)
    packs = list(waiting.select_related("tier").order_by("pk"))
    for pack in packs:
        posted = post(
            key=f"pack:{member.public_id}:{pack.tier.code}:{pack.cycle}",
            kind=KIND,
            legs=[
                Leg(
                    wallet=member.wallet_id,
                    asset=POINTS,
                    amount=pack.points,
                    house=HOUSE,
                    expires_at=expires_at(EXPIRY, clock.day_of(pack.given_at), tier=pack.tier.code),
                )
            ],
            reason=str(pack.tier)[:200],
        )
        if not posted.is_repeated:
            held = posted.balances.get((member.wallet_id, POINTS), 0)
            announce_credit(member=member.public_id, points=pack.points, balance=held, reason="tier")
    TierPack.objects.filter(pk__in=[pack.pk for pack in packs]).update(is_posted=True)
    return len(packs)
