"""What a trade starts with, as data: colours, words in both languages, tiers and the points rule."""

from __future__ import annotations

from dataclasses import dataclass

Words = dict[str, str]
"""One text by language, always both: `{"en": …, "zh-hans": …}`."""

YUAN = 100
"""Amounts of presets are in minor units of CNY."""


@dataclass(frozen=True, kw_only=True)
class TierDraft:
    """A step of the ladder: `threshold` in fen within twelve months, `discount` in hundredths of a percent."""

    code: str
    words: Words
    benefits: dict[str, tuple[str, ...]]
    threshold: int
    discount: int
    colour: str


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A trade's start. `order` names the blocks of its home page from top to bottom."""

    trade: str
    accent: str
    layout: str
    hero_title: Words
    hero_lede: Words
    description: Words
    ladder_title: Words
    ladder_lede: Words
    story_title: Words
    story: Words
    hours: Words
    join_title: Words
    join_words: Words
    rule_name: Words
    points: int
    per_amount: int
    tiers: tuple[TierDraft, ...]
    order: tuple[str, ...] = ("benefits", "text", "branches", "join_call")
