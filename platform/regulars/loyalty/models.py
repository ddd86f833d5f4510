"""Everything that loyalty keeps, where Django looks for it."""

from __future__ import annotations

from regulars.loyalty.benefits.models import Benefit, BenefitUse, TierBenefit
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponMove, CouponTemplate
from regulars.loyalty.nights.models import NightMark, NightRules
from regulars.loyalty.points.models import Award, CapUse, Cause, PointsRule, PointsSettings, Task
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.tiers.models import Standing, Tier, TierMove, TierPack, Track, TrackStanding

__all__ = [
    "Award",
    "Benefit",
    "BenefitUse",
    "CapUse",
    "Cause",
    "Coupon",
    "CouponBatch",
    "CouponMove",
    "CouponTemplate",
    "NightMark",
    "NightRules",
    "PointsRule",
    "PointsSettings",
    "Redemption",
    "Reward",
    "Standing",
    "Task",
    "Tier",
    "TierBenefit",
    "TierMove",
    "TierPack",
    "Track",
    "TrackStanding",
]
