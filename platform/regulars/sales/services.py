"""The acts of selling: quote, confirm, refund. Confirm and refund are one call into the database, safe to repeat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from regulars import clock, events
from regulars.errors import InvalidInput, KeyUsedBefore, RegularsError, StaleQuote
from regulars.ledger.services import request_hash, transaction_document
from regulars.loyalty.tiers.standing import evaluate, refunds_count_at_once
from regulars.operations import trail
from regulars.operations.outbox import new_event_id, wake_after_commit
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.people.models import Member
from regulars.public_ids import new_public_id
from regulars.sales.documents import (
    Asked,
    by_the_database,
    event_document,
    kept_terms,
    legs_of,
    plain_document,
    plain_row,
    sale_document,
    sale_row,
    terms_of,
)
from regulars.sales.kept import kept_with, still_kept
from regulars.sales.models import Quote, Refund, Sale
from regulars.sales.paying import CASH, Payment, checked
from regulars.sales.quoting import LineRequest, QuoteDraft, draft, read
from regulars.sales.together import post_together
from regulars.sales.undoing import Undoing, payments_back, take_back_legs, undoing_of
from regulars.sql_functions import call
from regulars.text import plain_text
from regulars.written_rows import written_row

QUOTE_LIFE = dt.timedelta(minutes=30)
Done = TypeVar("Done", Sale, Refund)


def quote(
    *,
    branch: Branch,
    member: Member | None = None,
    lines: Sequence[LineRequest],
    terminal: Terminal | None = None,
    coupons: Sequence[str] = (),
    points: int = 0,
) -> Quote:
    """Price a basket and keep the price for thirty minutes, with coupons by code and `points` that pay a part of it.

    Raises `InvalidInput` naming the field.
    """
    till = terminal.public_id if terminal else ""
    return keep(draft(branch=branch, member=member, lines=lines, terminal=till, coupons=coupons, points=points))


def keep(priced: QuoteDraft) -> Quote:
    """Keep the price of a basket for thirty minutes, as it was worked out a moment ago."""
    now = clock.now()
    return Quote.objects.create(
        member=priced.member,
        branch=priced.branch,
        content={**priced.content(), "kept": kept_with(priced, legs_of(priced))},
        fingerprint=priced.fingerprint(),
        quoted_at=now,
        expires_at=now + QUOTE_LIFE,
    )


def confirm(
    *,
    quote: Quote,
    key: str,
    cashier: Staff | None,
    terminal: Terminal | None = None,
    payments: Sequence[Payment] | None = None,
    received: int = 0,
    payment_source: str = CASH,
) -> Sale:
    """Post the sale of a quote: receipt, points, tier, facts. The same key gives the same sale again.

    It is paid with `payments`, which sum to what is to be paid; without them with one, from `payment_source`, for which
    `received` is the cash handed over (minor units, 0 for exactly the total). Raises `StaleQuote` when the price no
    longer holds, `InvalidInput` for too little cash, an unknown payment source, parts that are not the whole, and a
    module's veto, `NotEnough` when points or value that pay were spent meanwhile, and `KeyUsedBefore`.
    """
    content = quote.content
    to_pay = content["total"] - content.get("offset", {}).get("amount", 0)
    if payments is None:
        payments = (Payment(source=payment_source, amount=to_pay, received=received),)
        fingerprint = request_hash("confirm", quote.public_id, received, payment_source)
    else:
        fingerprint = request_hash("confirm", quote.public_id, [vars(payment) for payment in payments])
    asked = Asked(
        quote=quote,
        key=_key(key),
        fingerprint=fingerprint,
        cashier=cashier,
        terminal=terminal,
        payments=tuple(payments),
    )
    return _confirmed_as_kept(asked) or _confirmed_anew(asked)


def _confirmed_as_kept(asked: Asked) -> Sale | None:
    """Post what the quote keeps, in one statement; None where the database finds that its basis changed."""
    kept = still_kept(asked.quote, asked.payments)
    if kept is None:
        return None
    if "credited" in kept:
        document = plain_document(asked, kept)
        if (answer := _posted_plainly(document, wallet=kept["wallet"])) is not None:
            return written_row(Sale, plain_row(asked, kept, document, answer))
    terms = kept_terms(asked.quote, kept)
    row = sale_row(terms, asked)
    answer = _posted("sales_confirm", {**sale_document(terms, row, quote=asked.quote, actor=asked.actor), "kept": kept})
    wake_after_commit()
    if answer["sale"] is None:
        return None
    if answer["repeated"]:
        return Sale.objects.get(pk=answer["sale"])
    return written_row(Sale, {**row, **by_the_database(answer), "confirmed_at": terms.now, "business_date": terms.day})


def _posted_plainly(document: dict[str, Any], *, wallet: int | None) -> dict[str, Any] | None:
    """What the function for plain sales answers; None where it leaves the sale to `sales_confirm`.

    The workers are told that there is work. Within a transaction a refusal must leave that one usable.
    """
    if not connection.in_atomic_block:
        return post_together(document, wallet=wallet)
    try:
        with transaction.atomic():
            answers: list[dict[str, Any]] = call("sales_confirm_kept", [document])
    except StaleQuote:  # a key used before, or the account fell into debt at this moment
        return None
    if not answers:
        return None
    wake_after_commit()
    return answers[0]


def _posted(function: str, document: dict[str, Any]) -> Any:
    """One statement is a transaction by itself; within another one a refusal must leave that one usable."""
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        return call(function, document)


@transaction.atomic
def _confirmed_anew(asked: Asked) -> Sale:
    """Price the basket again and post it if the price is still the one that was quoted."""
    try:
        priced = still_holding(asked.quote)
        if priced.refusals:
            raise InvalidInput(str(priced.refusals[0].reason), field=priced.refusals[0].field)
        parts = checked(priced, asked.payments)
    except RegularsError:
        if (known := _done_before(Sale, asked.key, asked.fingerprint)) is not None:
            return known
        raise
    terms = replace(terms_of(priced), parts=parts)
    row = sale_row(terms, asked)
    answer = call("sales_confirm", sale_document(terms, row, quote=asked.quote, actor=asked.actor))
    wake_after_commit()
    return Sale.objects.get(pk=answer["sale"])


def _done_before(kind: type[Done], key: str, fingerprint: str) -> Done | None:
    """What this very request did under its key. Raises `KeyUsedBefore` when another one used the key."""
    known = kind._default_manager.filter(key=_key(key)).first()
    if known is not None and known.request_hash != fingerprint:
        raise KeyUsedBefore
    return known


def _key(key: str) -> str:
    if not 8 <= len(key or "") <= 80 or not key.isprintable():
        raise InvalidInput(_("A key of 8 to 80 characters is needed to make this safe to repeat."), field="key")
    return key


def still_holding(quote: Quote) -> QuoteDraft:
    """The basket of a quote, priced now as it was then.

    Raises `StaleQuote` where it is not the same any more, and where its member has left since.
    """
    if quote.expires_at <= clock.now():
        raise StaleQuote
    if quote.member_id:
        quote.member = Member.objects.select_related("standing__tier").get(pk=quote.member_id)
        if not quote.member.is_active:
            raise StaleQuote
    priced = read(quote)
    if priced.fingerprint() != quote.fingerprint:
        raise StaleQuote
    return priced


@transaction.atomic
def refund(
    *,
    sale: Sale,
    key: str,
    amount: int | None = None,
    lines: Mapping[int, int] | None = None,
    reason: str,
    cashier: Staff | None,
) -> Refund:
    """Undo a sale or a part of it: the money, and in proportion everything it credited, from the same lots.

    `amount` in minor units, None for all that is left; or `lines`, amounts by the position of the line. What is taken
    back is computed on the cumulative refunded amount, so that any parts sum to exactly what was earned. Points
    spent already are owed, let off or charged, as the business says (`PointsSettings.if_spent`). Raises `InvalidInput`
    (field `amount`, `lines`, `reason`), `StaleQuote` when somebody refunded, or spent such points, at the same moment,
    and `KeyUsedBefore`.
    """
    by_line = () if lines is None else (sorted(lines.items()),)
    fingerprint = request_hash("refund", sale.public_id, amount, reason, *by_line)
    if (known := _done_before(Refund, key, fingerprint)) is not None:
        return known
    present = Sale.objects.select_related("member", "transaction", "branch").get(pk=sale.pk)
    try:
        preview = undoing_of(present, amount, lines)
    except (InvalidInput, StaleQuote):  # perhaps of this very request, which came twice
        if (known := _done_before(Refund, key, fingerprint)) is not None:
            return known
        raise
    document = _refund_document(
        present,
        preview=preview,
        key=key,
        fingerprint=fingerprint,
        cashier=cashier,
        reason=plain_text(reason, field="reason", longest=200, required=False),
    )
    answer = call("sales_refund", document)
    if present.member is not None and not answer["repeated"] and refunds_count_at_once():
        evaluate(member=present.member, at="refund")
    wake_after_commit()
    return Refund.objects.select_related("sale").get(pk=answer["refund"])


def _refund_document(
    sale: Sale, *, preview: Undoing, key: str, fingerprint: str, cashier: Staff | None, reason: str
) -> dict[str, Any]:
    """A refund as the SQL function `sales_refund` reads it."""
    now, public_id = clock.now(), new_public_id("ref")
    actor = cashier.public_id if cashier else ""
    legs = take_back_legs(sale, preview)
    return {
        "occurred_at": now.isoformat(),
        "hour": clock.hour_of(now, sale.branch.zone),
        "refunded_before": sale.refunded_total,
        **preview.documents(),
        "wallet": sale.member.wallet_id if sale.member else None,
        "payments": payments_back(preview, refund=public_id, reason=reason, actor=actor),
        "gives_coupons_back": preview.refunded_after == sale.total,
        "refund": {
            "public_id": public_id,
            "key": key,
            "request_hash": fingerprint,
            "sale_id": sale.pk,
            "amount": preview.amount,
            "points_taken_back": preview.points_taken_back,
            "points_missing": preview.spent.missing,
            "points_charged": preview.spent.points_charged,
            "charged": preview.spent.charged,
            "payments": [part.words() for part in preview.payments],
            "reason": reason,
            "cashier_id": cashier.pk if cashier else None,
            "refunded_at": now.isoformat(),
            "business_date": clock.today(sale.branch.zone).isoformat(),
        },
        "posting": transaction_document(
            key=f"refund:{public_id}",
            kind="sale.refund",
            legs=legs,
            reason=reason,
            actor=actor,
            reverses=sale.transaction_id,
        )
        if legs
        else None,
        "events": [event_document(_refunded(sale, preview, refund=public_id, at=now))],
        "trail": _refund_noted(sale, preview, actor=actor, reason=reason),
    }


def _refunded(sale: Sale, preview: Undoing, *, refund: str, at: dt.datetime) -> events.SaleRefunded:
    return events.SaleRefunded(
        event_id=new_event_id(),
        occurred_at=at,
        sale=sale.public_id,
        refund=refund,
        member=sale.member.public_id if sale.member else None,
        amount=preview.amount,
        refunded_total=preview.refunded_after,
        points_taken_back=preview.points_taken_back,
        charged=preview.spent.charged,
    )


def _refund_noted(sale: Sale, preview: Undoing, *, actor: str, reason: str) -> dict[str, Any]:
    return trail.document(
        act="sale.refunded",
        actor=actor,
        subject=sale.public_id,
        detail={
            "amount": preview.amount,
            "points_taken_back": preview.points_taken_back,
            **({"points_missing": preview.spent.missing} if preview.spent.missing else {}),
            **({"charged": preview.spent.charged} if preview.spent.charged else {}),
            "reason": reason,
        },
        before={"refunded_total": sale.refunded_total},
        after={"refunded_total": preview.refunded_after},
        branch_id=sale.branch_id,
    )
