"""Questions about benefits: what a member is entitled to, how often still, and what is used of what is promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from regulars import clock
from regulars.errors import NotFound
from regulars.loyalty.benefits.models import Benefit, BenefitKind, BenefitUse, TierBenefit
from regulars.loyalty.benefits.periods import key_of, last_day_of
from regulars.loyalty.tiers.models import Standing, Tier, Track, TrackStanding
from regulars.loyalty.tiers.selectors import ladder, tracks
from regulars.people.models import Member

GRANTS_KEY = "loyalty.grants"
CACHE_SECONDS = 10
WORKS_BY_ITSELF = frozenset({BenefitKind.DISCOUNT, BenefitKind.EARLY_ACCESS})
"""Kinds that nobody uses up at the counter: the house gives them by itself."""


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """A benefit as a member has it now through `tier`: `allowed` uses of which some are `used`; None without end.

    `until` is the last day of the period they are counted in, None for the one without end.
    """

    benefit: Benefit
    tier: Tier
    allowed: int | None
    used: int
    until: dt.date | None

    @property
    def uses_left(self) -> int | None:
        """How often it can be used still, None for as often as one likes."""
        return None if self.allowed is None else max(0, self.allowed - self.used)

    @property
    def is_used_by_hand(self) -> bool:
        """Whether staff note its use; a discount, early access and a gift of points come by themselves."""
        return self.benefit.kind not in WORKS_BY_ITSELF and not self.benefit.points

    @property
    def is_usable(self) -> bool:
        """Whether staff can note a use now."""
        return self.is_used_by_hand and self.uses_left != 0


def grants() -> list[TierBenefit]:
    """What each tier grants of the benefits in force."""
    found: list[TierBenefit] | None = cache.get(GRANTS_KEY)
    if found is None:
        active = TierBenefit.objects.filter(benefit__is_active=True)
        found = list(active.select_related("benefit", "tier__track").order_by("benefit_id", "tier_id"))
        cache.set(GRANTS_KEY, found, CACHE_SECONDS)
    return found


def tiers_of(member: Member) -> list[Tier]:
    """The tiers a member stands on, of each track in force; on a track without a standing they are on its first."""
    standing: Standing | None = getattr(member, "standing", None)
    found = [standing.tier] if standing is not None else []
    others = [track for track in tracks() if not track.is_default]
    if others:
        placed = TrackStanding.objects.filter(member=member).select_related("tier")
        by_track = {place.track_id: place.tier for place in placed}
        found += [tier for track in others if (tier := by_track.get(track.pk) or _first_of(track)) is not None]
    return found


def _first_of(track: Track) -> Tier | None:
    return next((tier for tier in ladder(track) if tier.threshold == 0), None)


def of(member: Member) -> list[Entitlement]:
    """What a member is entitled to now, the discount of a tier first; of two tiers the more generous counts."""
    tiers = tiers_of(member)
    best: dict[int, TierBenefit] = {}
    held = {tier.pk for tier in tiers}
    for grant in grants():
        known = best.get(grant.benefit_id)
        if grant.tier_id in held and (known is None or _generosity(grant) > _generosity(known)):
            best[grant.benefit_id] = grant
    return [*_discounts(tiers), *_counted(member, list(best.values()))]


def _generosity(grant: TierBenefit) -> int:
    allowed = grant.uses if grant.uses is not None else grant.benefit.uses
    return 1_000_000 if allowed is None else allowed


def _counted(member: Member, best: Sequence[TierBenefit]) -> list[Entitlement]:
    if not best:
        return []
    today = clock.today()
    keys = {grant.benefit_id: key_of(grant.benefit.period, today) for grant in best}
    taken = BenefitUse.objects.filter(member=member, benefit__in=keys, period_key__in=set(keys.values()))
    used = {
        (benefit, key): count
        for benefit, key, count in taken.filter(number__isnull=False)
        .values_list("benefit_id", "period_key")
        .annotate(Count("pk"))
        .order_by()
    }
    return [
        Entitlement(
            benefit=grant.benefit,
            tier=grant.tier,
            allowed=grant.uses if grant.uses is not None else grant.benefit.uses,
            used=used.get((grant.benefit_id, keys[grant.benefit_id]), 0),
            until=last_day_of(grant.benefit.period, today),
        )
        for grant in best
    ]


def _discounts(tiers: Sequence[Tier]) -> list[Entitlement]:
    """The discount that the till takes off by itself, as a benefit that nobody has to enter twice."""
    today = clock.today()
    return [
        Entitlement(benefit=discount_benefit(percent), tier=tier, allowed=None, used=0, until=None)
        for tier in tiers
        if (percent := tier.on(today, "discount"))
    ]


def discount_benefit(percent: int) -> Benefit:
    """A tier's discount (hundredths of a percent) in the words of a benefit; it is kept with the tier, not here."""
    whole, part = divmod(percent, 100)
    figure = f"{whole}.{part:02d}".rstrip("0").rstrip(".")
    tenths, rest = divmod(10000 - percent, 1000)
    folds = f"{tenths}.{rest:03d}".rstrip("0").rstrip(".")
    return Benefit(
        code="discount",
        kind=BenefitKind.DISCOUNT,
        words={"en": f"{figure}% off every purchase", "zh-hans": f"每次消费 {folds} 折"},
    )


def entitlement_to(member: Member, benefit: Benefit) -> Entitlement | None:
    """What a member has of one benefit, None for one that none of their tiers grants."""
    return next((each for each in of(member) if benefit.pk and each.benefit.pk == benefit.pk), None)


def days_of_early_access(member: Member) -> int:
    """By how many days before others a member may redeem; 0 for not at all."""
    days = [each.benefit.days for each in of(member) if each.benefit.kind == BenefitKind.EARLY_ACCESS]
    return max(days, default=0)


def benefit_by_code(code: str) -> Benefit:
    """Raises `NotFound`."""
    found = Benefit.objects.filter(code=code[:30].replace("\0", "")).first()
    if found is None:
        raise NotFound
    return found


def use_by_public_id(public_id: str) -> BenefitUse:
    """Raises `NotFound`."""
    uses = BenefitUse.objects.select_related("benefit", "member", "tier", "branch", "staff")
    found = uses.filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How much of a benefit was used through a tier in a span of days, and by how many who stand there now."""

    benefit: Benefit
    tier: Tier
    entitled: int
    uses: int
    users: int

    @property
    def is_unused(self) -> bool:
        """Whether somebody could have used it and nobody did."""
        return self.entitled > 0 and self.uses == 0

    @property
    def share(self) -> int:
        """How many of a hundred who may use it did; more used it than may when some have left the tier."""
        return min(100, self.users * 100 // self.entitled) if self.entitled else 0


def usage(first: dt.date, last: dt.date) -> list[Usage]:
    """What is used of what is promised, per benefit and tier, both days included; what nobody uses comes first."""
    found = BenefitUse.objects.filter(number__isnull=False, used_on__range=(first, last))
    counts = {
        (row["benefit"], row["tier"]): (row["uses"], row["users"])
        for row in found.values("benefit", "tier")
        .annotate(uses=Count("pk"), users=Count("member", distinct=True))
        .order_by()
    }
    entitled = _standing_on()
    rows = [
        Usage(
            benefit=grant.benefit,
            tier=grant.tier,
            entitled=entitled.get(grant.tier_id, 0),
            uses=counts.get((grant.benefit_id, grant.tier_id), (0, 0))[0],
            users=counts.get((grant.benefit_id, grant.tier_id), (0, 0))[1],
        )
        for grant in grants()
        if grant.benefit.kind not in WORKS_BY_ITSELF
    ]
    return sorted(rows, key=lambda row: (not row.is_unused, row.share, row.benefit.pk, row.tier.pk))


def _standing_on() -> dict[int, int]:
    """How many active members stand on each tier by its database id."""
    found: dict[int, int] = {}
    for places in (Standing.objects.all(), TrackStanding.objects.all()):
        counted = places.filter(member__is_active=True).values_list("tier").annotate(Count("member")).order_by()
        for tier, count in counted:
            found[tier] = found.get(tier, 0) + count
    return found
