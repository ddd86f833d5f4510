"""What a points rule may say: each bound and each contradiction is a refusal that names its field and what to do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from regulars import clock, conditions
from regulars.errors import InvalidInput
from regulars.loyalty.points.expiry import checked_policy
from regulars.loyalty.points.models import LARGEST_POINTS, Around, Kind, PointsRule, Task, Within
from regulars.loyalty.points.occasions import (
    AT_SALES,
    EVENT_PREFIX,
    SPENDING,
    TASK_PREFIX,
    triggers,
)
from regulars.loyalty.points.selectors import active_rules, always_wins
from regulars.loyalty.tiers.models import Tier
from regulars.money import LARGEST_AMOUNT
from regulars.organisation.models import Branch, Terminal
from regulars.text import plain_text

LARGEST_FACTOR = 10_000
LARGEST_CAP = 10**12
MOST_PER_UNIT = 100
"""More points than this for the smallest coin are a slip of the pen, and could overflow."""
MOST_LISTED = 200
CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,38}")
CAP_FIELDS = ("cap_sale", "cap_day", "cap_week", "cap_month", "cap_year", "cap_total")
FARTHEST = dt.timedelta(days=366 * 4 + 1)


def check(rule: PointsRule) -> None:
    """Bring what a rule says into its kept form. Raises `InvalidInput` naming the first field that cannot be."""
    for part in PARTS:
        part(rule)


def _whole(rule: PointsRule, field: str, least: int, most: int) -> None:
    value = getattr(rule, field)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidInput(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}, field=field
        )


def _words(rule: PointsRule) -> None:
    rule.name = plain_text(rule.name, field="name", longest=80)
    rule.stacking_group = plain_text(rule.stacking_group, field="stacking_group", longest=40, required=False)
    _whole(rule, "priority", -100, 100)


def _trigger(rule: PointsRule) -> None:
    name = rule.trigger
    if name.startswith(TASK_PREFIX):
        if not rule.pk and not CODE.fullmatch(name.removeprefix(TASK_PREFIX)):
            raise InvalidInput(_("Choose when this rule gives points."), field="trigger")
        if rule.pk and not Task.objects.filter(rule=rule).exists():
            raise InvalidInput(_("A task brings its own rule. Change the task."), field="trigger")
    elif name.startswith(EVENT_PREFIX):
        if not CODE.fullmatch(name.removeprefix(EVENT_PREFIX)):
            raise InvalidInput(
                _("Name the event with small letters, figures, dots and hyphens, for example “signed-book”."),
                field="trigger",
            )
    elif name not in triggers():
        raise InvalidInput(_("Choose when this rule gives points."), field="trigger")


def _kind(rule: PointsRule) -> None:
    if rule.kind not in Kind.values:
        raise InvalidInput(_("Choose how this rule counts."), field="kind")
    if rule.kind != Kind.FIXED and rule.trigger not in (AT_SALES - {SPENDING}):
        raise InvalidInput(_("Only a purchase has an amount to count: give a fixed number of points."), field="kind")
    if rule.kind == Kind.MULTIPLIER:
        _whole(rule, "factor", 101, LARGEST_FACTOR)
        return
    _whole(rule, "points", 1, LARGEST_POINTS)
    if rule.kind == Kind.PER_AMOUNT:
        _whole(rule, "per_amount", 1, LARGEST_AMOUNT)
        if rule.points > rule.per_amount * MOST_PER_UNIT:
            raise InvalidInput(
                _("This gives more than %(most)s points for the smallest coin. Enter a larger amount or fewer points.")
                % {"most": MOST_PER_UNIT},
                field="points",
            )
    else:
        rule.per_amount = 0


def _spending(rule: PointsRule) -> None:
    _whole(rule, "least_amount", 0, LARGEST_AMOUNT)
    if rule.within not in Within.values:
        raise InvalidInput(_("Choose over what the spending is added up."), field="within")
    if rule.trigger == SPENDING and not rule.least_amount:
        raise InvalidInput(_("Enter the spending that must be reached."), field="least_amount")
    if rule.trigger != SPENDING and rule.within != Within.SALE:
        raise InvalidInput(
            _("Spending is added up over a time only for “spending that reaches an amount”."), field="within"
        )
    if rule.least_amount and rule.trigger not in AT_SALES:
        raise InvalidInput(_("Only purchases have an amount. Leave this empty."), field="least_amount")


def _caps(rule: PointsRule) -> None:
    for field in CAP_FIELDS:
        if getattr(rule, field) is not None:
            _whole(rule, field, 1, LARGEST_CAP)
            if rule.kind == Kind.FIXED and getattr(rule, field) < rule.points:
                raise InvalidInput(
                    _("The rule gives %(points)s points at once, more than this allows. Raise it or give fewer.")
                    % {"points": rule.points},
                    field=field,
                )
    spans = [(field, getattr(rule, field)) for field in CAP_FIELDS[:-1] if getattr(rule, field) is not None]
    for (_shorter, small), (longer, large) in pairwise(spans):
        if large < small:
            raise InvalidInput(
                _("This is less than the limit for a shorter time. Raise this one or lower the other."), field=longer
            )


def _days(rule: PointsRule) -> None:
    rule.weekdays = _numbers(rule.weekdays, "weekdays", 0, 6)
    rule.month_days = _numbers(rule.month_days, "month_days", 1, 31)
    if rule.around_birthday not in Around.values:
        raise InvalidInput(_("Choose one of the days."), field="around_birthday")
    if rule.starts_on and rule.ends_on and rule.ends_on < rule.starts_on:
        raise InvalidInput(_("The last day lies before the first. Turn them round."), field="ends_on")
    if not rule.is_active:
        return
    first = max(rule.starts_on or clock.today(), clock.today())
    if rule.ends_on and rule.ends_on < first:
        raise InvalidInput(
            _("This day is past, so the rule would never apply. Choose a later day or switch the rule off."),
            field="ends_on",
        )
    if (rule.weekdays or rule.month_days) and not _has_a_day(rule, first):
        field = "weekdays" if rule.weekdays else "month_days"
        raise InvalidInput(_("No day of this time is one of these. Choose other days or a longer time."), field=field)


def _has_a_day(rule: PointsRule, first: dt.date) -> bool:
    day, last = first, min(rule.ends_on or first + FARTHEST, first + FARTHEST)
    while day <= last:
        if (not rule.weekdays or day.weekday() in rule.weekdays) and (
            not rule.month_days or day.day in rule.month_days
        ):
            return True
        day += dt.timedelta(days=1)
    return False


def _numbers(values: object, field: str, least: int, most: int) -> list[int]:
    if not isinstance(values, list | tuple) or not all(
        isinstance(value, int) and not isinstance(value, bool) and least <= value <= most for value in values
    ):
        raise InvalidInput(_("Choose one of the days."), field=field)
    return sorted(set(values))


def _places(rule: PointsRule) -> None:
    away = rule.trigger not in AT_SALES
    for field in ("branches", "terminals", "categories"):
        chosen = _texts(getattr(rule, field), field)
        if away and chosen:
            raise InvalidInput(_("Only purchases have a place and goods. Leave this empty."), field=field)
        setattr(rule, field, chosen)
    _known(rule.branches, "branches", Branch.objects.filter(public_id__in=rule.branches), "public_id")
    tills = Terminal.objects.filter(public_id__in=rule.terminals)
    _known(rule.terminals, "terminals", tills, "public_id")
    if rule.branches and rule.terminals and not tills.filter(branch__public_id__in=rule.branches).exists():
        raise InvalidInput(_("None of these tills stands in the chosen branches."), field="terminals")
    rule.tiers = _texts(rule.tiers, "tiers")
    _known(rule.tiers, "tiers", Tier.objects.filter(code__in=rule.tiers), "code")


def _texts(values: object, field: str) -> list[str]:
    if not isinstance(values, list | tuple) or len(values) > MOST_LISTED:
        raise InvalidInput(_("Choose from the list."), field=field)
    return list(dict.fromkeys(plain_text(str(value), field=field, longest=40) for value in values))


def _known(chosen: Sequence[str], field: str, found: Iterable[object], name: str) -> None:
    if chosen and {getattr(each, name) for each in found} != set(chosen):
        raise InvalidInput(_("One of these is no longer there. Choose again."), field=field)


def _condition(rule: PointsRule) -> None:
    condition = conditions.parse(rule.condition)
    rule.condition = condition.as_json()
    if not rule.is_active:
        return
    if never := conditions.contradictions(condition):
        raise InvalidInput(
            _("%(why)s So the rule would never apply. Change the condition or switch the rule off.")
            % {"why": " ".join(never)},
            field="condition",
        )
    if rule.trigger not in AT_SALES and not condition.is_for_sets:
        raise InvalidInput(
            _(
                "The condition asks about a purchase, but this rule waits for none, so it would never apply. "
                "Change the condition or what the rule waits for."
            ),
            field="condition",
        )


def _group(rule: PointsRule) -> None:
    """In a group one rule wins; one that can never win gives nothing to anybody."""
    if not rule.stacking_group or not rule.is_active:
        return
    stronger = next((each for each in active_rules() if each.pk != rule.pk and always_wins(each, rule)), None)
    if stronger is not None:
        raise InvalidInput(
            _(
                "“%(rule)s” is in the same group, always applies and goes first, so this rule would never give "
                "anything. Give it a higher priority or another group."
            )
            % {"rule": stronger.name},
            field="stacking_group",
        )


def _life(rule: PointsRule) -> None:
    _whole(rule, "pending_days", 0, 365)
    _whole(rule, "expires_after_months", 0, 120)
    rule.expiry = checked_policy(rule.expiry)


PARTS: tuple[Callable[[PointsRule], None], ...] = (
    _words,
    _trigger,
    _kind,
    _spending,
    _caps,
    _days,
    _places,
    _condition,
    _life,
    _group,
)
