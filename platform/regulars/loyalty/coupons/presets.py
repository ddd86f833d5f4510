"""Beginnings that a shop owner understands: each fills in the form of a coupon, which is then as free as any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.loyalty.coupons.models import CouponKind, Occasion, Stacking
from regulars.money import digits_of

AMOUNTS = ("amount", "least_spend", "most_off")


@dataclass(frozen=True)
class Beginning:
    """A coupon to begin with: its name, what it is good for, and what its form starts with (whole units of money)."""

    code: str
    name: str | Promise
    words: str | Promise
    values: Mapping[str, Any]


def _said(english: str, chinese: str) -> dict[str, str]:
    return {"name_en": english, "name_zh": chinese}


BEGINNINGS = (
    Beginning(
        "welcome",
        _("Welcome"),
        _("Given to whoever joins: a reason for the first purchase within a month."),
        {
            **_said("Welcome", "新会员礼券"),
            "occasion": Occasion.WELCOME,
            "kind": CouponKind.AMOUNT,
            "amount": 10,
            "least_spend": 50,
            "days": 30,
            "most_per_member": 1,
            "is_given_by_itself": True,
        },
    ),
    Beginning(
        "birthday",
        _("Birthday"),
        _("Given by itself on the birthday: a small treat with the next purchase, good for two weeks."),
        {
            **_said("Happy birthday", "生日快乐"),
            "occasion": Occasion.BIRTHDAY,
            "kind": CouponKind.PERCENT,
            "percent": 1_200,
            "days": 14,
            "most_off": 50,
            "is_given_by_itself": True,
        },
    ),
    Beginning(
        "wake-up",
        _("Long not seen"),
        _("Given by itself to who has not come for 60 days: worth coming back for, and not for long."),
        {
            **_said("We have missed you", "好久不见"),
            "occasion": Occasion.WAKE_UP,
            "kind": CouponKind.AMOUNT,
            "amount": 20,
            "least_spend": 80,
            "days": 21,
            "is_given_by_itself": True,
            "idle_days": 60,
            "again_days": 180,
        },
    ),
    Beginning(
        "compensation",
        _("Making good"),
        _("Something went wrong: given by the team, at once, and it goes with any other coupon."),
        {
            **_said("With our apologies", "一点心意"),
            "occasion": Occasion.COMPENSATION,
            "kind": CouponKind.AMOUNT,
            "amount": 20,
            "days": 90,
            "stacking": Stacking.JOINT,
            "stacking_group": "",
            "is_transferable": True,
        },
    ),
    Beginning(
        "member-day",
        _("Member day"),
        _("Lies open in the portal, counts on one weekday, once for each member."),
        {
            **_said("Member day", "会员日"),
            "occasion": Occasion.MEMBER_DAY,
            "kind": CouponKind.PERCENT,
            "percent": 1_500,
            "weekdays": [2],
            "most_per_member": 1,
            "days": 31,
            "is_open": True,
        },
    ),
)


def beginning(code: str, currency: str) -> dict[str, Any]:
    """What the form starts with, amounts in minor units of the currency; nothing for a code that is none."""
    values = next((dict(each.values) for each in BEGINNINGS if each.code == code), {})
    minor = 10 ** digits_of(currency)
    return {name: value * minor if name in AMOUNTS else value for name, value in values.items()}
