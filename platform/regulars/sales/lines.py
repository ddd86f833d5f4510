"""The lines of a basket and the steps that lead from their list price to what is charged, one under another.

Order: list price; the price of who buys (`regulars.catalogue`); what modules change (`quote_price`); the discount of
the member's tier; coupons. Which of them count together on a line is the business's policy (`catalogue.combining`).
Each step is shared over the lines it lowers, so that every line knows what was charged for it. Discounts are rounded to
the customer's favour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from regulars.catalogue.combining import Combining, combining, off, words_of_choice, words_of_discount
from regulars.catalogue.models import MOST_PIECES
from regulars.catalogue.pricing import Priced, Wanted, prices_of
from regulars.errors import InvalidInput
from regulars.loyalty.coupons.applying import Applied, CouponLine, apply
from regulars.loyalty.models import Tier
from regulars.money import LARGEST_AMOUNT, share
from regulars.text import plain_text

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member

MOST_LINES = 200
WHOLE = 10_000
"""Rates are hundredths of a percent."""


@dataclass(frozen=True)
class LineRequest:
    """One line of a basket: `unit_price` in minor units, `quantity` whole pieces, `category` the kind of goods.

    With a `product` (its public id) the catalogue says what it is called and costs, and only the quantity is asked.
    """

    description: str = ""
    unit_price: int = 0
    quantity: int = 1
    category: str = ""
    product: str = ""


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A line with its list price and what is charged for it, minor units, with tax.

    `list_unit` is the list price of a piece, and `reason` why this person pays another one. `own_amount` is what the
    line costs at that price, None where it costs what everybody pays. `tax` is contained in `amount`.
    """

    description: str
    quantity: int
    list_amount: int
    amount: int
    category: str = ""
    product: str = ""
    list_unit: int = 0
    own_amount: int | None = None
    reason: str = ""
    tax_rate: int = 0
    tax: int = 0


@dataclass(frozen=True, kw_only=True)
class PriceStep:
    """One change of the price, with its reason for people; negative lowers it."""

    reason: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Charged:
    """Lines after every step; `steps` explain them, `coupons` are those that took part.

    `beaten` are the prices of books that the discount of the tier is better than.
    """

    lines: tuple[DraftLine, ...]
    steps: list[PriceStep] = field(default_factory=list)
    coupons: tuple[Applied, ...] = ()
    beaten: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """What all lines cost now, minor units."""
        return sum(line.amount for line in self.lines)


def drafted(
    lines: Sequence[LineRequest], *, branch: Branch, member: Member | None, at: dt.datetime
) -> tuple[DraftLine, ...]:
    """The lines at their list price.

    Raises `InvalidInput` (fields `lines`, `quantity`, `amount`, `description`, `category`) for what cannot be.
    """
    if not lines:
        raise InvalidInput(_("Add at least one line: type an amount."), field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(_("At most %(most)s lines fit on one receipt.") % {"most": MOST_LINES}, field="lines")
    for line in lines:
        if not 0 < line.quantity <= MOST_PIECES:
            raise InvalidInput(_("Enter a quantity of 1 or more."), field="quantity")
    wanted = [Wanted(line.product, line.quantity) for line in lines if line.product]
    priced = iter(prices_of(wanted, branch=branch, member=member, at=at) if wanted else ())
    made = tuple(_of_catalogue(line, next(priced)) if line.product else _typed(line) for line in lines)
    if sum(line.list_amount for line in made) > LARGEST_AMOUNT:
        raise InvalidInput(_("This amount is too large. Check the number of zeros."), field="amount")
    return made


def _typed(line: LineRequest) -> DraftLine:
    if not 0 < line.unit_price <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount greater than zero."), field="amount")
    amount = line.unit_price * line.quantity
    description = plain_text(line.description, field="description", longest=120, required=False)
    return DraftLine(
        description=description or _("Amount"),
        quantity=line.quantity,
        list_amount=amount,
        amount=amount,
        list_unit=line.unit_price,
        category=plain_text(line.category, field="category", longest=40, required=False),
    )


def _of_catalogue(line: LineRequest, priced: Priced) -> DraftLine:
    def with_tax(piece: int) -> int:
        amount = piece * line.quantity
        return amount if priced.tax_included else amount + (amount * priced.tax_rate + WHOLE // 2) // WHOLE

    list_amount, own = with_tax(priced.list_price), with_tax(priced.price)
    return DraftLine(
        description=priced.name[:120],
        quantity=line.quantity,
        list_amount=list_amount,
        amount=list_amount,
        category=priced.category[:40],
        product=priced.product,
        list_unit=priced.list_price,
        own_amount=own if priced.reason else None,
        reason=priced.reason,
        tax_rate=priced.tax_rate,
    )


def at_own_prices(lines: Sequence[DraftLine], *, policy: Combining, tier: Tier | None, discount: int) -> Charged:
    """Each line at its own price where the policy takes that, against a `discount` (hundredths of a percent) of a tier.

    Lines that keep an `own_amount` afterwards are those whose own price is taken.
    """
    made, steps, beaten = [], dict[str, int](), dict[str, None]()
    for line in lines:
        if line.own_amount is None:
            made.append(line)
        elif not policy.takes_own(line.list_amount, line.own_amount, discount):
            made.append(replace(line, own_amount=None, reason=""))
            beaten[line.reason] = None
        else:
            made.append(replace(line, amount=line.own_amount))
            steps[line.reason] = steps.get(line.reason, 0) + line.own_amount - line.list_amount
    taken = [
        PriceStep(reason=words_of_choice(reason, policy, tier, discount), amount=amount)
        for reason, amount in steps.items()
        if amount
    ]
    return Charged(lines=tuple(made), steps=taken, beaten=tuple(beaten))


def changed(charged: Charged, reason: str, amount: int) -> Charged:
    """After a change of the whole price, shared over the lines; nothing costs less than nothing."""
    before = charged.total
    amount = max(-before, amount)
    if not amount:
        return charged
    return _lowered(charged, share(amount, _weights(charged.lines)), reason)


def with_tier_discount(charged: Charged, tier: Tier, discount: int, *, policy: Combining) -> Charged:
    """After the discount of a tier, on the lines on which the policy lets it count."""
    weights = [line.amount if line.own_amount is None or policy.adds_discount else 0 for line in charged.lines]
    less = off(sum(weights), discount)
    if not less:
        return charged
    own = [line.reason for line in charged.lines if line.own_amount is not None]
    reason = words_of_discount(tier, discount, policy, beaten=charged.beaten, own=own)
    return _lowered(charged, share(-less, weights), reason)


def with_coupons(
    charged: Charged, codes: Sequence[str], *, branch: Branch, member: Member | None, terminal: str, at: dt.datetime
) -> Charged:
    """After the coupons that were asked for. Raises `InvalidInput` (field `coupons`) for one that does not fit."""
    lines = coupon_lines(charged.lines)
    applied = apply(codes, member=member, branch=branch, terminal=terminal, lines=lines, at=at)
    for coupon in applied:
        if any(coupon.by_line):
            charged = _lowered(charged, [-part for part in coupon.by_line], coupon.name)
    return replace(charged, coupons=tuple(applied))


def coupon_lines(lines: Sequence[DraftLine]) -> list[CouponLine]:
    """Lines as coupons look at them: those at a price of their own are passed by where the business says so."""
    spares_own = not combining().coupons_count
    return [
        CouponLine(
            position=position,
            amount=line.amount,
            list_amount=line.list_amount,
            category=line.category,
            product=line.product,
            quantity=line.quantity,
            is_spared=spares_own and line.own_amount is not None,
        )
        for position, line in enumerate(lines, start=1)
    ]


def taxed(lines: Sequence[DraftLine]) -> tuple[DraftLine, ...]:
    """Lines with the tax that what is charged for them contains, rounded half up on each line."""
    return tuple(
        replace(line, tax=(2 * line.amount * line.tax_rate + WHOLE + line.tax_rate) // (2 * (WHOLE + line.tax_rate)))
        if line.tax_rate
        else line
        for line in lines
    )


def _weights(lines: Sequence[DraftLine]) -> list[int]:
    amounts = [line.amount for line in lines]
    return amounts if any(amounts) else [1] * len(lines)


def _lowered(charged: Charged, parts: Sequence[int], reason: str) -> Charged:
    lines = tuple(replace(line, amount=line.amount + part) for line, part in zip(charged.lines, parts, strict=True))
    return replace(charged, lines=lines, steps=[*charged.steps, PriceStep(reason=reason, amount=sum(parts))])
