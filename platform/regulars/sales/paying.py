"""What a sale is paid with: cash, a card terminal beside the till, points, what modules offer; several of them too.

A sale that is paid with one thing from outside keeps that in its own row. Where there are several, or where value
leaves a wallet, each part has a row (`SalePayment`), and a refund goes back to each in proportion.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.errors import InvalidInput
from regulars.hook_answers import PaymentSource
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, transaction_document
from regulars.money import LARGEST_AMOUNT, format_money
from regulars.organisation.selectors import organisation
from regulars.text import plain_text

if TYPE_CHECKING:
    from regulars.sales.quoting import QuoteDraft

CASH, CARD, SPLIT, OWN_CODE = "cash", "card", "split", "own_code"
OUTSIDE = (CASH, CARD)
"""What is taken beside the till: nothing here moves for it."""
OWN_CODE_WAITS = dt.timedelta(minutes=10)
"""How long a sale waits for a customer who scans the business's own code."""
LONGEST_WAIT = dt.timedelta(days=1)
SPENT_ON_SALES = "points.spent"
KIND = "sale.payment"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A part of what a sale is paid with: `amount` (minor units) from a source.

    `received` is the cash handed over, 0 for exactly the amount; `reference` what the source knows the payment by.
    """

    source: str
    amount: int
    received: int = 0
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A payment as it is written: `units` of an `asset` leave the wallet for it, to the account `house`.

    With `waits` it settles later, and the sale waits so long for it on hold.
    """

    payment: Payment
    asset: str = ""
    units: int = 0
    house: str = ""
    waits: dt.timedelta | None = None

    def leg(self, *, wallet: int, branch: str) -> Leg:
        """What leaves the wallet."""
        return Leg(wallet=wallet, asset=self.asset, amount=-self.units, house=self.house[:40], where={"branch": branch})

    def kept(self) -> dict[str, Any]:
        """The part as a sale on hold keeps it."""
        waits = self.waits.total_seconds() if self.waits is not None else None
        return {**asdict(self.payment), "asset": self.asset, "units": self.units, "house": self.house, "waits": waits}

    @classmethod
    def again(cls, kept: Mapping[str, Any], *, reference: str) -> Part:
        """A part that was kept, with the reference of what has settled meanwhile."""
        waits = dt.timedelta(seconds=kept["waits"]) if kept["waits"] is not None else None
        payment = Payment(
            source=kept["source"],
            amount=kept["amount"],
            received=kept["received"],
            reference=reference if waits is not None else kept["reference"],
        )
        return cls(payment=payment, asset=kept["asset"], units=kept["units"], house=kept["house"], waits=waits)

    def document(self, *, wallet: int | None, branch: str, sale: str, number: int, actor: str) -> dict[str, Any]:
        """The part as the SQL function reads it."""
        written: dict[str, Any] = {
            "source": self.payment.source,
            "amount": self.payment.amount,
            "received": self.payment.received,
            "reference": self.payment.reference,
            "asset": self.asset,
            "units": self.units,
        }
        if not self.asset or wallet is None:
            return written
        leg = self.leg(wallet=wallet, branch=branch)
        return {
            **written,
            "posting": transaction_document(key=f"paid:{sale}:{number}", kind=KIND, legs=[leg], actor=actor),
        }


def own_sources() -> tuple[PaymentSource, ...]:
    """The ways to pay that every business has, and its own payment code where it has one."""
    everywhere = (
        PaymentSource(code=CASH, label=gettext_lazy("Cash")),
        PaymentSource(code=CARD, label=gettext_lazy("Card terminal")),
    )
    business = organisation()
    if not business.payment_code:
        return everywhere
    label = business.payment_code_name or gettext_lazy("Payment code")
    return (*everywhere, PaymentSource(code=OWN_CODE, label=label, settles_within=OWN_CODE_WAITS))


def settling_later(priced: QuoteDraft) -> frozenset[str]:
    """The codes of the sources offered for which a sale waits on hold."""
    return frozenset(source.code for source in priced.payment_sources if source.settles_within is not None)


def checked(priced: QuoteDraft, payments: Sequence[Payment], *, may_wait: bool = False) -> tuple[Part, ...]:
    """The parts of a payment, points first; one part of an outside source where nothing else is needed.

    Only a sale that `may_wait` on hold is paid from a source that settles later. Raises `InvalidInput` (fields
    `payment_source`, `payments`, `received`) for a source that is not offered or does not cover its part, for parts
    that do not sum to what is left to pay, and for too little cash.
    """
    offered = {source.code: source for source in priced.payment_sources}
    parts = []
    if priced.offset.points:
        parts.append(
            Part(
                payment=Payment(source=POINTS, amount=priced.offset.amount),
                asset=POINTS,
                units=priced.offset.points,
                house=SPENT_ON_SALES,
            )
        )
    for payment in payments:
        source = offered.get(payment.source)
        if source is None:
            raise InvalidInput(_("This way of paying is not offered here."), field="payment_source")
        if source.largest is not None and source.largest < payment.amount:
            raise InvalidInput(_("This way of paying does not cover the total."), field="payment_source")
        if source.asset and priced.member is None:
            raise InvalidInput(_("This way of paying is for members. Choose the member first."), field="payment_source")
        if source.settles_within is not None and not may_wait:
            raise InvalidInput(
                _("This payment is known later. Put the sale on hold and wait for it."), field="payment_source"
            )
        waits = min(source.settles_within, LONGEST_WAIT) if source.settles_within is not None else None
        parts.append(
            Part(payment=_checked(payment, priced.currency), asset=source.asset, house=source.house, waits=waits)
        )
    paid = sum(payment.amount for payment in payments)
    if paid != priced.to_pay:
        raise InvalidInput(
            _("The payments come to %(paid)s; %(total)s is to be paid.")
            % {
                "paid": format_money(paid, priced.currency),
                "total": format_money(priced.to_pay, priced.currency),
            },
            field="payments",
        )
    return tuple(replace(part, units=part.units or part.payment.amount) if part.asset else part for part in parts)


def _checked(payment: Payment, currency: str) -> Payment:
    if not 0 <= payment.amount <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount greater than zero."), field="payments")
    if payment.received and not payment.amount <= payment.received <= LARGEST_AMOUNT:
        raise InvalidInput(
            _("This is less than the total. Enter at least %(total)s.")
            % {"total": format_money(payment.amount, currency)},
            field="received",
        )
    return replace(payment, reference=plain_text(payment.reference, field="reference", longest=80, required=False))


def rows_of(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts that get a row of their own: none where the sale's own row says it all."""
    written = tuple(part for part in parts if part.payment.amount)
    return written if len(written) > 1 or any(part.asset or part.waits for part in written) else ()


def source_of(parts: Sequence[Part]) -> str:
    """What the sale's own row says it was paid with."""
    sources = {part.payment.source for part in parts if part.payment.amount or len(parts) == 1}
    return sources.pop() if len(sources) == 1 else SPLIT if sources else CASH
