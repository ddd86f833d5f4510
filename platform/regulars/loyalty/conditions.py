"""What conditions can ask about the loyalty programme: the tier a member stands on, and since when."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.conditions.fields import Field, Sql, Window
from regulars.loyalty.models import Tier
from regulars.loyalty.tiers.selectors import ladder

GROUP = _("Tiers")


def _tier(_window: Window | None) -> Sql:
    return (
        """(
            SELECT tier.code::text FROM loyalty_standing standing JOIN loyalty_tier tier ON tier.id = standing.tier_id
            WHERE standing.member_id = member.id
        )""",
        [],
    )


def _since(_window: Window | None) -> Sql:
    return (
        "(SELECT (standing.since AT TIME ZONE %s)::date FROM loyalty_standing standing"
        " WHERE standing.member_id = member.id)",
        [timezone.get_current_timezone_name()],
    )


def _tiers() -> list[tuple[str, str]]:
    tiers: list[Tier] = ladder()
    return [(tier.code, str(tier)) for tier in tiers]


FIELDS = [
    Field(code="loyalty.tier", label=_("tier"), kind="choice", sql=_tier, group=GROUP, choices=_tiers),
    Field(code="loyalty.since", label=_("day of reaching the tier"), kind="date", sql=_since, group=GROUP),
]
