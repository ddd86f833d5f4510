"""Who somebody is where prices are asked: which member, which dealer, on which tiers. What nobody is, is a guest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Value

from regulars.catalogue.models import Audience, Dealer, Product
from regulars.loyalty.models import Standing, Tier, TrackStanding
from regulars.loyalty.tiers.selectors import ladder, tracks
from regulars.people.models import Member


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`member` by database id, None for a guest; `rank` of the dealer's level, None for whoever is no dealer.

    `reached` is by track (database ids) the threshold of the tier the member stands on there.
    """

    member: int | None = None
    rank: int | None = None
    reached: Mapping[int, int] = field(default_factory=dict)

    def stands_on(self, tier: Tier) -> bool:
        """Whether it is this tier or a higher one of its track."""
        place = self.reached.get(tier.track_id or 0)
        return place is not None and place >= tier.threshold

    def may_see(self, product: Product) -> bool:
        """Whether a product is for whoever this is."""
        match product.audience:
            case Audience.MEMBERS:
                return self.member is not None
            case Audience.TIER:
                return product.tier is not None and self.stands_on(product.tier)
            case Audience.DEALERS:
                return self.rank is not None
        return product.audience == Audience.EVERYBODY


GUEST = Identity()
NO_TRACK = 0
"""Where the rank of a dealer stands among the places on tracks; no track has this id."""


def identity_of(member: Member | None) -> Identity:
    """Who a member is, in one question; a membership that has ended is a guest's."""
    if member is None or not member.is_active:
        return GUEST
    own = Standing.objects.filter(member=member).values_list("tier__track_id", "tier__threshold")
    further = TrackStanding.objects.filter(member=member).values_list("track_id", "tier__threshold")
    dealing = Dealer.objects.filter(member=member, is_active=True).annotate(no_track=Value(NO_TRACK))
    known = dict(own.union(further, dealing.values_list("no_track", "level__rank"), all=True))
    rank = known.pop(NO_TRACK, None)
    return Identity(member=member.pk, rank=rank, reached=_in_force(known))


def _in_force(known: dict[int, int]) -> dict[int, int]:
    """By track in force the threshold of the tier; who has no place on a further one stands on its first tier."""
    reached = {}
    for track in tracks():
        rungs = ladder(track)
        if track.pk in known:
            reached[track.pk] = known[track.pk]
        elif rungs and not track.is_default:
            reached[track.pk] = rungs[0].threshold
    return reached
