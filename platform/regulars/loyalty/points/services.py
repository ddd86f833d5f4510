"""Acts on points rules: what a business's owner sets."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.points.models import PointsRule
from regulars.loyalty.points.selectors import RULES_KEY
from regulars.loyalty.saving import figures, forget
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.text import plain_text


@transaction.atomic
def save_points_rule(
    *,
    rule: PointsRule | None = None,
    name: str,
    points: int,
    per_amount: int,
    pending_days: int = 0,
    expires_after_months: int = 12,
    is_active: bool = True,
    by: str = "",
) -> PointsRule:
    """Add or change a rule: `points` for every full `per_amount` minor units. Raises `InvalidInput`."""
    rule = rule or PointsRule()
    before = figures(rule)
    bounds = {
        "points": (points, 1, 100_000),
        "per_amount": (per_amount, 1, LARGEST_AMOUNT),
        "pending_days": (pending_days, 0, 365),
        "expires_after_months": (expires_after_months, 0, 120),
    }
    for field, (value, least, most) in bounds.items():
        if not least <= value <= most:
            raise InvalidInput(
                _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}, field=field
            )
        setattr(rule, field, value)
    rule.name, rule.is_active = plain_text(name, field="name", longest=80), is_active
    rule.save()
    record(act="points_rule.saved", actor=by, subject=rule.public_id, before=before, after=figures(rule))
    forget(RULES_KEY)
    return rule
