"""Sales on hold: put there until a payment settles, looked at, settled, given up. Of one, one sale comes at most."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from regulars.api.callers import Asking, Caller, MayCall
from regulars.api.incoming import Incoming
from regulars.api.keys import key_for
from regulars.api.sales import PaymentIn, quote_here
from regulars.errors import NotFound
from regulars.money import LARGEST_AMOUNT
from regulars.sales import holding
from regulars.sales.models import SaleOnHold
from regulars.sales.paying import Payment

router = Router(tags=["sales on hold"])


class HoldIn(Incoming):
    """The quote to hold and what it is paid with: exactly one source that settles later, and others beside it."""

    quote: str = Field(max_length=40)
    payments: list[PaymentIn] = Field(min_length=1, max_length=20)


class SettlementIn(Incoming):
    """The payment that has come."""

    reference: str = Field(
        "",
        max_length=80,
        description="What the source knows the payment by; without it the key of the request counts.",
    )
    amount: int | None = Field(
        None, ge=1, le=LARGEST_AMOUNT, description="What came; left out: as much as was asked for."
    )


class ShownOut(Schema):
    """What the customer must see in order to pay: the text of a QR code, a link, words; empty where there is none."""

    code: str
    link: str
    words: str


class HoldOut(Schema):
    """A sale on hold: “waiting”, “settled” with its sale, “given_up”, “ended”, “to_pay_back” or “paid_back”.

    Its price is promised until `ends_at`. Money that comes when the sale cannot be had any more is to be paid back, for
    the `reason`. So is a second payment, and one of another amount: each has a `hold` of its own.
    """

    hold: str
    state: str
    quote: str
    source: str
    amount: int
    currency: str
    ends_at: dt.datetime
    shown: ShownOut | None = Field(description="Null until the source has said what to show: look again.")
    reference: str
    reason: str
    sale: str | None


@router.post("/holds", response={201: HoldOut}, summary="Put a sale on hold", auth=MayCall("sales.sell"))
def hold(request: Asking, body: HoldIn) -> Status[Any]:
    """Wait for a payment that settles later. What must not be sold twice is set aside; the price is promised."""
    caller = request.auth
    made = holding.hold(
        quote=quote_here(body.quote, caller),
        key=key_for(request),
        payments=[Payment(**payment.model_dump()) for payment in body.payments],
        cashier=caller.staff,
        terminal=caller.terminal,
    )
    return Status(201, _out(made))


@router.get("/holds/{public_id}", response=HoldOut, summary="One sale on hold", auth=MayCall("sales.sell"))
def one_hold(request: Asking, public_id: str) -> HoldOut:
    """How it stands, and what the customer must see to pay. 404 for one of another branch."""
    return _out(holding.prompted(_here(public_id, request.auth)))


@router.post(
    "/holds/{public_id}/settlement", response=HoldOut, summary="The payment has come", auth=MayCall("sales.sell")
)
def settle(request: Asking, public_id: str, body: SettlementIn) -> HoldOut:
    """Post the sale, once. Look at `state`: “to_pay_back” is money that cannot pay it, noted to be paid back.

    Another amount than was asked for, or a second payment, is such money: the answer is a `hold` of its own, and the
    one you named stays as it is. A second payment is one of another `reference`; where your source gives none, one
    under another key: send a notice that you repeat under the key it had.
    """
    caller, found = request.auth, _here(public_id, request.auth)
    return _out(
        holding.settle(hold=found, reference=body.reference, amount=body.amount, by=caller.staff, key=key_for(request))
    )


@router.post("/holds/{public_id}/give-up", response=HoldOut, summary="Wait no longer", auth=MayCall("sales.sell"))
def give_up(request: Asking, public_id: str) -> HoldOut:
    """Free what was set aside. 409 where it is paid already."""
    caller = request.auth
    return _out(holding.give_up(hold=_here(public_id, caller), by=caller.staff))


def _here(public_id: str, caller: Caller) -> SaleOnHold:
    """A sale on hold of the caller's branch. Raises `NotFound` for any other."""
    found = holding.on_hold(public_id)
    if found.branch_id != caller.branch.pk:
        raise NotFound
    return found


def _out(found: SaleOnHold) -> HoldOut:
    shown = found.shown
    words = {name: shown.get(name, "") for name in ShownOut.model_fields}
    return HoldOut(
        hold=found.public_id,
        quote=found.quote.public_id,
        shown=ShownOut(**words) if "code" in shown else None,
        sale=found.sale.public_id if found.sale is not None else None,
        **{name: getattr(found, name) for name in ("source", "amount", "currency", "ends_at", "reference", "reason")},
        state=str(found.state),
    )
