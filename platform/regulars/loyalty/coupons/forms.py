"""The forms of a coupon, its batches, and of giving and voiding one: they read and check, the services write."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.backoffice.fields import LinesField, MoneyField, PercentField
from regulars.catalogue.models import Product
from regulars.conditions.forms import ConditionField
from regulars.loyalty.coupons.models import (
    MOST_COUPONS,
    MOST_DAYS,
    MOST_DAYS_AHEAD,
    MOST_IN_BATCH,
    MOST_PER_MEMBER,
    Basis,
    CouponKind,
    CouponTemplate,
    Occasion,
    Stacking,
)
from regulars.loyalty.coupons.templating import TemplateTerms
from regulars.loyalty.points.forms import OptionalMoneyField, Section, WeekdaysField, WordsField
from regulars.money import babel_locale, digits_of
from regulars.organisation.models import Branch, Terminal

SAME = (
    "kind",
    "occasion",
    "basis",
    "categories",
    "branches",
    "terminals",
    "condition",
    "weekdays",
    "starts_on",
    "ends_on",
    "days",
    "most_total",
    "most_per_member",
    "most_per_day",
    "is_transferable",
    "stacking",
    "stacking_group",
    "is_open",
    "is_given_by_itself",
    "idle_days",
    "again_days",
    "is_active",
)
"""Fields of the form that are called as the template calls them."""


class DaysField(LinesField):
    """Days and spans of days, one to a line; its value is a list of days and of pairs of days."""

    def prepare_value(self, value: Any) -> Any:
        """Days as they are kept, each on its line."""
        if not isinstance(value, list | tuple):
            return value
        return "\n".join(each if isinstance(each, str) else " – ".join(each) for each in value)

    def clean(self, value: Any) -> list[Any]:
        """Raises `ValidationError` for what is no day."""
        return [self._of(line) for line in super().clean(value)]

    def _of(self, line: str) -> dt.date | tuple[dt.date, dt.date]:
        found = re.findall(r"\d{4}-\d{1,2}-\d{1,2}", line)
        try:
            days = [dt.date(*map(int, each.split("-"))) for each in found]
        except ValueError:
            days = []
        if len(days) not in (1, 2) or re.sub(r"[\d\s–—~至-]|to|bis", "", line):
            raise ValidationError(
                _("Write each day as 2026-10-01, or the first and the last: 2026-10-01 – 2026-10-07."), code="day"
            )
        return days[0] if len(days) == 1 else (days[0], days[1])


def _count(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most, required=False, help_text=help_text)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class CouponForm(forms.Form):
    """Everything that a coupon may say; what is left empty restricts nothing."""

    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=40, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=40, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("It gives"), choices=CouponKind.choices, widget=forms.RadioSelect, required=False
    )
    amount = OptionalMoneyField(label=gettext_lazy("Amount off"), required=False)
    percent = PercentField(label=gettext_lazy("Percent off"), required=False)
    most_off = OptionalMoneyField(label=gettext_lazy("At most"), required=False)
    details_en = forms.CharField(label=gettext_lazy("What one should know, in English"), max_length=300, required=False)
    details_zh = forms.CharField(label=gettext_lazy("What one should know, in Chinese"), max_length=300, required=False)
    occasion = forms.ChoiceField(label=gettext_lazy("Occasion"), choices=Occasion.choices, required=False)
    least_spend = OptionalMoneyField(label=gettext_lazy("From a spending of"), required=False)
    basis = forms.ChoiceField(label=gettext_lazy("It counts from"), choices=Basis.choices, required=False)
    categories = WordsField(
        label=gettext_lazy("Only for these kinds of goods"),
        help_text=gettext_lazy("As your till or shop names them, separated by commas."),
    )
    products = WordsField(
        label=gettext_lazy("Only for these products"), help_text=gettext_lazy("By SKU, separated by commas.")
    )
    starts_on = _day(gettext_lazy("First day"))
    ends_on = _day(gettext_lazy("Last day"))
    days = _count(
        gettext_lazy("Days to use it"), MOST_DAYS, gettext_lazy("From the day a member receives it; that day counts.")
    )
    weekdays = WeekdaysField(label=gettext_lazy("Only on"))
    excluded_days = DaysField(
        label=gettext_lazy("Not on these days"),
        required=False,
        help_text=gettext_lazy("One to a line: 2026-10-01, or 2026-10-01 – 2026-10-07."),
    )
    branches = forms.MultipleChoiceField(
        label=gettext_lazy("Only at these branches"), required=False, widget=forms.CheckboxSelectMultiple
    )
    terminals = forms.MultipleChoiceField(
        label=gettext_lazy("Only at these tills"), required=False, widget=forms.CheckboxSelectMultiple
    )
    condition = ConditionField(label=gettext_lazy("For whom"), required=False)
    most_total = _count(gettext_lazy("At most in all"), MOST_COUPONS)
    most_per_member = _count(gettext_lazy("At most for one member"), MOST_PER_MEMBER)
    most_per_day = _count(gettext_lazy("At most used on one day"), MOST_COUPONS)
    stacking = forms.ChoiceField(
        label=gettext_lazy("With other coupons"), choices=Stacking.choices, widget=forms.RadioSelect, required=False
    )
    stacking_group = forms.CharField(
        label=gettext_lazy("Sort"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Coupons of one sort share their number; of different sorts each has its own."),
    )
    most_per_sale = _count(gettext_lazy("At most of this sort in one purchase"), 20)
    order = _count(
        gettext_lazy("Place in the order"), 999, gettext_lazy("The smallest counts first, the next from what is left.")
    )
    is_transferable = forms.BooleanField(
        label=gettext_lazy("May be passed on"),
        required=False,
        help_text=gettext_lazy("A member can send it to somebody else, and whoever shows the code can use it."),
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days of grace after a refund"),
        min_value=0,
        max_value=366,
        required=False,
        help_text=gettext_lazy("A full refund gives the coupon back. If it has ended meanwhile, it lives on so long."),
    )
    is_open = forms.BooleanField(label=gettext_lazy("Members can take it in the portal"), required=False)
    is_given_by_itself = forms.BooleanField(
        label=gettext_lazy("Given by itself on its occasion"),
        required=False,
        help_text=gettext_lazy(
            "On joining, on birthdays and anniversaries of joining once a year, or to those who have not come for long;"
            " only to those it is for. They are told."
        ),
    )
    days_ahead = forms.IntegerField(
        label=gettext_lazy("So many days before the day"),
        min_value=0,
        max_value=MOST_DAYS_AHEAD,
        required=False,
        help_text=gettext_lazy("0: on the day itself. Who was born on 29 February has it on the 28th in other years."),
    )
    idle_days = _count(
        gettext_lazy("After so many days without a purchase"),
        MOST_DAYS,
        gettext_lazy(
            "Who is away for longer already is not given it by itself: give it to them on the list of members."
        ),
    )
    again_days = _count(gettext_lazy("To one member not again for so many days"), MOST_DAYS)
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    SECTIONS: tuple[tuple[Any, Any, tuple[str, ...], bool], ...] = (
        (
            gettext_lazy("What it gives"),
            "",
            (
                "name_en",
                "name_zh",
                "kind",
                "amount",
                "percent",
                "most_off",
                "details_en",
                "details_zh",
            ),
            True,
        ),
        (
            gettext_lazy("For which purchases"),
            gettext_lazy("Leave everything empty for a coupon that counts for any purchase, everywhere."),
            ("least_spend", "basis", "categories", "products", "branches", "terminals"),
            True,
        ),
        (
            gettext_lazy("When it can be used"),
            gettext_lazy("Fixed days, or so many days from receipt, or both: then what ends first."),
            ("days", "starts_on", "ends_on", "weekdays", "excluded_days"),
            True,
        ),
        (gettext_lazy("For whom"), "", ("condition",), False),
        (
            gettext_lazy("How many"),
            gettext_lazy("Leave empty for no limit."),
            ("most_total", "most_per_member", "most_per_day"),
            True,
        ),
        (
            gettext_lazy("Beside other coupons"),
            "",
            ("stacking", "stacking_group", "most_per_sale", "order"),
            False,
        ),
        (
            gettext_lazy("How members get it"),
            "",
            (
                "occasion",
                "is_given_by_itself",
                "days_ahead",
                "idle_days",
                "again_days",
                "is_open",
                "is_transferable",
                "grace_days",
                "is_active",
            ),
            True,
        ),
    )

    def __init__(
        self,
        *args: Any,
        template: CouponTemplate | None,
        currency: str,
        begins: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        begun = {**START, **(begins or {})}
        super().__init__(*args, **{**options, "initial": values_of(template) if template else begun})
        for name in ("amount", "most_off", "least_spend"):
            field = self.fields[name]
            assert isinstance(field, MoneyField)
            field.in_currency(currency)
        for name in ("name", "details"):
            self.fields[f"{name}_en"].widget.attrs["lang"] = "en"
            self.fields[f"{name}_zh"].widget.attrs["lang"] = "zh-hans"
        self._offer()

    def _offer(self) -> None:
        """What there is to choose from in this business."""
        names = get_day_names("wide", locale=babel_locale())
        offered: dict[str, list[tuple[Any, str]]] = {
            "weekdays": [(day, names[day]) for day in range(7)],
            "branches": [(each.public_id, each.name) for each in Branch.objects.filter(is_open=True)],
            "terminals": [
                (each.public_id, str(each)) for each in Terminal.objects.select_related("branch").filter(is_active=True)
            ],
        }
        for name, choices in offered.items():
            kept = self.initial.get(name)
            gone = [each for each in kept if each not in dict(choices)] if isinstance(kept, list) else []
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*choices, *((each, _("%(name)s (closed)") % {"name": each}) for each in gone)]

    def sections(self) -> Iterator[Section]:
        """The form under its headings."""
        for title, note, names, is_open in self.SECTIONS:
            fields = tuple(self[name] for name in names)
            plain = {Stacking.EXCLUSIVE, "1", "100", 1, 100}
            filled = any(field.errors or field.value() not in (None, "", 0, "0", [], {}, *plain) for field in fields)
            yield Section(title, note, fields, is_open or filled)

    def clean_products(self) -> list[str]:
        """Public ids of the products that were named. Raises `ValidationError` naming what there is not."""
        named = self.cleaned_data["products"]
        found = dict(Product.objects.filter(Q(sku__in=named) | Q(public_id__in=named)).values_list("sku", "public_id"))
        unknown = [each for each in named if each not in found and each not in found.values()]
        if unknown:
            raise ValidationError(_("There is no product with the SKU %(sku)s.") % {"sku": ", ".join(unknown)[:80]})
        return [found.get(each, each) for each in named]

    def terms(self) -> TemplateTerms:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        kind = typed["kind"] or CouponKind.AMOUNT
        values = {CouponKind.AMOUNT: typed["amount"], CouponKind.PERCENT: typed["percent"]}
        return TemplateTerms(
            **{
                **{name: typed[name] for name in SAME},
                "kind": kind,
                "basis": typed["basis"] or Basis.DISCOUNTED,
                "stacking": typed["stacking"] or Stacking.EXCLUSIVE,
            },
            value=values.get(kind, 0) or 0,
            most_off=(typed["most_off"] or None) if kind != CouponKind.GIFT else None,
            least_spend=typed["least_spend"] or 0,
            products=typed["products"],
            excluded_days=typed["excluded_days"],
            most_per_sale=typed["most_per_sale"] or 1,
            order=typed["order"] or 100,
            grace_days=typed["grace_days"] or 0,
            days_ahead=typed["days_ahead"] or 0,
            words={"en": typed["name_en"], "zh-hans": typed["name_zh"]},
            details={"en": typed["details_en"], "zh-hans": typed["details_zh"]},
        )


START: Mapping[str, Any] = {
    "kind": CouponKind.AMOUNT,
    "basis": Basis.DISCOUNTED,
    "stacking": Stacking.EXCLUSIVE,
    "most_per_sale": 1,
    "order": 100,
    "grace_days": 7,
    "days_ahead": 0,
    "idle_days": 60,
    "again_days": 180,
    "is_active": True,
}


def values_of(template: CouponTemplate) -> dict[str, Any]:
    """A coupon as its form shows it."""
    skus = Product.objects.filter(public_id__in=template.products).order_by("sku").values_list("sku", flat=True)
    return {
        **{name: getattr(template, name) for name in SAME},
        **{
            name: getattr(template, name)
            for name in (
                "most_off",
                "least_spend",
                "excluded_days",
                "most_per_sale",
                "order",
                "grace_days",
                "days_ahead",
            )
        },
        "amount": template.value if template.kind == CouponKind.AMOUNT else 0,
        "percent": template.value if template.kind == CouponKind.PERCENT else None,
        "products": list(skus),
        "name_en": template.words.get("en", ""),
        "name_zh": template.words.get("zh-hans", ""),
        "details_en": template.details.get("en", ""),
        "details_zh": template.details.get("zh-hans", ""),
    }


class TryForm(forms.Form):
    """A purchase to try a coupon on."""

    try_amount = MoneyField(label=gettext_lazy("Purchase of"), required=False)
    try_category = forms.CharField(label=gettext_lazy("Kind of goods"), max_length=40, required=False)
    try_branch = forms.ChoiceField(label=gettext_lazy("At"), required=False)
    try_on = _day(gettext_lazy("On"))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        amount = {"try_amount": 100 * 10 ** digits_of(currency)}
        super().__init__(*args, **{**options, "initial": {**amount, "try_on": clock.today()}})
        for name in self.fields:
            self.fields[name].widget.attrs["form"] = "coupon-form"
        money, branch = self.fields["try_amount"], self.fields["try_branch"]
        assert isinstance(money, MoneyField)
        assert isinstance(branch, forms.ChoiceField)
        money.in_currency(currency)
        branch.choices = list(Branch.objects.filter(is_open=True).values_list("public_id", "name"))


class CodesForm(forms.Form):
    """A batch of codes, each for one."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("For you: “Flyer in May”, “Partner gym”.")
    )
    codes = forms.IntegerField(label=gettext_lazy("How many codes"), min_value=1, max_value=MOST_IN_BATCH)
    claim_until = _day(gettext_lazy("Can be claimed until"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)


class SharedCodeForm(forms.Form):
    """One code that many share."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("For you: “Flyer in May”, “Partner gym”.")
    )
    code = forms.CharField(
        label=gettext_lazy("Coupon code"),
        max_length=30,
        help_text=gettext_lazy("Letters and figures, for example SPRING20. Easy to say, easy to type."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    most_claims = _count(gettext_lazy("At most in all"), MOST_COUPONS, gettext_lazy("Leave it empty for no limit."))
    claim_until = _day(gettext_lazy("Can be claimed until"))


class GiveForm(forms.Form):
    """Which coupon, and why."""

    template = forms.ChoiceField(label=gettext_lazy("Coupon"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Your team reads it in the history."),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.public_id, str(one)) for one in templates_to_give()]


class VoidForm(forms.Form):
    """Why it is declared void."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


def templates_to_give() -> list[CouponTemplate]:
    """What the team can give today, by name."""
    found = CouponTemplate.objects.filter(is_active=True).filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()))
    return sorted(found, key=str)
