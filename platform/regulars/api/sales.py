"""Selling: the price of a basket, the sale of a price that still holds, the sales of the branch, money given back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.params.functions import Query
from pydantic import Field

from regulars import clock
from regulars.api import baskets
from regulars.api.approvals import Waiting, waiting
from regulars.api.baskets import BasketIn, CouponOut, LineOut, SourceOut, Step
from regulars.api.callers import Asking, Caller, MayCall
from regulars.api.incoming import Incoming
from regulars.api.keys import key_for
from regulars.api.paging import LONGEST, MOST, USUAL, cursor_after, place_of
from regulars.errors import InvalidInput, NotFound
from regulars.money import LARGEST_AMOUNT
from regulars.organisation.approvals import Asked
from regulars.sales import selectors, services
from regulars.sales.approvals import refund_or_ask
from regulars.sales.models import Quote, Refund, Sale
from regulars.sales.paying import Payment
from regulars.sales.quoting import QuoteDraft, read
from regulars.text import plain_text

router = Router(tags=["sales"])


class QuoteOut(Schema):
    """A price and why: every amount in minor units of `currency`. It holds until `expires_at`."""

    quote: str
    currency: str
    member: str | None
    lines: list[LineOut]
    list_total: int
    steps: list[Step]
    coupons: list[CouponOut]
    total: int
    points_used: int = Field(description="Points that pay a part of it.")
    to_pay: int = Field(description="What is left to pay besides.")
    points_earned: int = Field(description="What confirming gives the member.")
    expires_at: dt.datetime


class QuoteNow(QuoteOut):
    """A quote as it stands: whether it can still be confirmed, and how it can be paid."""

    holds: bool
    payment_sources: list[SourceOut]


class PaymentIn(Incoming):
    """One part of what is paid: `amount` of the total, `received` the cash handed over for it."""

    source: str = Field(max_length=40, description="“cash”, “card”, or another that the quote offers.")
    amount: int = Field(ge=1, le=LARGEST_AMOUNT)
    received: int = Field(0, ge=0, le=LARGEST_AMOUNT)
    reference: str = Field("", max_length=80, description="What the card terminal or gateway knows the payment by.")


class ConfirmIn(Incoming):
    """The quote to confirm and what it is paid with; no payments: all of it in cash, exactly."""

    quote: str = Field(max_length=40)
    payments: list[PaymentIn] = Field([], max_length=20)


class SaleLineOut(Schema):
    """A line of a sale; `position` names it in a refund."""

    position: int
    description: str
    quantity: int
    list_amount: int
    amount: int
    category: str
    product: str
    refunded: int


class PaymentOut(Schema):
    """A part of what was paid, and what of it went back."""

    source: str
    amount: int
    refunded: int


class RefundOut(Schema):
    """One refund: `paid_back` is the money the customer got, less than `amount` where spent points were charged."""

    refund: str
    sale: str
    amount: int
    paid_back: int
    points_taken_back: int
    reason: str
    refunded_at: dt.datetime


class SaleSummary(Schema):
    """A sale in a list; amounts in minor units of `currency`."""

    sale: str
    number: str
    member: str | None
    currency: str
    total: int
    refunded_total: int
    points_earned: int
    business_date: dt.date
    confirmed_at: dt.datetime


class SaleOut(SaleSummary):
    """A sale with everything on its receipt."""

    lines: list[SaleLineOut]
    list_total: int
    steps: list[Step]
    payments: list[PaymentOut]
    refunds: list[RefundOut]
    points_taken_back: int


class Sales(Schema):
    """The newest sales first; `next` is the cursor of the page after this one, null for none."""

    sales: list[SaleSummary]
    next: str | None


class LineBack(Incoming):
    """How much of a line goes back."""

    position: int = Field(ge=1, le=1_000)
    amount: int = Field(ge=0, le=LARGEST_AMOUNT)


class RefundIn(Incoming):
    """Either `amount` or `lines`; neither is all that is left."""

    amount: int | None = Field(None, ge=1, le=LARGEST_AMOUNT)
    lines: list[LineBack] | None = Field(None, min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=200)


@router.post("/quotes", response={201: QuoteOut}, summary="Price a basket", auth=MayCall("sales.sell"))
def quote(request: Asking, body: BasketIn) -> Status[Any]:
    """The price now, explained step by step, kept for thirty minutes. Nothing is posted."""
    caller = request.auth
    made = services.quote(**baskets.basket_of(body, caller), terminal=caller.terminal)
    return Status(201, QuoteOut(**_quoted(made)))


@router.get("/quotes/{public_id}", response=QuoteNow, summary="One quote", auth=MayCall("sales.sell"))
def one_quote(request: Asking, public_id: str) -> QuoteNow:
    """Whether a price still holds, and how it can be paid. 404 for a quote of another branch."""
    found = quote_here(public_id, request.auth)
    now = _priced_again(found)
    offered = now.payment_sources if now is not None else ()
    sources = [
        SourceOut(
            code=source.code,
            name=str(source.label),
            largest=source.largest,
            settles_later=source.settles_within is not None,
        )
        for source in offered
    ]
    return QuoteNow(**_quoted(found), holds=now is not None, payment_sources=sources)


@router.post("/sales", response={201: SaleOut}, summary="Confirm a quote", auth=MayCall("sales.sell"))
def confirm(request: Asking, body: ConfirmIn) -> Status[Any]:
    """Sell at the price of a quote, once per key. 409 when that price no longer holds: ask for a new one."""
    caller = request.auth
    payments = [Payment(**payment.model_dump()) for payment in body.payments]
    sold = services.confirm(
        quote=quote_here(body.quote, caller),
        key=key_for(request),
        cashier=caller.staff,
        terminal=caller.terminal,
        payments=payments or None,
    )
    return Status(201, sale_out(selectors.sale_by_public_id(sold.public_id)))


@router.get("/sales", response=Sales, summary="Sales of the branch", auth=MayCall("sales.read"))
def newest_sales(
    request: Asking,
    cursor: str = Query("", max_length=LONGEST),
    limit: int = Query(USUAL, ge=1, le=MOST),
) -> Sales:
    """The sales of the token's branch, newest first, page by page."""
    found = Sale.objects.select_related("member").filter(branch=request.auth.branch)
    if (place := place_of(cursor, str, str)) is not None:
        found = found.filter(_before(*place))
    page = list(found.order_by("-confirmed_at", "-public_id")[: limit + 1])
    more = len(page) > limit
    last = page[limit - 1] if more else None
    return Sales(
        sales=[SaleSummary(**_summary(sale)) for sale in page[:limit]],
        next=cursor_after(last.confirmed_at.isoformat(), last.public_id) if last is not None else None,
    )


@router.get("/sales/{public_id}", response=SaleOut, summary="One sale", auth=MayCall("sales.read"))
def one_sale(request: Asking, public_id: str) -> SaleOut:
    """A sale with its lines, payments and refunds. 404 for a sale of another branch."""
    return sale_out(sale_here(public_id, request.auth))


@router.post(
    "/sales/{public_id}/refunds",
    response={201: RefundOut, 202: Waiting},
    summary="Give money back",
    auth=MayCall("sales.refund"),
)
def refund(request: Asking, public_id: str, body: RefundIn) -> Status[Any]:
    """Undo a sale or a part of it, with its points. Beyond the limit of the token's person: 202, somebody approves."""
    caller = request.auth
    sale = sale_here(public_id, caller)
    if body.amount is not None and body.lines is not None:
        raise InvalidInput(_("Send either “amount” or “lines”, not both."), field="lines")
    lines = {line.position: line.amount for line in body.lines} if body.lines is not None else None
    amount = body.amount
    if amount is None and lines is None:
        amount = sale.total - sale.refunded_total
    done = refund_or_ask(
        sale=sale,
        key=key_for(request),
        amount=amount,
        lines=lines,
        reason=plain_text(body.reason, field="reason", longest=200),
        by=caller.staff,
    )
    if isinstance(done, Asked):
        return Status(202, waiting(done.approval))
    return Status(201, refund_out(done.result, sale))


def sale_here(public_id: str, caller: Caller) -> Sale:
    """A sale of the caller's branch. Raises `NotFound` for any other."""
    sale = selectors.sale_by_public_id(public_id)
    if not caller.sees(sale):
        raise NotFound
    return sale


def sale_out(sale: Sale) -> SaleOut:
    """A sale as it is told."""
    return SaleOut(
        **_summary(sale),
        lines=[
            SaleLineOut(**{name: getattr(line, name) for name in SaleLineOut.model_fields}) for line in sale.lines.all()
        ],
        list_total=sale.list_total,
        steps=baskets.steps_of({"steps": sale.explanation.get("steps", [])}),
        payments=_payments(sale),
        refunds=[refund_out(each, sale) for each in sale.refunds.all()],
        points_taken_back=sale.points_taken_back,
    )


def refund_out(refund: Refund, sale: Sale) -> RefundOut:
    """A refund as it is told."""
    return RefundOut(
        refund=refund.public_id,
        sale=sale.public_id,
        amount=refund.amount,
        paid_back=refund.paid_back,
        points_taken_back=refund.points_taken_back,
        reason=refund.reason,
        refunded_at=refund.refunded_at,
    )


def _payments(sale: Sale) -> list[PaymentOut]:
    """The parts that are written one by one; a sale paid with one thing keeps that in its own row."""
    parts = [PaymentOut(source=part.source, amount=part.amount, refunded=part.refunded) for part in sale.payments.all()]
    return parts or [PaymentOut(source=sale.payment_source, amount=sale.total, refunded=sale.refunded_total)]


def _summary(sale: Sale) -> dict[str, Any]:
    return {
        "sale": sale.public_id,
        "number": sale.number,
        "member": sale.member.public_id if sale.member else None,
        **{
            name: getattr(sale, name)
            for name in ("currency", "total", "refunded_total", "points_earned", "business_date", "confirmed_at")
        },
    }


def _quoted(found: Quote) -> dict[str, Any]:
    content = found.content
    offset = content.get("offset") or {}
    return {
        "quote": found.public_id,
        "currency": content["currency"],
        "member": found.member.public_id if found.member else None,
        "lines": baskets.lines_of(content),
        "list_total": content["list_total"],
        "steps": baskets.steps_of(content),
        "coupons": baskets.coupons_of(content),
        "total": content["total"],
        "points_used": offset.get("points", 0),
        "to_pay": content["total"] - offset.get("amount", 0),
        "points_earned": content["points"],
        "expires_at": found.expires_at,
    }


def quote_here(public_id: str, caller: Caller) -> Quote:
    """A quote of the caller's branch. Raises `NotFound` for any other."""
    found = selectors.quote_by_public_id(public_id)
    if found.branch_id != caller.branch.pk:
        raise NotFound
    return found


def _priced_again(found: Quote) -> QuoteDraft | None:
    """The basket at the price of the quote, None where that no longer holds."""
    try:
        now = read(found)
    except InvalidInput:  # a product, a coupon or points that are gone
        return None
    return now if found.expires_at > clock.now() and now.fingerprint() == found.fingerprint else None


def _before(confirmed_at: str, public_id: str) -> Q:
    try:
        at = dt.datetime.fromisoformat(confirmed_at)
    except ValueError:
        raise InvalidInput(_("Send the cursor as it was given, or none for the first page."), field="cursor") from None
    return Q(confirmed_at__lt=at) | Q(confirmed_at=at, public_id__lt=public_id.replace("\0", ""))
