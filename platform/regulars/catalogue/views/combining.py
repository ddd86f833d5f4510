"""How prices out of books, the discount of a tier and coupons go together: the choice, and an example beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import path, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock
from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.catalogue.combining import Combining, Outcome, combining, outcome
from regulars.loyalty.models import Tier
from regulars.money import digits_of
from regulars.organisation import services as organisation_services
from regulars.organisation.models import Organisation, PricePolicy
from regulars.organisation.selectors import organisation

CATALOGUE = reverse_lazy("office_catalogue:products")
BOOKS = reverse_lazy("office_catalogue:books")
SUPPOSED = 1000
"""The discount of the example where no tier has one, hundredths of a percent."""


class CombiningForm(forms.Form):
    """The policy, and whether coupons count."""

    price_policy = forms.ChoiceField(
        label=gettext_lazy("Who has a price of their own and a discount pays"),
        choices=PricePolicy.choices,
        widget=forms.RadioSelect,
    )
    coupons_on_book_prices = forms.BooleanField(
        label=gettext_lazy("Coupons count there as well"),
        required=False,
        help_text=gettext_lazy("Without it, coupons pass these lines by; on all others they count as ever."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        kept = organisation()
        initial = {name: getattr(kept, name) for name in self.base_fields}
        super().__init__(*args, **{**options, "initial": initial})


@dataclass(frozen=True, kw_only=True)
class Example:
    """What one thing would cost under each policy, at a low and at a high price out of a book; minor units."""

    list_amount: int
    tier: Tier
    discount: int
    is_supposed: bool
    coupon: int
    low: int
    high: int
    rows: list[tuple[str, str, list[Outcome]]]

    @property
    def with_coupon(self) -> int:
        """What the low price is with the coupon, where coupons count."""
        return self.low - self.coupon


def example() -> Example | None:
    """The example with the largest discount of the tiers in force; None in a business without tiers."""
    today = clock.today()
    tiers = list(Tier.objects.filter(track__is_active=True).order_by("threshold"))
    if not tiers:
        return None
    tier = max(tiers, key=lambda each: int(each.on(today, "discount")))
    discount = int(tier.on(today, "discount"))
    is_supposed, discount = not discount, min(discount or SUPPOSED, 5000)
    unit: int = 10 ** digits_of(organisation().currency)
    whole = 100 * unit
    low, high = whole - whole * discount * 3 // 20_000, whole - whole * discount // 20_000
    rows = [
        (
            str(value),
            str(label),
            [
                outcome(
                    Combining(policy=value),
                    list_amount=whole,
                    own_amount=own,
                    name=_("own price"),
                    tier=tier,
                    discount=discount,
                )
                for own in (low, high)
            ],
        )
        for value, label in PricePolicy.choices
    ]
    return Example(
        list_amount=whole, tier=tier, discount=discount, is_supposed=is_supposed, coupon=5 * unit,
        low=low, high=high, rows=rows,
    )  # fmt: skip


class CombiningPage(ActPage):
    """Choose how they go together."""

    template_name = "catalogue/combining.html"
    form_class = CombiningForm
    success_url = BOOKS
    header_icon = "tag"
    permission = "catalogue.change"
    page_title = gettext_lazy("Prices, discounts and coupons together")
    trail = ((CATALOGUE, gettext_lazy("Products")), (BOOKS, gettext_lazy("Prices")))

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The example."""
        kept = organisation()
        found: dict[str, Any] = super().get_context_data(
            example=example(), currency=kept.currency, now=combining(), **context
        )
        return found

    def act(self, form: Any) -> Organisation:
        """Save it through the service of the business's settings."""
        return organisation_services.change(by=actor_of(self.request), **form.cleaned_data)

    def words_of_success(self, done: Organisation) -> str:
        """From when on."""
        return _("Saved. The next quote has it; quotes that are open are worked out anew.")


ADDRESSES = [path("prices/together/", CombiningPage.as_view(), name="combining")]
