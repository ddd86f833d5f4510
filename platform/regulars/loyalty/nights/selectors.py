"""Questions about the nights: how members are reminded, and when points end for want of a purchase."""

from __future__ import annotations

from django.core.cache import cache

from regulars.loyalty.nights.models import NightRules
from regulars.loyalty.points.models import PointsSettings

RULES_KEY = "loyalty.nights"
RULES_SECONDS = 10


def night_rules() -> NightRules:
    """How members are reminded here; kept in this business's cache."""
    return _rules()[0]


def idle_months() -> int:
    """After how many months without a purchase points end; 0 for never."""
    return _rules()[1]


def _rules() -> tuple[NightRules, int]:
    found: tuple[NightRules, int] | None = cache.get(RULES_KEY)
    if found is None:
        months = PointsSettings.objects.values_list("idle_months", flat=True).first()
        found = (NightRules.objects.first() or NightRules(id=1), months or 0)
        cache.set(RULES_KEY, found, RULES_SECONDS)
    return found
