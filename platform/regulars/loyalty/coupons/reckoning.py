"""What coupons take off a basket: pure arithmetic over terms and lines, without a question to anybody.

One coupon after another, in their order: each counts from the list price or from what is left, takes never more than is
left of the lines it is for, and shares what it takes over these lines so that the parts add up to it exactly. A percent
is rounded once, to the minor unit in the customer's favour.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from regulars.loyalty.coupons.models import WHOLE, Basis, CouponKind, Stacking
from regulars.money import share


@dataclass(frozen=True, kw_only=True)
class CouponLine:
    """A line as coupons see it: `amount` after price and discounts, `list_amount` before, minor units.

    One that `is_spared` is at a price of its own on which coupons do not count here.
    """

    position: int
    amount: int
    list_amount: int
    category: str = ""
    product: str = ""
    quantity: int = 1
    is_spared: bool = False


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a coupon promises, as its template says it."""

    kind: str
    value: int = 0
    most_off: int | None = None
    least_spend: int = 0
    basis: str = Basis.DISCOUNTED
    categories: Collection[str] = ()
    products: Collection[str] = ()
    stacking: str = Stacking.EXCLUSIVE
    stacking_group: str = ""
    most_per_sale: int = 1
    order: int = 100

    def covers(self, line: CouponLine) -> bool:
        """Whether it counts for a line."""
        if line.is_spared:
            return False
        if not self.categories and not self.products:
            return True
        return line.product in self.products or line.category.casefold() in {
            each.casefold() for each in self.categories
        }


def spent_on(terms: Terms, lines: Sequence[CouponLine]) -> int | None:
    """How much is spent on what a coupon is for, by its own price; None where no line is for it."""
    covered = [line for line in lines if terms.covers(line)]
    if not covered:
        return None
    return sum(line.list_amount if terms.basis == Basis.INITIAL else line.amount for line in covered)


def reckon(coupons: Sequence[Terms], lines: Sequence[CouponLine]) -> list[tuple[int, ...]]:
    """What each coupon takes off each line, in the order in which the coupons came in."""
    left = [line.amount for line in lines]
    taken: list[tuple[int, ...]] = [()] * len(coupons)
    for index in sorted(range(len(coupons)), key=lambda index: (coupons[index].order, index)):
        parts = _taken(coupons[index], lines, left)
        left = [amount - part for amount, part in zip(left, parts, strict=True)]
        taken[index] = tuple(parts)
    return taken


def _taken(terms: Terms, lines: Sequence[CouponLine], left: Sequence[int]) -> list[int]:
    covered = [terms.covers(line) for line in lines]
    weights = [amount if is_covered else 0 for amount, is_covered in zip(left, covered, strict=True)]
    there = sum(weights)
    if terms.kind == CouponKind.GIFT or not there:
        return [0] * len(lines)
    if terms.kind == CouponKind.SERVICE:
        weights = _dearest_piece(lines, weights)
        there = sum(weights)
    off = min(_wanted(terms, lines, covered, there), there)
    if terms.most_off is not None:
        off = min(off, terms.most_off)
    return share(off, weights)


def _wanted(terms: Terms, lines: Sequence[CouponLine], covered: Sequence[bool], there: int) -> int:
    """What it would take if there were enough."""
    if terms.kind == CouponKind.AMOUNT:
        return terms.value
    if terms.kind == CouponKind.PERCENT:
        initial = sum(line.list_amount for line, is_covered in zip(lines, covered, strict=True) if is_covered)
        base = initial if terms.basis == Basis.INITIAL else there
        return -(-base * terms.value // WHOLE)
    return there


def _dearest_piece(lines: Sequence[CouponLine], weights: Sequence[int]) -> list[int]:
    """Of all lines but the one with the dearest piece nothing, of that one a single piece."""
    pieces = [-(-weight // line.quantity) for weight, line in zip(weights, lines, strict=True)]
    dearest = max(range(len(pieces)), key=lambda index: (pieces[index], -index))
    return [piece if index == dearest else 0 for index, piece in enumerate(pieces)]


def clash(coupons: Sequence[Terms]) -> int | None:
    """The place of the first coupon that does not go together with those before it; None where all do.

    Whoever takes that one off and asks again keeps as many as the hand that named them first would have kept.
    """
    return next((index for index, terms in enumerate(coupons) if not _goes_with(terms, coupons[:index])), None)


def _goes_with(terms: Terms, kept: Sequence[Terms]) -> bool:
    """Whether a coupon may be used beside those that are kept, which go together."""
    if not kept:
        return True
    if any(each.stacking == Stacking.EXCLUSIVE for each in (terms, *kept)):
        return False
    same = [each for each in (terms, *kept) if each.stacking_group == terms.stacking_group]
    return len(same) <= min(each.most_per_sale for each in same)
