"""Beginnings that a shop owner understands: each fills in the form of a rule, which is then as free as any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.loyalty.points.models import Kind
from regulars.loyalty.points.occasions import ANNIVERSARY, BIRTHDAY, FIRST_PURCHASE, JOINED, PROFILE, SPENDING


@dataclass(frozen=True)
class Beginning:
    """A rule to begin with: what it is called, what it is good for, and what the form starts with."""

    code: str
    name: str | Promise
    words: str | Promise
    values: Mapping[str, Any]


BEGINNINGS = (
    Beginning(
        "spending",
        _("Points for spending"),
        _("Every purchase earns: 1 point for every 10."),
        {"kind": Kind.PER_AMOUNT, "points": 1},
    ),
    Beginning(
        "double-day",
        _("Double points on a weekday"),
        _("Fills a quiet day, for everybody or for some tiers and branches."),
        {"kind": Kind.MULTIPLIER, "factor": 200, "weekdays": [1], "cap_day": 500},
    ),
    Beginning(
        "member-day",
        _("Member day"),
        _("Double points on fixed days of each month, for example the 8th."),
        {"kind": Kind.MULTIPLIER, "factor": 200, "month_days": [8]},
    ),
    Beginning(
        "birthday-month",
        _("Double points in the birthday month"),
        _("A reason to celebrate with you."),
        {"kind": Kind.MULTIPLIER, "factor": 200, "around_birthday": "month"},
    ),
    Beginning(
        "welcome",
        _("Welcome points"),
        _("For becoming a member; never for members who are imported."),
        {"kind": Kind.FIXED, "trigger": JOINED, "points": 50},
    ),
    Beginning(
        "first-purchase",
        _("First purchase"),
        _("Brings new members back: points for their first purchase, once."),
        {"kind": Kind.FIXED, "trigger": FIRST_PURCHASE, "points": 100},
    ),
    Beginning(
        "threshold",
        _("Reach an amount"),
        _("Points for spending that reaches an amount, in one purchase or in a month."),
        {"kind": Kind.FIXED, "trigger": SPENDING, "points": 50},
    ),
    Beginning(
        "profile",
        _("Profile filled in"),
        _("For a name and a birthday, once."),
        {"kind": Kind.FIXED, "trigger": PROFILE, "points": 20},
    ),
    Beginning(
        "birthday",
        _("Birthday gift"),
        _("Points on the birthday, once a year."),
        {"kind": Kind.FIXED, "trigger": BIRTHDAY, "points": 100},
    ),
    Beginning(
        "anniversary",
        _("Anniversary gift"),
        _("Points on the day they joined, each year."),
        {"kind": Kind.FIXED, "trigger": ANNIVERSARY, "points": 100},
    ),
)


def beginning(code: str) -> Mapping[str, Any]:
    """What the form starts with for a beginning; nothing for one that there is not."""
    return next((each.values for each in BEGINNINGS if each.code == code), {})
