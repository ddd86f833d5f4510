"""Acts on tiers: what a business's owner sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.loyalty.saving import figures, forget, words_by_language
from regulars.loyalty.tiers.models import Tier
from regulars.loyalty.tiers.selectors import LADDER_KEY
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
    before = figures(tier)
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
    tier.words = words_by_language(words)
    tier.benefits = {
        language: [
            plain_text(line, field="benefits", longest=200) for line in benefits.get(language, []) if line.strip()
        ]
        for language in Language.values
    }
    tier.save()
    record(act="tier.saved", actor=by, subject=code, before=before, after=figures(tier))
    forget(LADDER_KEY)
    return tier
