"""What the owner sets about rewards: what lies on the shelf, for whom, and how many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.models import CouponTemplate
from regulars.loyalty.rewards.models import (
    MOST_COLLECT_DAYS,
    MOST_PER_MEMBER,
    MOST_POINTS,
    MOST_STOCK,
    Reward,
    RewardKind,
)
from regulars.loyalty.rewards.pictures import keep_picture
from regulars.loyalty.saving import figures, words_by_language
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Language
from regulars.text import plain_text


@transaction.atomic
def save_reward(
    *,
    reward: Reward | None = None,
    kind: str,
    words: Mapping[str, str],
    details: Mapping[str, str],
    points: int,
    stock: int | None = None,
    per_member: int | None = None,
    branches: Collection[Branch] = (),
    offered_from: dt.date | None = None,
    offered_until: dt.date | None = None,
    collect_days: int = 0,
    condition: Any = None,
    coupon: CouponTemplate | None = None,
    picture: File[Any] | None = None,
    removes_picture: bool = False,
    picture_words: Mapping[str, str] | None = None,
    is_active: bool = True,
    by: str = "",
) -> Reward:
    """Put a reward on the shelf or change it; what was redeemed before stays as it was.

    `stock` counts for a new one only (`restock` afterwards, so that nobody overwrites what was taken meanwhile). A
    `picture` (an image file, checked already) takes the place of the one there is, which stays in the library.
    `coupon` is issued at redemption, so that there is nothing to collect.
    Raises `InvalidInput` naming the field: no name, numbers out of bounds, a span that ends before it begins or
    was over before today.
    """
    reward = Reward.objects.select_for_update().get(pk=reward.pk) if reward is not None else Reward()
    before = figures(reward)
    _check_kind(kind, coupon=coupon)
    bounds: dict[str, tuple[int | None, int, int]] = {
        "points": (points, 1, MOST_POINTS),
        "per_member": (per_member, 1, MOST_PER_MEMBER),
        "collect_days": (collect_days, 0, MOST_COLLECT_DAYS),
    }
    if before is None:
        bounds["stock"] = (stock, 0, MOST_STOCK)
    for field, (value, least, most) in bounds.items():
        _within(value, least, most, field)
        setattr(reward, field, value)
    _check_days(offered_from, offered_until, kept=reward.offered_until)
    reward.kind, reward.is_active, reward.coupon = kind, is_active, coupon
    reward.words = words_by_language(words)
    reward.details = _said(details, field="details", longest=300)
    if picture_words is not None:
        reward.picture_words = _said(picture_words, field="picture_words", longest=120)
    if picture is not None:
        reward.picture = keep_picture(picture, title=str(reward))
    elif removes_picture:
        reward.picture = None
    reward.branches = sorted(branch.public_id for branch in branches)
    reward.offered_from, reward.offered_until = offered_from, offered_until
    reward.condition = conditions.parse(condition).as_json()
    reward.save()
    record(act="reward.saved", actor=by, subject=reward.public_id, before=before, after=figures(reward))
    return reward


def _check_days(first: dt.date | None, last: dt.date | None, *, kept: dt.date | None) -> None:
    """`kept` is the last day that it has already: what ended can still be worded anew."""
    if first is not None and last is not None and last < first:
        raise InvalidInput(_("It ends before it begins. Choose a later day."), field="offered_until")
    if last is not None and last < clock.today() and last != kept:
        raise InvalidInput(_("This is in the past. Choose a day from today on."), field="offered_until")


def _check_kind(kind: str, *, coupon: CouponTemplate | None) -> None:
    if kind not in RewardKind.values:
        raise InvalidInput(_("Choose what kind of reward it is."), field="kind")
    if coupon is not None and kind != RewardKind.COUPON:
        raise InvalidInput(_("Only a reward of the kind “Coupon” issues one."), field="coupon")


@transaction.atomic
def restock(*, reward: Reward, by_how_many: int | None, actor: str) -> Reward:
    """Add to what is in stock (below zero: take away), None for without end. Raises `InvalidInput` (field `stock`)."""
    reward = Reward.objects.select_for_update().get(pk=reward.pk)
    before = {"stock": reward.stock}
    if by_how_many is None:
        reward.stock = None
    else:
        stock = (reward.stock or 0) + by_how_many
        if not 0 <= stock <= MOST_STOCK:
            raise InvalidInput(
                _("There would be %(stock)s then. Enter a number that leaves from 0 to %(most)s.")
                % {"stock": stock, "most": MOST_STOCK},
                field="stock",
            )
        reward.stock = stock
    reward.save(update_fields=["stock"])
    record(
        act="reward.restocked",
        actor=actor,
        subject=reward.public_id,
        before=before,
        after={"stock": reward.stock},
    )
    return reward


def _said(words: Mapping[str, str], *, field: str, longest: int) -> dict[str, str]:
    """Words by language that may be left out, cleaned."""
    return {
        language: plain_text(words.get(language, ""), field=field, longest=longest, required=False)
        for language in Language.values
    }


def _within(value: int | None, least: int, most: int, field: str) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}, field=field
        )
