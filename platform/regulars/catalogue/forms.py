"""The forms of products, price books, the calendar and dealers: they read and check, the services write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from regulars.backoffice.fields import MoneyField, PercentField
from regulars.catalogue.models import (
    MOST_PER_MEMBER,
    MOST_STOCK,
    Audience,
    Category,
    Product,
    ProductKind,
)
from regulars.loyalty.models import Tier
from regulars.loyalty.rewards.forms import PictureField
from regulars.organisation.models import Branch
from regulars.organisation.selectors import organisation

PHASES = (1, 2, 3)

Sections = list[tuple[str | Promise, list[forms.BoundField]]]


class SectionedForm(forms.Form):
    """A form whose fields stand under headings."""

    SECTIONS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = ()

    @property
    def sections(self) -> Sections:
        """The fields under their headings, as the page shows them."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.SECTIONS]

    def say_languages(self, *names: str) -> None:
        """Which language is typed where."""
        for name in names:
            self.fields[f"{name}_en"].widget.attrs["lang"] = "en"
            self.fields[f"{name}_zh"].widget.attrs["lang"] = "zh-hans"

    def words(self, name: str) -> dict[str, str]:
        """What was typed, by language."""
        return {"en": self.cleaned_data[f"{name}_en"], "zh-hans": self.cleaned_data[f"{name}_zh"]}

    def offer(self, name: str, queryset: Any) -> None:
        """What there is to choose from."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset


def english(longest: int = 40) -> forms.CharField:
    """A name in English."""
    return forms.CharField(label=gettext_lazy("Name in English"), max_length=longest, required=False)


def chinese(longest: int = 40) -> forms.CharField:
    """A name in Chinese."""
    return forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=longest, required=False)


def chosen(label: Any, queryset: Any, empty: Any, **options: Any) -> Any:
    """One record by its public id; the form says which there are."""
    return forms.ModelChoiceField(
        label=label, queryset=queryset.none(), to_field_name="public_id", required=False, empty_label=empty, **options
    )


def words_of(words: Mapping[str, str], name: str = "name") -> dict[str, str]:
    """Words by language as a form begins with them."""
    return {f"{name}_en": words.get("en", ""), f"{name}_zh": words.get("zh-hans", "")}


class CategoryForm(SectionedForm):
    """A shelf of the catalogue."""

    name_en, name_zh = english(), chinese()
    kind = forms.CharField(
        label=gettext_lazy("Kind of goods"),
        max_length=40,
        help_text=gettext_lazy("As rules for points and coupons name it. Those that name it count what is in here."),
    )
    position = forms.IntegerField(
        label=gettext_lazy("Place"), min_value=0, max_value=9_999, required=False,
        help_text=gettext_lazy("The smaller the number, the further up it stands."),
    )  # fmt: skip

    def __init__(self, *args: Any, category: Category | None, **options: Any) -> None:
        start = {**words_of(category.words), "kind": category.kind, "position": category.position} if category else {}
        super().__init__(*args, **{**options, "initial": start})
        self.say_languages("name")

    def values(self) -> dict[str, Any]:
        """What `save_category` asks for."""
        typed = self.cleaned_data
        return {"words": self.words("name"), "kind": typed["kind"], "position": typed["position"] or 0}


class ProductForm(SectionedForm):
    """A product in both languages: its price and tax, who sees it and where, and how many there are."""

    name_en, name_zh = english(), chinese()
    sku = forms.CharField(label=gettext_lazy("SKU"), max_length=40, help_text=gettext_lazy("Your own number for it."))
    barcode = forms.CharField(label=gettext_lazy("Bar code"), max_length=40, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ProductKind.choices)
    category = chosen(gettext_lazy("Category"), Category.objects, gettext_lazy("None"))
    details_en = forms.CharField(label=gettext_lazy("Details in English"), max_length=300, required=False)
    details_zh = forms.CharField(label=gettext_lazy("Details in Chinese"), max_length=300, required=False)
    price = MoneyField(
        label=gettext_lazy("List price"), help_text=gettext_lazy("What everybody pays where no price book says less.")
    )
    tax_rate = PercentField(label=gettext_lazy("Tax in percent"), required=False)
    tax_included = forms.BooleanField(label=gettext_lazy("The tax is in the price"), required=False)
    picture = PictureField(label=gettext_lazy("Picture"))
    removes_picture = forms.BooleanField(label=gettext_lazy("Take the picture away"), required=False)
    alt_en = forms.CharField(label=gettext_lazy("What the picture shows, in English"), max_length=120, required=False)
    alt_zh = forms.CharField(label=gettext_lazy("What the picture shows, in Chinese"), max_length=120, required=False)
    audience = forms.ChoiceField(label=gettext_lazy("Who may see it"), choices=Audience.choices)
    tier = forms.ModelChoiceField(
        label=gettext_lazy("From this tier on"),
        queryset=Tier.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("None"),
    )
    branches = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Sold at"),
        queryset=Branch.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: at every branch."),
    )
    stock = forms.IntegerField(
        label=gettext_lazy("How many there are"), min_value=0, max_value=MOST_STOCK, required=False,
        help_text=gettext_lazy("Leave it empty where there is no end of it."),
    )  # fmt: skip
    per_member = forms.IntegerField(
        label=gettext_lazy("At most for one member"), min_value=1, max_value=MOST_PER_MEMBER, required=False,
        help_text=gettext_lazy("Leave it empty for as many as they like."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("On sale"), required=False)

    SECTIONS = (
        (
            gettext_lazy("The product itself"),
            ("name_en", "name_zh", "sku", "barcode", "category", "kind", "details_en", "details_zh"),
        ),
        (gettext_lazy("Price"), ("price", "tax_rate", "tax_included")),
        (gettext_lazy("Picture"), ("picture", "removes_picture", "alt_en", "alt_zh")),
        (gettext_lazy("For whom and where"), ("audience", "tier", "branches", "is_active")),
        (
            gettext_lazy("Limited edition"),
            (
                "stock",
                "per_member",
                *(f"{part}_{number}" for number in PHASES for part in ("phase_from", "phase_tier")),
            ),
        ),
    )

    def __init__(self, *args: Any, product: Product | None, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": self._values_of(product)})
        self._offer_phases(list(Tier.objects.order_by("-track__is_default", "track", "threshold")))
        if product is None or product.picture_id is None:
            del self.fields["removes_picture"]
        if product is not None:
            del self.fields["stock"]
        self.offer("category", Category.objects.all())
        self.offer("tier", Tier.objects.order_by("threshold"))
        self.offer("branches", Branch.objects.filter(is_open=True).order_by("name"))
        self.say_languages("name", "details", "alt")
        price = self.fields["price"]
        assert isinstance(price, MoneyField)
        price.in_currency(organisation().currency)

    def _offer_phases(self, tiers: Sequence[Tier]) -> None:
        for number in PHASES:
            self.fields[f"phase_from_{number}"] = forms.DateField(
                label=_("Phase %(number)s: from") % {"number": number},
                required=False,
                widget=AdminDateInput,
                help_text=_("Members with early access begin as many days sooner as their benefit says.")
                if number == PHASES[0]
                else "",
            )
            self.fields[f"phase_tier_{number}"] = forms.ChoiceField(
                label=_("Phase %(number)s: for whom") % {"number": number},
                choices=[("", _("Everybody it is for")), *((tier.code, str(tier)) for tier in tiers)],
                required=False,
            )

    @staticmethod
    def _values_of(product: Product | None) -> dict[str, Any]:
        if product is None:
            return {"kind": ProductKind.GOODS, "audience": Audience.EVERYBODY, "is_active": True, "tax_included": True}
        names = ("sku", "barcode", "kind", "category", "price", "tax_rate", "tax_included", "audience", "tier")
        initial = {name: getattr(product, name) for name in (*names, "per_member", "is_active")}
        initial["category"] = product.category.public_id if product.category else None
        initial["tier"] = product.tier.code if product.tier else None
        initial["branches"] = Branch.objects.filter(public_id__in=product.branches)
        for name, words in (("name", product.words), ("details", product.details), ("alt", product.picture_words)):
            initial |= words_of(words, name)
        for number, phase in zip(PHASES, product.phases, strict=False):
            initial |= {f"phase_from_{number}": phase["from"], f"phase_tier_{number}": phase.get("tier", "")}
        return initial

    def values(self) -> dict[str, Any]:
        """What `save_product` asks for."""
        typed = self.cleaned_data
        names = ("sku", "barcode", "kind", "category", "price", "tax_rate", "tax_included", "audience", "tier")
        phases = [
            {"from": typed[f"phase_from_{number}"].isoformat(), "tier": typed[f"phase_tier_{number}"]}
            for number in PHASES
            if typed[f"phase_from_{number}"] is not None
        ]
        return {
            **{name: typed[name] for name in (*names, "per_member", "is_active")},
            "stock": typed.get("stock"),
            "branches": list(typed["branches"]),
            "words": self.words("name"),
            "details": self.words("details"),
            "phases": phases,
            "picture": typed["picture"] or None,
            "removes_picture": typed.get("removes_picture", False),
            "picture_words": self.words("alt"),
        }


class QuickForm(forms.Form):
    """Many products at once, a line for each."""

    lines = forms.CharField(
        label=gettext_lazy("One product to a line"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "SKU, name, price, and if you like kind of goods and bar code, separated by commas or copied from a table. "
            "All lines are added, or none: a line that is wrong is named."
        ),
    )


class StockForm(forms.Form):
    """How many came or went."""

    stock = forms.IntegerField(
        label=gettext_lazy("How many came"), min_value=-MOST_STOCK, max_value=MOST_STOCK, required=False,
        help_text=gettext_lazy("Below zero where some are gone. Leave it empty where there is no end of it now."),
    )  # fmt: skip
