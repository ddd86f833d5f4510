"""Until when points are good: a policy as plain values, and the instant it comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock
from regulars.errors import InvalidInput
from regulars.loyalty.points.models import PointsRule

MONTHS_IN = {"month_end": 1, "quarter_end": 3, "year_end": 12}
LONGEST = {"days": 3_660, "month_end": 120, "quarter_end": 40, "year_end": 10}
LONGEST_EXTENSION = 120


def expires_at(policy: Mapping[str, Any], on: dt.date, *, tier: str = "") -> dt.datetime | None:
    """The first instant at which points of `on` (a business's day) are gone; None for never.

    `{"kind": "days" | "month_end" | "quarter_end" | "year_end", "count": n}`: n days, or the end of the month, quarter
    or year that is n of them later. `{"extend": {"gold": 6}}` adds whole months for a tier. An empty policy: never.
    """
    kind, count = policy.get("kind", "never"), int(policy.get("count", 0))
    if kind == "never":
        return None
    if kind == "days":
        after = on + dt.timedelta(days=count + 1)
    else:
        months = MONTHS_IN[kind]
        begun = on.replace(month=(on.month - 1) // months * months + 1, day=1)
        after = begun + relativedelta(months=months * (count + 1))
    return clock.start_of(after + relativedelta(months=int(policy.get("extend", {}).get(tier, 0))))


def policy_of(rule: PointsRule) -> dict[str, Any]:
    """The policy of a rule: its own, else the end of the month after so many months (0: never)."""
    if rule.expiry:
        return dict(rule.expiry)
    if not rule.expires_after_months:
        return {"kind": "never"}
    return {"kind": "month_end", "count": rule.expires_after_months}


def checked_policy(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A policy as it is kept. Raises `InvalidInput` (field `expiry`) for one that means nothing."""
    if not policy:
        return {}
    kind, count, extend = policy.get("kind"), policy.get("count", 0), policy.get("extend", {})
    if kind == "never":
        return {"kind": "never"}
    if kind not in LONGEST or not isinstance(count, int) or not isinstance(extend, Mapping):
        raise InvalidInput(_("Choose when these points expire."), field="expiry")
    least = 1 if kind == "days" else 0
    if not least <= count <= LONGEST[kind]:
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": LONGEST[kind]},
            field="expiry",
        )
    if not all(isinstance(months, int) and 0 < months <= LONGEST_EXTENSION for months in extend.values()):
        raise InvalidInput(_("Enter by how many months a tier extends them."), field="expiry")
    return {"kind": kind, "count": count, **({"extend": dict(extend)} if extend else {})}


def words_of(policy: Mapping[str, Any]) -> str:
    """The policy as a sentence."""
    kind, count = policy.get("kind", "never"), int(policy.get("count", 0))
    if kind == "never":
        return _("They never expire.")
    if kind == "days":
        return ngettext("They expire after %(count)s day.", "They expire after %(count)s days.", count) % {
            "count": count
        }
    said = {
        "month_end": ngettext(
            "They expire at the end of the month, %(count)s month later.",
            "They expire at the end of the month, %(count)s months later.",
            count,
        ),
        "quarter_end": ngettext(
            "They expire at the end of the quarter, %(count)s quarter later.",
            "They expire at the end of the quarter, %(count)s quarters later.",
            count,
        ),
        "year_end": ngettext(
            "They expire at the end of the year, %(count)s year later.",
            "They expire at the end of the year, %(count)s years later.",
            count,
        ),
    }
    return said[kind] % {"count": count}
