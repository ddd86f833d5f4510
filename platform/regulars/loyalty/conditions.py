"""What conditions can ask about the loyalty programme: the tier a member stands on, and since when.

Every business has the ladder that all climb; each further track in force has two fields of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.conditions.fields import Field, Sql, Window
from regulars.loyalty.models import Tier, Track
from regulars.loyalty.tiers.selectors import ladder, tracks

GROUP = _("Tiers")


TIER = (
    "SELECT standing.member_id, tier.code::text AS value"
    " FROM loyalty_standing standing JOIN loyalty_tier tier ON tier.id = standing.tier_id"
)


def _tier(_window: Window | None) -> Sql:
    return f"(SELECT told.value FROM ({TIER}) told WHERE told.member_id = member.id)", []  # noqa: S608


def _tiers_of_all(_window: Window | None) -> Sql:
    return TIER, []


def _since(_window: Window | None) -> Sql:
    return (
        "(SELECT (standing.since AT TIME ZONE %s)::date FROM loyalty_standing standing"
        " WHERE standing.member_id = member.id)",
        [timezone.get_current_timezone_name()],
    )


def _tiers(track: Track | None = None) -> list[tuple[str, str]]:
    tiers: list[Tier] = ladder(track)
    return [(tier.code, str(tier)) for tier in tiers]


@dataclass(frozen=True)
class _OnTrack:
    """What is asked of one further track; whoever has no place on it yet stands on its first tier."""

    track: Track

    def tier(self, _window: Window | None) -> Sql:
        """The code of the tier."""
        return (
            """COALESCE((
                SELECT tier.code::text
                FROM loyalty_trackstanding place JOIN loyalty_tier tier ON tier.id = place.tier_id
                WHERE place.member_id = member.id AND place.track_id = %s
            ), %s::text)""",
            [self.track.pk, ladder(self.track)[0].code],
        )

    def since(self, _window: Window | None) -> Sql:
        """The day of reaching it, unknown without a place."""
        return (
            "(SELECT (place.since AT TIME ZONE %s)::date FROM loyalty_trackstanding place"
            " WHERE place.member_id = member.id AND place.track_id = %s)",
            [timezone.get_current_timezone_name(), self.track.pk],
        )

    def choices(self) -> list[tuple[str, str]]:
        """Its tiers."""
        return _tiers(self.track)


def fields_of_business() -> list[Field]:
    """Two fields for each track in force beside the one that all climb: the tier there, and since when."""
    found = []
    for track in tracks():
        if track.is_default or not ladder(track):
            continue
        asked, named = _OnTrack(track), {"track": track}
        found += [
            Field(
                code=f"tier_on.{track.code}",
                is_always_known=True,
                label=gettext("tier on “%(track)s”") % named,
                kind="choice",
                sql=asked.tier,
                group=GROUP,
                choices=asked.choices,
            ),
            Field(
                code=f"tier_since.{track.code}",
                label=gettext("day of reaching the tier on “%(track)s”") % named,
                kind="date",
                sql=asked.since,
                group=GROUP,
            ),
        ]
    return found


FIELDS = [
    Field(
        code="loyalty.tier",
        label=_("tier"),
        kind="choice",
        sql=_tier,
        sql_of_all=_tiers_of_all,
        group=GROUP,
        choices=_tiers,
    ),
    Field(code="loyalty.since", label=_("day of reaching the tier"), kind="date", sql=_since, group=GROUP),
]
