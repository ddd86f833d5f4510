"""What an owner should know about a rule that can be saved: that it never wins, multiplies nothing, or means nobody."""

from __future__ import annotations

from django.utils.translation import gettext as _

from regulars import conditions
from regulars.loyalty.points.models import Kind, PointsRule
from regulars.loyalty.points.occasions import AT_SALES
from regulars.loyalty.points.selectors import active_rules, always_wins
from regulars.loyalty.tiers.models import Standing


def warnings(rule: PointsRule) -> list[str]:
    """Why a rule may not do what its owner thinks, each a sentence that says what to do; usually none."""
    found: list[str] = []
    others = [each for each in active_rules() if each.pk != rule.pk]
    if rule.kind == Kind.MULTIPLIER and not any(
        each.kind == Kind.PER_AMOUNT and each.trigger in AT_SALES for each in others
    ):
        found.append(_("No rule gives points for spending, so there is nothing to multiply. Add one first."))
    if rule.stacking_group:
        stronger = next((each for each in others if always_wins(each, rule)), None)
        if stronger is not None:  # saved before the other one was
            found.append(
                _("“%(rule)s” is in the same group, always applies and goes first: this rule never gives anything.")
                % {"rule": stronger.name}
            )
    if rule.tiers and not Standing.objects.filter(tier__code__in=rule.tiers).exists():
        found.append(_("Nobody stands on these tiers at the moment."))
    if rule.condition:
        found += _of_condition(rule)
    return found


def _of_condition(rule: PointsRule) -> list[str]:
    condition = conditions.stored(rule.condition)
    found = list(conditions.contradictions(condition))
    if rule.trigger not in AT_SALES and not condition.is_for_sets:
        found.append(_("The condition asks about a purchase, but this rule waits for none: it never applies."))
    elif not found and condition.for_members().count() == 0:
        found.append(_("The condition holds for no member at the moment."))
    return found
