"""Acts on the loyalty programme: what a business's owner sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.models import PointsRule, Tier
from regulars.loyalty.selectors import LADDER_KEY, RULES_KEY
from regulars.money import LARGEST_AMOUNT
from regulars.operations.trail import record
from regulars.organisation.models import Language
from regulars.text import plain_text


@transaction.atomic
def save_tier(
    *,
    tier: Tier | None = None,
    code: str,
    words: Mapping[str, str],
    benefits: Mapping[str, Sequence[str]],
    threshold: int,
    discount: int,
    colour: str,
    by: str = "",
) -> Tier:
    """Add or change a tier: `threshold` in minor units, `discount` in hundredths of a percent.

    Raises `InvalidInput` naming the field: names missing, a taken code or threshold, a discount above 100 %, or a
    ladder left without its first step at zero.
    """
    tier = tier or Tier()
    before = _figures(tier)
    others = Tier.objects.exclude(pk=tier.pk)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", code or ""):
        raise InvalidInput(_("Use small Latin letters and digits, for example gold."), field="code")
    if others.filter(code=code).exists():
        raise InvalidInput(_("Another tier has this code. Choose another."), field="code")
    if not 0 <= threshold <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount of zero or more."), field="threshold")
    if others.filter(threshold=threshold).exists():
        raise InvalidInput(_("Another tier begins at this amount already. Choose another amount."), field="threshold")
    if threshold and not others.filter(threshold=0).exists():
        raise InvalidInput(_("One tier must begin at zero, so that every member has a place."), field="threshold")
    if not 0 <= discount <= 10000:
        raise InvalidInput(_("Enter a discount between 0 and 100 percent."), field="discount")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour or ""):
        raise InvalidInput(_("Enter a colour like #b4532a."), field="colour")
    tier.code, tier.threshold, tier.discount, tier.colour = code, threshold, discount, colour.lower()
    tier.words = _words(words)
    tier.benefits = {
        language: [
            plain_text(line, field="benefits", longest=200) for line in benefits.get(language, []) if line.strip()
        ]
        for language in Language.values
    }
    tier.save()
    record(act="tier.saved", actor=by, subject=code, before=before, after=_figures(tier))
    _forget(LADDER_KEY)
    return tier


def _figures(saved: Tier | PointsRule) -> dict[str, Any] | None:
    """Everything that is set in a tier or a rule, for the trail; None for one that is not there yet."""
    if saved.pk is None:
        return None
    return {
        field.name: getattr(saved, field.name)
        for field in saved._meta.concrete_fields
        if not field.primary_key and field.name != "public_id"
    }


def _words(words: Mapping[str, str]) -> dict[str, str]:
    cleaned = {
        language: plain_text(words.get(language, ""), field="words", longest=40, required=False)
        for language in Language.values
    }
    if not any(cleaned.values()):
        raise InvalidInput(_("Give it a name in at least one language."), field="words")
    return cleaned


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
    before = _figures(rule)
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
    record(act="points_rule.saved", actor=by, subject=rule.public_id, before=before, after=_figures(rule))
    _forget(RULES_KEY)
    return rule


def _forget(key: str) -> None:
    cache.delete(key)
    transaction.on_commit(lambda: cache.delete(key))
