"""How a price out of a book goes together with the discount of a tier and with coupons: what the business chose.

The till asks it of every line, and the page of the setting of its example, so that the example is what would happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.catalogue.models import FULL
from regulars.loyalty.models import Tier
from regulars.money import percent
from regulars.organisation.models import PricePolicy
from regulars.organisation.selectors import organisation
from regulars.words import in_language


@dataclass(frozen=True, kw_only=True)
class Combining:
    """A policy, and whether coupons count on lines at a price out of a book."""

    policy: str = PricePolicy.BEST
    coupons_count: bool = True

    @property
    def mark(self) -> str:
        """By which a quote knows that it is still the same, as the database writes it (`sales_goods_basis`)."""
        return f"{self.policy}/{int(self.coupons_count)}|"

    @property
    def adds_discount(self) -> bool:
        """Whether the discount of a tier counts on a price out of a book."""
        return self.policy == PricePolicy.BOTH

    def takes_own(self, list_amount: int, own_amount: int, discount: int) -> bool:
        """Whether a line is charged at the price out of a book, minor units; `discount` in hundredths of a percent."""
        return self.policy != PricePolicy.BEST or own_amount <= list_amount - off(list_amount, discount)


def combining() -> Combining:
    """What holds in this business."""
    kept = organisation()
    return Combining(policy=kept.price_policy, coupons_count=kept.coupons_on_book_prices)


def off(amount: int, discount: int) -> int:
    """What a discount (hundredths of a percent) takes off an amount, rounded to the customer's favour."""
    return -(-amount * discount // FULL)


def words_of_choice(reason: str, policy: Combining, tier: Tier | None, discount: int) -> str:
    """Why a price out of a book was taken, for people; its name alone where there was nothing to choose from."""
    if tier is None or not discount or policy.adds_discount:
        return reason
    said = {"price": reason, "discount": _named(tier, discount)}
    if policy.policy == PricePolicy.BEST:
        return _("%(price)s (better than %(discount)s)") % said
    return _("%(price)s (without %(discount)s)") % said


def words_of_discount(
    tier: Tier, discount: int, policy: Combining, *, beaten: Sequence[str], own: Sequence[str]
) -> str:
    """The discount of a tier, for people, with the prices that it is better than, or on which it counts as well."""
    said = {"discount": _named(tier, discount), "price": _(", ").join(beaten or dict.fromkeys(own))}
    if beaten:
        return _("%(discount)s (better than %(price)s)") % said
    if own and policy.adds_discount:
        return _("%(discount)s (also on %(price)s)") % said
    return said["discount"]


def _named(tier: Tier, discount: int) -> str:
    return _("%(tier)s discount %(percent)s%%") % {"tier": in_language(tier.words), "percent": percent(discount)}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one thing would cost under a policy, minor units, at a price out of a book, and why."""

    own_amount: int
    amount: int
    why: str


def outcome(policy: Combining, *, list_amount: int, own_amount: int, name: str, tier: Tier, discount: int) -> Outcome:
    """What would be charged for one thing with a price out of a book (called `name`) and the discount of a tier."""
    if not policy.takes_own(list_amount, own_amount, discount):
        why = words_of_discount(tier, discount, policy, beaten=[name], own=[])
        return Outcome(own_amount=own_amount, amount=list_amount - off(list_amount, discount), why=why)
    if policy.adds_discount:
        why = words_of_discount(tier, discount, policy, beaten=[], own=[name])
        return Outcome(own_amount=own_amount, amount=own_amount - off(own_amount, discount), why=why)
    return Outcome(own_amount=own_amount, amount=own_amount, why=words_of_choice(name, policy, tier, discount))
