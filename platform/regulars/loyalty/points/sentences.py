"""A points rule in words: the sentence that owners and members read, and everything that narrows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from babel.dates import get_day_names
from babel.lists import format_list
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock, conditions
from regulars.loyalty.points.expiry import policy_of, words_of
from regulars.loyalty.points.models import Award, Kind, PointsRule, Within
from regulars.loyalty.points.occasions import EVENT_PREFIX, SALE, SPENDING, TASK_PREFIX, triggers
from regulars.loyalty.tiers.models import Tier
from regulars.money import babel_locale, format_count, format_money
from regulars.organisation.models import Branch, Terminal
from regulars.organisation.selectors import organisation


@dataclass(frozen=True, kw_only=True)
class Said:
    """A rule with its words, and the points it gave in the last thirty days."""

    rule: PointsRule
    sentence: str
    details: list[str]
    given: int


def said_of_all(rules: Iterable[PointsRule]) -> list[Said]:
    """Rules as the programme lists them."""
    since = clock.today() - dt.timedelta(days=30)
    recent = Award.objects.filter(awarded_on__gte=since).values_list("rule").annotate(Sum("points")).order_by()
    given = dict(recent)
    return [
        Said(rule=rule, sentence=sentence(rule), details=details(rule), given=given.get(rule.pk, 0)) for rule in rules
    ]


def sentence(rule: PointsRule) -> str:
    """What the rule gives and for what: “1 point for every ¥10.00 spent.”"""
    if rule.kind == Kind.MULTIPLIER:
        return _("%(times)s times the points for what is spent.") % {"times": times(rule.factor)}
    if rule.kind == Kind.PER_AMOUNT:
        said = (
            ngettext(
                "%(points)s point for every full %(amount)s.",
                "%(points)s points for every full %(amount)s.",
                rule.points,
            )
            if rule.whole_steps
            else ngettext(
                "%(points)s point for every %(amount)s.", "%(points)s points for every %(amount)s.", rule.points
            )
        )
        return said % {"points": rule.points, "amount": _money(rule.per_amount)}
    points = ngettext("%(points)s point", "%(points)s points", rule.points) % {"points": rule.points}
    return _("%(points)s for %(trigger)s.") % {"points": points, "trigger": trigger_words(rule)}


def trigger_words(rule: PointsRule) -> str:
    """What the rule waits for."""
    if rule.trigger.startswith(TASK_PREFIX):
        return _("the task “%(name)s”") % {"name": rule.name}
    if rule.trigger.startswith(EVENT_PREFIX):
        return _("the event “%(name)s”") % {"name": rule.trigger.removeprefix(EVENT_PREFIX)}
    if rule.trigger == SPENDING:
        said = {
            Within.SALE: _("spending %(amount)s in one purchase"),
            Within.MONTH: _("spending %(amount)s in a calendar month"),
            Within.YEAR: _("spending %(amount)s in a calendar year"),
            Within.EVER: _("spending %(amount)s in all"),
        }
        return said[Within(rule.within)] % {"amount": _money(rule.least_amount)}
    return triggers().get(rule.trigger, rule.trigger)


def details(rule: PointsRule) -> list[str]:
    """What narrows the rule, what limits it and how long its points live; a sentence each."""
    found = [*_when(rule), *_where(rule), *_limits(rule)]
    if rule.pending_days:
        found.append(
            ngettext("They can be used after %(days)s day.", "They can be used after %(days)s days.", rule.pending_days)
            % {"days": rule.pending_days}
        )
    if rule.kind != Kind.MULTIPLIER or rule.expiry:
        found.append(words_of(policy_of(rule)))
    return found


def times(factor: int) -> str:
    """A factor in hundredths as people write it: 150 → `1.5`."""
    whole, part = divmod(factor, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


def _when(rule: PointsRule) -> list[str]:
    found = []
    if rule.weekdays:
        names = get_day_names("wide", locale=babel_locale())
        found.append(_("Only on %(days)s.") % {"days": _listed([names[day] for day in rule.weekdays])})
    if rule.month_days:
        days = _listed([str(day) for day in rule.month_days])
        found.append(_("Only on these days of the month: %(days)s.") % {"days": days})
    if rule.around_birthday:
        found.append(_("Only %(when)s.") % {"when": rule.get_around_birthday_display()})
    if rule.starts_on:
        found.append(_("From %(day)s.") % {"day": date_format(rule.starts_on)})
    if rule.ends_on:
        found.append(_("Until %(day)s.") % {"day": date_format(rule.ends_on)})
    return found


def _where(rule: PointsRule) -> list[str]:
    found = []
    if rule.tiers:
        tiers = _listed([str(tier) for tier in Tier.objects.filter(code__in=rule.tiers).order_by("threshold")])
        found.append(_("Only for %(tiers)s.") % {"tiers": tiers})
    if rule.branches:
        places = _listed([str(branch) for branch in Branch.objects.filter(public_id__in=rule.branches)])
        found.append(_("Only at %(places)s.") % {"places": places})
    if rule.terminals:
        tills = Terminal.objects.select_related("branch").filter(public_id__in=rule.terminals)
        found.append(_("Only at these tills: %(tills)s.") % {"tills": _listed([str(till) for till in tills])})
    if rule.categories:
        found.append(_("Only for %(goods)s.") % {"goods": _listed(rule.categories)})
    if rule.least_amount and rule.trigger == SALE:
        found.append(_("From a purchase of %(amount)s.") % {"amount": _money(rule.least_amount)})
    if rule.condition:
        found.append(_("Only if: %(condition)s") % {"condition": conditions.stored(rule.condition).words()})
    return found


def _limits(rule: PointsRule) -> list[str]:
    said = {
        "cap_sale": _("At most %(points)s points per purchase."),
        "cap_day": _("At most %(points)s points per member and day."),
        "cap_week": _("At most %(points)s points per member and week."),
        "cap_month": _("At most %(points)s points per member and month."),
        "cap_year": _("At most %(points)s points per member and year."),
        "cap_total": _("At most %(points)s points for everybody in all."),
    }
    found = [
        words % {"points": format_count(getattr(rule, name))}
        for name, words in said.items()
        if getattr(rule, name) is not None
    ]
    if rule.stacking_group:
        found.append(_("In the group “%(group)s” only one rule counts.") % {"group": rule.stacking_group})
    return found


def _listed(words: Sequence[str]) -> str:
    return str(format_list(list(words), style="or", locale=babel_locale()))


def _money(amount: int) -> str:
    return format_money(amount, organisation().currency)
