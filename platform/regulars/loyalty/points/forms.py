"""The form of a points rule: it reads and checks, the service writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.backoffice.fields import MoneyField
from regulars.conditions.forms import ConditionField
from regulars.loyalty.points.expiry import policy_of
from regulars.loyalty.points.models import Around, Kind, PointsRule, Within
from regulars.loyalty.points.occasions import EVENT_PREFIX, SALE, triggers
from regulars.loyalty.points.sentences import times, trigger_words
from regulars.loyalty.tiers.models import Tier
from regulars.money import babel_locale
from regulars.organisation.models import Branch, Terminal

EVENT = "event"
MONTH_END = "month_end"
SAME = (
    "name",
    "kind",
    "points",
    "whole_steps",
    "factor",
    "least_amount",
    "within",
    "tiers",
    "branches",
    "terminals",
    "weekdays",
    "month_days",
    "categories",
    "around_birthday",
    "starts_on",
    "ends_on",
    "condition",
    "stacking_group",
    "priority",
    "cap_sale",
    "cap_day",
    "cap_week",
    "cap_month",
    "cap_year",
    "cap_total",
    "pending_days",
    "is_active",
)
"""Fields of the form that are called as the rule calls them."""


class OptionalMoneyField(MoneyField):
    """An amount that may be left out; then it is nothing."""

    def prepare_value(self, value: Any) -> Any:
        """Nothing is shown as nothing."""
        return "" if value in (0, None) else super().prepare_value(value)

    def clean(self, value: Any) -> int:
        """Raises `ValidationError` in the words of `regulars.money`."""
        return super().clean(value) if str(value or "").strip() else 0


class TimesField(forms.CharField):
    """How many times the points; its value is hundredths: 1.5 → 150."""

    def prepare_value(self, value: Any) -> Any:
        """150 as 1.5."""
        return times(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """Raises `ValidationError` for what is no number with up to two decimals."""
        text = str(value or "").strip().rstrip("x×倍").strip().replace(",", ".")
        if not text:
            return 100
        try:
            hundredths = Decimal(text) * 100
            if hundredths != hundredths.to_integral_value() or not 0 < hundredths < 10**7:
                raise InvalidOperation
        except InvalidOperation:
            raise ValidationError(_("Enter how many times, for example 2 or 1.5.")) from None
        return int(hundredths)


class WordsField(forms.CharField):
    """Several words or figures in one line, separated by commas; its value is the list of them."""

    def __init__(self, *, numbers: bool = False, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.numbers = numbers

    def prepare_value(self, value: Any) -> Any:
        """A list as one line."""
        return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[Any]:
        """Raises `ValidationError` for a figure that is none."""
        text = str(super().clean(value) or "").replace("，", ",").replace("、", ",")
        words = [each.strip() for each in text.split(",") if each.strip()]
        if not self.numbers:
            return words
        if not all(each.isascii() and each.isdigit() and len(each) < 4 for each in words):
            raise ValidationError(_("Enter days in figures, for example 8, 18, 28."))
        return [int(each) for each in words]


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week, 0 for Monday."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=int, required=False, widget=forms.CheckboxSelectMultiple, **options)


@dataclass(frozen=True)
class Section:
    """A part of the form under its heading; folded until something in it is filled in or wrong."""

    title: str | Promise
    note: str | Promise
    fields: tuple[BoundField, ...]
    is_open: bool


SECTIONS: tuple[tuple[Any, Any, tuple[str, ...], bool], ...] = (
    (
        gettext_lazy("What it gives"),
        "",
        (
            "name",
            "kind",
            "points",
            "per_amount",
            "factor",
            "whole_steps",
            "trigger",
            "event_code",
            "least_amount",
            "within",
        ),
        True,
    ),
    (
        gettext_lazy("When and where"),
        gettext_lazy("Leave everything empty for a rule that always holds, everywhere."),
        (
            "weekdays",
            "branches",
            "tiers",
            "starts_on",
            "ends_on",
            "month_days",
            "around_birthday",
            "terminals",
            "categories",
        ),
        True,
    ),
    (
        gettext_lazy("At most"),
        gettext_lazy("In points. Leave empty for no limit."),
        ("cap_day", "cap_sale", "cap_week", "cap_month", "cap_year", "cap_total"),
        True,
    ),
    (gettext_lazy("Only for some members"), "", ("condition",), False),
    (
        gettext_lazy("How long they are good"),
        "",
        ("pending_days", "expires_after_months", "expiry_kind"),
        True,
    ),
    (
        gettext_lazy("Beside other rules"),
        gettext_lazy(
            "Rules add up. Of the rules of one group only one counts: the highest priority, then the most points."
        ),
        ("stacking_group", "priority"),
        False,
    ),
    (gettext_lazy("In force"), "", ("is_active",), True),
)


def _cap(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, required=False)


class PointsRuleForm(forms.Form):
    """Everything that a rule may say; what is left empty restricts nothing."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Members read it beside the points it gave.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("It gives"),
        choices=[
            (Kind.PER_AMOUNT, gettext_lazy("points for what is spent")),
            (Kind.MULTIPLIER, gettext_lazy("double or other multiples of the points for spending")),
            (Kind.FIXED, gettext_lazy("a fixed number of points")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    points = forms.IntegerField(label=gettext_lazy("Points"), min_value=1, required=False)
    per_amount = OptionalMoneyField(label=gettext_lazy("for every"), required=False)
    factor = TimesField(
        label=gettext_lazy("How many times"),
        required=False,
        help_text=gettext_lazy("2 for double points, 1.5 for half as many again."),
    )
    whole_steps = forms.BooleanField(
        label=gettext_lazy("Only for full amounts"),
        required=False,
        help_text=gettext_lazy("10 points for every full 100: 199 gives 10. Otherwise it gives 19."),
    )
    trigger = forms.ChoiceField(label=gettext_lazy("For"), required=False)
    event_code = forms.CharField(
        label=gettext_lazy("Name of the event"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("As the other system reports it, for example “signed-book”."),
    )
    least_amount = OptionalMoneyField(label=gettext_lazy("From a spending of"), required=False)
    within = forms.ChoiceField(
        label=gettext_lazy("Spending is added up"),
        choices=Within.choices,
        required=False,
        help_text=gettext_lazy("For “spending that reaches an amount”."),
    )
    weekdays = WeekdaysField(label=gettext_lazy("Only on"))
    branches = forms.MultipleChoiceField(
        label=gettext_lazy("Only at these branches"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tiers = forms.MultipleChoiceField(
        label=gettext_lazy("Only for these tiers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    month_days = WordsField(
        numbers=True,
        label=gettext_lazy("Only on these days of the month"),
        help_text=gettext_lazy("A member day, for example 8 or 8, 18, 28."),
    )
    around_birthday = forms.ChoiceField(label=gettext_lazy("Birthday"), choices=Around.choices, required=False)
    terminals = forms.MultipleChoiceField(
        label=gettext_lazy("Only at these tills"), required=False, widget=forms.CheckboxSelectMultiple
    )
    categories = WordsField(
        label=gettext_lazy("Only for these kinds of goods"),
        help_text=gettext_lazy("As your till or shop names them, separated by commas."),
    )
    cap_day = _cap(gettext_lazy("Per member and day"))
    cap_sale = _cap(gettext_lazy("Per purchase"))
    cap_week = _cap(gettext_lazy("Per member and week"))
    cap_month = _cap(gettext_lazy("Per member and month"))
    cap_year = _cap(gettext_lazy("Per member and year"))
    cap_total = _cap(gettext_lazy("For everybody in all"))
    condition = ConditionField(label=gettext_lazy("Only if"))
    pending_days = forms.IntegerField(
        label=gettext_lazy("Days until they can be used"),
        min_value=0,
        required=False,
        help_text=gettext_lazy("0: at once."),
    )
    expires_after_months = forms.IntegerField(
        label=gettext_lazy("They expire after"),
        min_value=0,
        required=False,
        help_text=gettext_lazy("0 months: never."),
    )
    expiry_kind = forms.ChoiceField(
        label=gettext_lazy("counted in"),
        choices=[
            ("", gettext_lazy("months, with the end of the month")),
            ("quarter_end", gettext_lazy("quarters, with the end of the quarter")),
            ("year_end", gettext_lazy("years, with the end of the year")),
            ("days", gettext_lazy("days")),
            ("never", gettext_lazy("they never expire")),
        ],
        required=False,
    )
    stacking_group = forms.CharField(label=gettext_lazy("Group"), max_length=40, required=False)
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"), required=False, help_text=gettext_lazy("The higher goes first.")
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False)

    def __init__(
        self,
        *args: Any,
        rule: PointsRule | None,
        currency: str,
        begins: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        start = {"kind": Kind.PER_AMOUNT, "trigger": SALE, "expires_after_months": 12, "pending_days": 0, "priority": 0}
        initial = _values_of(rule) if rule else {**start, "factor": 200, "is_active": True, **(begins or {})}
        super().__init__(*args, **{**options, "initial": initial})
        self.rule = rule
        for name in ("per_amount", "least_amount"):
            amount = self.fields[name]
            assert isinstance(amount, MoneyField)
            amount.in_currency(currency)
        self._offer()

    def _offer(self) -> None:
        """What there is to choose from in this business."""
        names = get_day_names("wide", locale=babel_locale())
        offered: dict[str, list[tuple[Any, str]]] = {
            "trigger": [*triggers().items(), (EVENT, _("an event that another system reports"))],
            "weekdays": [(day, names[day]) for day in range(7)],
            "branches": [(each.public_id, each.name) for each in Branch.objects.filter(is_open=True)],
            "terminals": [
                (each.public_id, str(each)) for each in Terminal.objects.select_related("branch").filter(is_active=True)
            ],
            "tiers": [(each.code, str(each)) for each in Tier.objects.order_by("threshold")],
        }
        if self.rule and self.initial.get("trigger") not in dict(offered["trigger"]):
            offered["trigger"].append((self.rule.trigger, trigger_words(self.rule)))
        for name, choices in offered.items():
            kept = self.initial.get(name)
            gone = [each for each in kept if each not in dict(choices)] if isinstance(kept, list) else []
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*choices, *((each, _("%(name)s (closed)") % {"name": each}) for each in gone)]

    def sections(self) -> Iterator[Section]:
        """The form under its headings."""
        for title, note, names, is_open in SECTIONS:
            fields = tuple(self[name] for name in names)
            filled = any(field.errors or field.value() not in (None, "", 0, "0", [], {}) for field in fields)
            yield Section(title, note, fields, is_open or filled)

    def terms(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        terms = {name: typed[name] for name in SAME}
        terms["kind"] = typed["kind"] or Kind.PER_AMOUNT
        terms["within"] = typed["within"] or Within.SALE
        terms["points"] = (
            typed["points"] if typed["points"] is not None else (1 if terms["kind"] == Kind.MULTIPLIER else 0)
        )
        terms["factor"] = typed["factor"] if terms["kind"] == Kind.MULTIPLIER else 100
        terms["per_amount"] = typed["per_amount"] if terms["kind"] == Kind.PER_AMOUNT else 0
        terms["whole_steps"] = typed["whole_steps"] and terms["kind"] == Kind.PER_AMOUNT
        terms["priority"] = typed["priority"] or 0
        terms["pending_days"] = typed["pending_days"] or 0
        trigger = typed["trigger"] or SALE
        terms["trigger"] = f"{EVENT_PREFIX}{typed['event_code'].strip()}" if trigger == EVENT else trigger
        count, counted_in = typed["expires_after_months"] or 0, typed["expiry_kind"]
        terms["expires_after_months"] = 12 if counted_in else count
        terms["expiry"] = _policy(counted_in, count, self.rule)
        return terms


def _policy(counted_in: str, count: int, rule: PointsRule | None) -> dict[str, Any]:
    """The policy that was chosen; what a tier adds to it, which the form does not show, stays."""
    extend = (rule.expiry if rule else {}).get("extend")
    if not counted_in and not extend:
        return {}
    policy = {"kind": "never"} if counted_in == "never" else {"kind": counted_in or MONTH_END, "count": count}
    return {**policy, "extend": extend} if extend and policy["kind"] != "never" else policy


def _values_of(rule: PointsRule) -> dict[str, Any]:
    values = {name: getattr(rule, name) for name in (*SAME, "per_amount")}
    policy = policy_of(rule)
    is_event = rule.trigger.startswith(EVENT_PREFIX)
    kind = policy["kind"]
    values |= {
        "trigger": EVENT if is_event else rule.trigger,
        "event_code": rule.trigger.removeprefix(EVENT_PREFIX) if is_event else "",
        "expires_after_months": policy.get("count", 0),
        "expiry_kind": "" if kind == MONTH_END or (kind == "never" and not rule.expiry) else kind,
        "factor": rule.factor if rule.kind == Kind.MULTIPLIER else 200,
    }
    return values
