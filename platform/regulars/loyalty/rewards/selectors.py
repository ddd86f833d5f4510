"""Questions about rewards: the shelf as one member sees it, what they redeemed, and what a code stands for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.errors import NotFound
from regulars.ledger import selectors as ledger
from regulars.loyalty.benefits.selectors import days_of_early_access
from regulars.loyalty.coupons.models import Coupon
from regulars.loyalty.rewards.codes import read_code
from regulars.loyalty.rewards.models import OPEN_STATES, Redemption, RedemptionState, Reward
from regulars.loyalty.rewards.pictures import with_pictures
from regulars.organisation.models import Branch
from regulars.organisation.selectors import open_branches
from regulars.people.models import Member

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A reward as one member sees it: how many of their `points` are `missing`, and `why_not` in words."""

    reward: Reward
    missing: int
    why_not: str
    points: int

    @property
    def left(self) -> int:
        """How many points are left to the member afterwards."""
        return max(0, self.points - self.reward.points)

    @property
    def can_be_had(self) -> bool:
        """Whether the member can have it now."""
        return not self.missing and not self.why_not


def shelf(member: Member) -> list[Offer]:
    """What is on the shelf: first what this member can have now, then what is nearest."""
    rewards = list(with_pictures(Reward.objects.filter(is_active=True)))
    if not rewards:
        return []
    today, points = clock.today(), ledger.spendable(member.wallet)
    earlier = days_of_early_access(member) if any(reward.offered_from for reward in rewards) else 0
    wanted = {reward.pk: conditions.stored(reward.condition) for reward in rewards}
    facts = conditions.facts_of(member, *wanted.values())
    had = _had(member)
    offers = []
    for reward in rewards:
        if reward.offered_until is not None and reward.offered_until < today:
            continue
        why_not = _why_not(reward, had=had.get(reward.pk, 0), today=today, earlier=earlier)
        if not why_not and not wanted[reward.pk].holds(facts):
            why_not = words_of_condition(wanted[reward.pk])
        offers.append(Offer(reward=reward, missing=max(0, reward.points - points), why_not=why_not, points=points))
    return sorted(offers, key=lambda offer: (not offer.can_be_had, bool(offer.why_not), offer.reward.points))


def offer_of(member: Member, reward: Reward) -> Offer:
    """One reward as a member sees it; what is no longer on the shelf says so."""
    today = clock.today()
    why_not = _why_not(
        reward,
        had=_had(member).get(reward.pk, 0),
        today=today,
        earlier=days_of_early_access(member) if reward.offered_from else 0,
    )
    condition = conditions.stored(reward.condition)
    if not why_not and not condition.holds(conditions.facts_of(member, condition)):
        why_not = words_of_condition(condition)
    points = ledger.spendable(member.wallet)
    return Offer(reward=reward, missing=max(0, reward.points - points), why_not=why_not, points=points)


def words_of_condition(condition: conditions.Condition) -> str:
    """For whom a reward is, as a sentence."""
    return _("For those of whom this holds: %(condition)s") % {"condition": condition.words()}


def _why_not(reward: Reward, *, had: int, today: dt.date, earlier: int) -> str:
    if not reward.is_active or (reward.offered_until is not None and reward.offered_until < today):
        return _("It is no longer on the shelf.")
    if reward.offered_from is not None and reward.offered_from - earlier * DAY > today:
        return _("From %(day)s on.") % {"day": date_format(reward.offered_from - earlier * DAY, "DATE_FORMAT")}
    if reward.stock == 0:
        return _("All gone for now.")
    if reward.per_member is not None and had >= reward.per_member:
        return _("You have had as many as one member may have.")
    return ""


def _had(member: Member) -> dict[int, int]:
    found = Redemption.objects.filter(member=member, number__isnull=False)
    return dict(found.values_list("reward").annotate(Count("pk")).order_by())


def reward_by_public_id(public_id: str) -> Reward:
    """Raises `NotFound`."""
    found = Reward.objects.filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def redemptions() -> QuerySet[Redemption]:
    """All redemptions with what their pages show."""
    return Redemption.objects.select_related("reward", "member", "branch", "transaction")


def redemption_by_public_id(public_id: str) -> Redemption:
    """Raises `NotFound`."""
    found = redemptions().filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def redemption_by_code(text: str) -> Redemption:
    """What a code stands for, typed or scanned. Raises `InvalidInput` for a mistyped one, `NotFound` for none."""
    found = redemptions().filter(code=read_code(text)).first()
    if found is None:
        raise NotFound(_("No redemption has this code."), field="code")
    return found


def redemptions_of(member: Member, *, limit: int = 50) -> Sequence[Redemption]:
    """What a member redeemed: first what is still to be collected, then the newest."""
    still_open = Case(When(state__in=OPEN_STATES, then=0), default=1, output_field=IntegerField())
    return list(redemptions().filter(member=member).order_by(still_open, "-pk")[:limit])


def to_prepare(branch: Branch, *, limit: int = 60) -> list[Redemption]:
    """What is redeemed and can be collected at a branch: what nobody has put ready yet first, the oldest first."""
    here = Q(branch=branch) | (
        Q(branch=None) & (Q(reward__branches=[]) | Q(reward__branches__contains=[branch.public_id]))
    )
    found = redemptions().filter(here, state__in=OPEN_STATES).filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()))
    ready_last = Case(When(state=RedemptionState.READY, then=1), default=0, output_field=IntegerField())
    return list(found.prefetch_related("reward__picture").order_by(ready_last, "pk")[:limit])


def coupon_of_redemption(redemption: Redemption) -> Coupon | None:
    """The coupon that a redemption issued, None for one that is handed over."""
    if redemption.reward.coupon_id is None:
        return None
    return Coupon.objects.filter(key=coupon_key(redemption.public_id)).first()


def coupon_key(redemption: str) -> str:
    """The key of the coupon that a redemption (its public id) issues."""
    return f"redeem:{redemption}"


def branches_of(reward: Reward) -> list[Branch]:
    """The open branches that hand a reward over."""
    return [branch for branch in open_branches() if not reward.branches or branch.public_id in reward.branches]


def last_day_of(redemption: Redemption) -> dt.date | None:
    """The last day on which a redemption can be collected, None where there is none."""
    if redemption.expires_at is None:
        return None
    return clock.day_of(redemption.expires_at - dt.timedelta(microseconds=1))
