"""The forms of price books, of the prices in them, of the calendar and of what somebody would pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from regulars.backoffice.fields import MoneyField
from regulars.catalogue.forms import SectionedForm, chinese, chosen, english, words_of
from regulars.catalogue.models import OWNERS, BookKind, DealerLevel, Holiday, PriceBook, Product
from regulars.conditions.forms import ConditionField, ConditionWidget
from regulars.errors import InvalidInput, RegularsError
from regulars.loyalty.models import Tier
from regulars.loyalty.points.forms import WeekdaysField, WordsField
from regulars.money import babel_locale, parse_money
from regulars.organisation.models import Branch
from regulars.organisation.scope import WHOLE, Scope
from regulars.organisation.selectors import organisation
from regulars.people.contacts import normal_contact
from regulars.people.models import Member

BREAKS = (2, 3)
"""Beside the price for one piece a book's grid has room for two larger quantities."""


class BookForm(SectionedForm):
    """For whom prices are, and when they hold."""

    name_en, name_zh = english(), chinese()
    kind = forms.ChoiceField(label=gettext_lazy("For whom"), choices=BookKind.choices)
    member = forms.CharField(
        label=gettext_lazy("Member"), max_length=100, required=False,
        help_text=gettext_lazy("Whole phone number, e-mail address or card number."),
    )  # fmt: skip
    level = chosen(gettext_lazy("Dealer level"), DealerLevel.objects, gettext_lazy("None"))
    tier = forms.ModelChoiceField(
        label=gettext_lazy("Tier"),
        queryset=Tier.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("None"),
    )
    branch = chosen(gettext_lazy("Branch"), Branch.objects, gettext_lazy("None"))
    condition = ConditionField(
        label=gettext_lazy("Members of whom this holds"), required=False, widget=ConditionWidget(with_occasion=False)
    )
    starts_on = forms.DateField(label=gettext_lazy("First day"), required=False, widget=AdminDateInput)
    ends_on = forms.DateField(label=gettext_lazy("Last day"), required=False, widget=AdminDateInput)
    weekdays = WeekdaysField(label=gettext_lazy("Only on"))
    month_days = WordsField(
        numbers=True,
        label=gettext_lazy("Only on these days of the month"),
        help_text=gettext_lazy("A member day, for example 8 or 8, 18, 28."),
    )
    on_holidays = forms.BooleanField(label=gettext_lazy("Only on holidays of the calendar"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False)

    SECTIONS = (
        (
            gettext_lazy("Whose prices"),
            ("name_en", "name_zh", "kind", "member", "level", "tier", "branch", "condition"),
        ),
        (gettext_lazy("When"), ("starts_on", "ends_on", "weekdays", "month_days", "on_holidays", "is_active")),
    )

    def __init__(self, *args: Any, book: PriceBook | None, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": self._values_of(book)})
        self.book = book
        self.offer("level", DealerLevel.objects.all())
        self.offer("tier", Tier.objects.order_by("threshold"))
        self.offer("branch", Branch.objects.filter(is_open=True).order_by("name"))
        self.say_languages("name")
        weekdays = self.fields["weekdays"]
        assert isinstance(weekdays, forms.ChoiceField)
        names = get_day_names("wide", locale=babel_locale())
        weekdays.choices = [(day, names[day]) for day in range(7)]
        self.fields["name_en"].help_text = _("Receipts say it beside the price, for example “Gold price”.")

    @staticmethod
    def _values_of(book: PriceBook | None) -> dict[str, Any]:
        if book is None:
            return {"kind": BookKind.TIER, "is_active": True}
        names = ("kind", "condition", "starts_on", "ends_on", "weekdays", "month_days", "on_holidays", "is_active")
        return {
            **{name: getattr(book, name) for name in names},
            **words_of(book.words),
            "member": (book.member.phone or book.member.email) if book.member else "",
            "level": book.level.public_id if book.level else None,
            "tier": book.tier.code if book.tier else None,
            "branch": book.branch.public_id if book.branch else None,
        }

    def clean_member(self) -> Member | None:
        """The member who is meant."""
        typed = str(self.cleaned_data["member"] or "").strip()
        return member_called(typed) if typed else None

    def values(self) -> dict[str, Any]:
        """What `save_book` asks for."""
        typed = self.cleaned_data
        names = ("kind", "condition", "starts_on", "ends_on", "weekdays", "month_days", "on_holidays", "is_active")
        owners = {name: typed.get(name) for name in OWNERS.values()}
        return {"words": self.words("name"), **{name: typed[name] for name in names}, **owners}


def member_called(typed: str, *, scope: Scope = WHOLE) -> Member:
    """The one member of a scope with this contact or card number. Raises `ValidationError` where there is none."""
    squeezed = "".join(char for char in typed.replace("\0", "") if not char.isspace() and char != "-")[:100]
    country = organisation().country
    members = scope.limit(Member.objects.all())
    found = members.filter(cards__number=squeezed).first() if squeezed.isdigit() else None
    if found is None:
        try:
            contact = normal_contact(squeezed, country=country)
        except RegularsError as refusal:
            raise ValidationError(_("Nobody is known by this. Enter it in full.")) from refusal
        field = "email" if contact.kind == "email" else "phone"
        found = members.filter(**{field: contact.value}).first()
    if found is None:
        raise ValidationError(_("Nobody is known by this. Enter it in full."))
    return found


class GridForm(forms.Form):
    """The prices of a book, product by product: one piece, and two larger quantities. Empty: not in the book."""

    def __init__(self, *args: Any, products: Sequence[Product], kept: Mapping[int, Mapping[int, int]], **options: Any):
        super().__init__(*args, **options)
        self.products, self.currency = products, organisation().currency
        money = MoneyField()
        money.currency = self.currency
        for product in products:
            prices = dict(kept.get(product.pk, {}))
            larger = iter(sorted((quantity, price) for quantity, price in prices.items() if quantity != 1))
            self._price(product, 1, money.prepare_value(prices.get(1)))
            for place in BREAKS:
                quantity, price = next(larger, (None, None))
                self.fields[f"{product.public_id}-from-{place}"] = forms.IntegerField(
                    label=_("%(product)s: more pieces, from") % {"product": product},
                    min_value=2, max_value=100_000, required=False, initial=quantity,
                )  # fmt: skip
                self._price(product, place, money.prepare_value(price))

    def _price(self, product: Product, place: int, initial: Any) -> None:
        label = _("%(product)s: price") if place == 1 else _("%(product)s: price from there on")
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        self.fields[f"{product.public_id}-price-{place}"] = forms.CharField(
            label=label % {"product": product},
            max_length=20,
            required=False,
            initial=initial,
            widget=forms.TextInput(attrs=attrs),
        )

    @property
    def rows(self) -> list[tuple[Product, forms.BoundField, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Each product with its fields."""
        return [
            (
                product,
                self[f"{product.public_id}-price-1"],
                [(self[f"{product.public_id}-from-{at}"], self[f"{product.public_id}-price-{at}"]) for at in BREAKS],
            )
            for product in self.products
        ]

    def clean(self) -> dict[str, Any]:
        """Every price as minor units; a quantity without its price, and the other way round, is named."""
        typed: dict[str, Any] = super().clean() or {}
        self.prices: dict[Product, dict[int, int]] = {}
        for product in self.products:
            self.prices[product] = {}
            for place in (1, *BREAKS):
                name = f"{product.public_id}-price-{place}"
                quantity = 1 if place == 1 else typed.get(f"{product.public_id}-from-{place}")
                written = str(typed.get(name) or "").strip()
                if not written and (quantity is None or place == 1):
                    continue
                if not written or quantity is None:
                    self.add_error(name, _("Enter both: from how many pieces on, and the price of one."))
                    continue
                try:
                    self.prices[product][quantity] = parse_money(written, self.currency)
                except InvalidInput as refusal:
                    self.add_error(name, str(refusal))
        return typed


class TryForm(forms.Form):
    """Who, where and how many: what would this person pay?"""

    who = forms.CharField(
        label=gettext_lazy("Member"), max_length=100, required=False,
        help_text=gettext_lazy("Phone, e-mail or card number; empty for a guest."),
    )  # fmt: skip
    branch = chosen(gettext_lazy("Branch"), Branch.objects, gettext_lazy("Any branch"))
    quantity = forms.IntegerField(label=gettext_lazy("Pieces of each"), min_value=1, max_value=100_000, required=False)
    day = forms.DateField(label=gettext_lazy("Day"), required=False, widget=AdminDateInput)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        self.scope = scope
        branches = scope.limit(Branch.objects.filter(is_open=True), "").order_by("name")
        field = self.fields["branch"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = branches

    def clean_who(self) -> Member | None:
        """The member who is meant, None for a guest."""
        typed = str(self.cleaned_data["who"] or "").strip()
        return member_called(typed, scope=self.scope) if typed else None


class HolidayForm(SectionedForm):
    """A holiday of the calendar."""

    name_en, name_zh = english(), chinese()
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=AdminDateInput)
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=AdminDateInput,
        help_text=gettext_lazy("Leave it empty for one day."),
    )  # fmt: skip
    removes = forms.BooleanField(label=gettext_lazy("Take it out of the calendar"), required=False)

    def __init__(self, *args: Any, holiday: Holiday | None, **options: Any) -> None:
        start = {} if holiday is None else {
            **words_of(holiday.words), "starts_on": holiday.starts_on, "ends_on": holiday.ends_on
        }  # fmt: skip
        super().__init__(*args, **{**options, "initial": start})
        if holiday is None:
            del self.fields["removes"]
        self.say_languages("name")

    def values(self) -> dict[str, Any]:
        """What `save_holiday` asks for."""
        typed = self.cleaned_data
        return {"words": self.words("name"), "starts_on": typed["starts_on"], "ends_on": typed["ends_on"]}
