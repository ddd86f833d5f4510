"""A trade's tiers, points rule, branch and till, made through the rooms' own services."""

from __future__ import annotations

from cms.presets.preset import Preset
from regulars.loyalty.points import services as points
from regulars.loyalty.tiers import services as tiers
from regulars.organisation.places import services as places

BRANCH = {"en": "Main shop", "zh-hans": "总店"}
TERMINAL = {"en": "Till 1", "zh-hans": "1 号收银台"}


def furnish(preset: Preset, language: str) -> None:
    """Tiers and the points rule of a trade, one branch with one till. Raises what the services raise."""
    for tier in preset.tiers:
        tiers.save_tier(
            code=tier.code,
            words=tier.words,
            benefits={code: list(lines) for code, lines in tier.benefits.items()},
            threshold=tier.threshold,
            discount=tier.discount,
            colour=tier.colour,
        )
    points.save_points_rule(name=preset.rule_name[language], points=preset.points, per_amount=preset.per_amount)
    branch = places.open_branch(name=BRANCH[language])
    places.add_terminal(branch=branch, name=TERMINAL[language])
