"""Acts on points rules: what a business's owner sets."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.db import transaction

from regulars.loyalty.points.checking import check
from regulars.loyalty.points.models import Kind, PointsRule
from regulars.loyalty.points.selectors import RULES_KEY
from regulars.loyalty.saving import figures, forget
from regulars.operations.trail import record


class Terms(TypedDict, total=False):
    """Everything else that a rule may say; see `PointsRule`. What is not named stays as it is."""

    trigger: str
    kind: str
    whole_steps: bool
    factor: int
    least_amount: int
    within: str
    condition: dict[str, Any]
    branches: list[str]
    terminals: list[str]
    categories: list[str]
    tiers: list[str]
    weekdays: list[int]
    month_days: list[int]
    around_birthday: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    stacking_group: str
    priority: int
    cap_sale: int | None
    cap_day: int | None
    cap_week: int | None
    cap_month: int | None
    cap_year: int | None
    cap_total: int | None
    expiry: dict[str, Any]


@transaction.atomic
def save_points_rule(
    *,
    rule: PointsRule | None = None,
    name: str,
    points: int = 1,
    per_amount: int = 0,
    pending_days: int = 0,
    expires_after_months: int = 12,
    is_active: bool = True,
    by: str = "",
    **terms: Unpack[Terms],
) -> PointsRule:
    """Add or change a rule. Raises `InvalidInput` naming the field that cannot be, or that contradicts another."""
    before = figures(rule) if rule else None
    made = drafted(
        rule=rule,
        name=name,
        points=points,
        per_amount=per_amount,
        pending_days=pending_days,
        expires_after_months=expires_after_months,
        is_active=is_active,
        **terms,
    )
    made.save()
    record(act="points_rule.saved", actor=by, subject=made.public_id, before=before, after=figures(made))
    forget(RULES_KEY)
    return made


def drafted(
    *,
    rule: PointsRule | None = None,
    name: str,
    points: int = 1,
    per_amount: int = 0,
    pending_days: int = 0,
    expires_after_months: int = 12,
    is_active: bool = True,
    **terms: Unpack[Terms],
) -> PointsRule:
    """A rule as it would be saved, checked and not saved: what a dry run is made of. Raises `InvalidInput`."""
    made = PointsRule.objects.get(pk=rule.pk) if rule else PointsRule()
    made.name, made.points, made.per_amount, made.is_active = name, points, per_amount, is_active
    made.pending_days, made.expires_after_months = pending_days, expires_after_months
    for term, value in terms.items():
        setattr(made, term, value)
    if made.kind == Kind.MULTIPLIER:
        made.points = made.points or 1
    check(made)
    return made
