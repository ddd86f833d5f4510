"""What a business starts with, by trade: words, tiers, a points rule, a site, a branch and the roles of its staff.

Provisioning runs `apply` in a schema that has no business yet and keeps the rows as a seed, so nothing here knows a
business's name and the same trade and language always give the same start.
"""

from __future__ import annotations

from django.db import transaction

from cms.presets import dealers, gym, hotel, restaurant, retail, salon, school
from cms.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    module.PRESET.trade: module.PRESET for module in (retail, restaurant, hotel, salon, gym, school, dealers)
}
"""Every trade's start."""

LANGUAGES = ("en", "zh-hans")


def preset_for(trade: str) -> Preset:
    """The start of a trade. Raises `KeyError` for a trade there is none for."""
    return PRESETS[trade]


def accent(trade: str) -> str:
    """The brand colour a trade starts with, `#rrggbb`; of a shop for a trade that is unknown."""
    return PRESETS.get(trade, retail.PRESET).accent


@transaction.atomic
def apply(trade: str, language: str) -> None:
    """Fill the current schema with a trade's start, its first language `language` (`en` or `zh-hans`).

    Meant for a schema without pages or tiers of its own; the pages that a fresh Wagtail brings are replaced.
    Raises `KeyError` for an unknown trade or language.
    """
    from cms.presets import rooms, site
    from regulars.backoffice import roles

    preset = PRESETS[trade]
    first, second = language, {"en": "zh-hans", "zh-hans": "en"}[language]
    rooms.furnish(preset, first)
    site.build(preset, first, second)
    roles.seed()
