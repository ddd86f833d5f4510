"""Everything that loyalty keeps, where Django looks for it."""

from __future__ import annotations

from regulars.loyalty.points.models import PointsRule
from regulars.loyalty.tiers.models import Standing, Tier, TierMove

__all__ = ["PointsRule", "Standing", "Tier", "TierMove"]
