"""The acts of selling: quote, confirm, refund. Confirm and refund are one call into the database, safe to repeat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock, events
from regulars.errors import InvalidInput, KeyUsedBefore, RegularsError, StaleQuote
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg, request_hash, transaction_document
from regulars.loyalty.points.selectors import active_rules, expiry_of, points_for
from regulars.loyalty.tiers.standing import evaluation_document
from regulars.money import LARGEST_AMOUNT, format_money, portion
from regulars.operations import trail
from regulars.operations.outbox import new_event_id, wake_after_commit
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.people.models import Member
from regulars.public_ids import new_public_id
from regulars.sales.models import Quote, Refund, Sale
from regulars.sales.quoting import LineRequest, QuoteDraft, draft, read
from regulars.sql_functions import call
from regulars.text import plain_text

QUOTE_LIFE = dt.timedelta(minutes=30)
ISSUED = "points.issued"
Done = TypeVar("Done", Sale, Refund)


def quote(*, branch: Branch, member: Member | None = None, lines: Sequence[LineRequest]) -> Quote:
    """Price a basket and keep the price for thirty minutes. Raises `InvalidInput` naming the field."""
    priced = draft(branch=branch, member=member, lines=lines)
    now = clock.now()
    return Quote.objects.create(
        member=member,
        branch=branch,
        content=priced.content(),
        fingerprint=priced.fingerprint(),
        quoted_at=now,
        expires_at=now + QUOTE_LIFE,
    )


@transaction.atomic
def confirm(
    *,
    quote: Quote,
    key: str,
    cashier: Staff | None,
    terminal: Terminal | None = None,
    received: int = 0,
    payment_source: str = "cash",
) -> Sale:
    """Post the sale of a quote: receipt, points, tier, facts. The same key gives the same sale again.

    `received` is the cash handed over (minor units, 0 for exactly the total). Raises `StaleQuote` when the price no
    longer holds, `InvalidInput` for too little cash, an unknown payment source or a module's veto, and `KeyUsedBefore`.
    """
    fingerprint = request_hash("confirm", quote.public_id, received, payment_source)
    _key(key)
    try:
        priced = _still_holding(quote)
        _check_payment(priced, received=received, payment_source=payment_source)
    except RegularsError:
        if (known := _done_before(Sale, key, fingerprint)) is not None:
            return known
        raise
    document = _sale_document(
        priced,
        quote=quote,
        key=key,
        fingerprint=fingerprint,
        cashier=cashier,
        terminal=terminal,
        received=received or priced.total,
        payment_source=payment_source,
    )
    answer = call("sales_confirm", document)
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


def _still_holding(quote: Quote) -> QuoteDraft:
    if quote.expires_at <= clock.now():
        raise StaleQuote
    if quote.member_id:
        quote.member = Member.objects.select_related("standing__tier").get(pk=quote.member_id)
    priced = read(quote)
    if priced.fingerprint() != quote.fingerprint:
        raise StaleQuote
    return priced


def _check_payment(priced: QuoteDraft, *, received: int, payment_source: str) -> None:
    if priced.refusals:
        raise InvalidInput(str(priced.refusals[0].reason), field=priced.refusals[0].field)
    source = next((source for source in priced.payment_sources if source.code == payment_source), None)
    if source is None:
        raise InvalidInput(_("This way of paying is not offered here."), field="payment_source")
    if source.largest is not None and source.largest < priced.total:
        raise InvalidInput(_("This way of paying does not cover the total."), field="payment_source")
    if received and not priced.total <= received <= LARGEST_AMOUNT:
        raise InvalidInput(
            _("This is less than the total. Enter at least %(total)s.")
            % {"total": format_money(priced.total, priced.currency)},
            field="received",
        )


def _legs(priced: QuoteDraft) -> list[Leg]:
    """What the sale credits: points by rule, each with its own days, and what modules contribute."""
    if priced.member is None:
        return []
    wallet, today, now = priced.member.wallet_id, clock.today(), clock.now()
    awards = points_for(priced.total, active_rules())
    if [(award.rule.name, award.points) for award in awards] != [*priced.awards]:
        raise StaleQuote  # a rule was changed while it was priced
    legs = [
        Leg(
            wallet=wallet,
            asset=POINTS,
            amount=award.points,
            house=ISSUED,
            available_from=now + dt.timedelta(days=award.rule.pending_days),
            expires_at=expiry_of(award.rule, today),
        )
        for award in awards
    ]
    legs += [
        Leg(
            wallet=wallet,
            asset=credit.asset,
            amount=credit.amount,
            house=f"{credit.asset}.issued"[:40],
            available_from=credit.available_from,
            expires_at=credit.expires_at,
        )
        for contribution in priced.contributions
        for credit in contribution.credits
        if credit.amount > 0
    ]
    return legs


def _sale_document(
    priced: QuoteDraft,
    *,
    quote: Quote,
    key: str,
    fingerprint: str,
    cashier: Staff | None,
    terminal: Terminal | None,
    received: int,
    payment_source: str,
) -> dict[str, Any]:
    now, today, member = clock.now(), clock.today(priced.branch.zone), priced.member
    content, public_id, legs = quote.content, new_public_id("sal"), _legs(priced)
    points = sum(leg.amount for leg in legs if leg.asset == POINTS)
    actor = cashier.public_id if cashier else ""
    return {
        "occurred_at": now.isoformat(),
        "hour": clock.hour_of(now, priced.branch.zone),
        "sale": {
            "public_id": public_id,
            "key": key,
            "request_hash": fingerprint,
            "number": "",
            "member_id": member.pk if member else None,
            "branch_id": priced.branch.pk,
            "terminal_id": terminal.pk if terminal else None,
            "cashier_id": cashier.pk if cashier else None,
            "currency": priced.currency,
            "list_total": priced.list_total,
            "discount_total": priced.discount_total,
            "total": priced.total,
            "points_earned": points,
            "payment_source": payment_source,
            "received": received,
            "explanation": {"steps": content["steps"], "awards": content["awards"], "tier": content["tier"]},
            "contributions": priced.content()["contributions"],
            "confirmed_at": now.isoformat(),
            "business_date": today.isoformat(),
        },
        "lines": [{**line, "position": position} for position, line in enumerate(content["lines"], start=1)],
        "posting": transaction_document(key=f"sale:{public_id}", kind="sale", legs=legs, actor=actor) if legs else None,
        "points_place": f"{member.wallet_id}:{POINTS}" if member else "",
        "evaluation": evaluation_document(member=member, may_fall=False) if member else None,
        "events": [_event(fact) for fact in _facts_of(priced, sale=public_id, points=points, at=now, day=today)],
        "trail": trail.document(
            act="sale.confirmed",
            actor=actor,
            subject=public_id,
            detail={"total": priced.total, "points": points},
            branch_id=priced.branch.pk,
        ),
    }


def _facts_of(priced: QuoteDraft, *, sale: str, points: int, at: dt.datetime, day: dt.date) -> Iterator[events.Event]:
    """What a sale announces; the database fills in the balance that the points led to."""
    member = priced.member
    yield events.SalePosted(
        event_id=new_event_id(),
        occurred_at=at,
        sale=sale,
        member=member.public_id if member else None,
        branch=priced.branch.public_id,
        total=priced.total,
        currency=priced.currency,
        points_earned=points,
        business_date=day,
    )
    if member and points:
        yield events.PointsCredited(
            event_id=new_event_id(), occurred_at=at, member=member.public_id, points=points, balance=0, reason="sale"
        )


def _event(fact: events.Event) -> dict[str, Any]:
    return {"event_id": fact.event_id, "name": events.NAMES[type(fact)], "payload": events.to_payload(fact)}


@transaction.atomic
def refund(*, sale: Sale, key: str, amount: int | None = None, reason: str, cashier: Staff | None) -> Refund:
    """Undo a sale or a part of it: the money, and in proportion everything it credited, from the same lots.

    `amount` in minor units, None for all that is left. What is taken back is computed on the cumulative refunded
    amount, so that any parts sum to exactly what was earned. Raises `InvalidInput` (field `amount`, `reason`),
    `StaleQuote` when somebody refunded at the same moment, and `KeyUsedBefore`.
    """
    fingerprint = request_hash("refund", sale.public_id, amount, reason)
    if (known := _done_before(Refund, key, fingerprint)) is not None:
        return known
    present = Sale.objects.select_related("member", "transaction", "branch").get(pk=sale.pk)
    try:
        preview = preview_refund(present, amount)
    except InvalidInput:
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
    wake_after_commit()
    return Refund.objects.select_related("sale").get(pk=answer["refund"])


def preview_refund(sale: Sale, amount: int | None) -> dict[str, int]:
    """What a refund gives and takes: `amount`, `refunded_after` (minor units) and `points_taken_back`.

    Raises `InvalidInput` when nothing is left, or more is asked for than is left.
    """
    left = sale.total - sale.refunded_total
    if left <= 0:
        raise InvalidInput(_("This sale is already fully refunded."), field="amount")
    chosen = left if amount is None else amount
    if not 0 < chosen <= left:
        raise InvalidInput(
            _("Enter an amount up to %(left)s, which is what is left.") % {"left": format_money(left, sale.currency)},
            field="amount",
        )
    after = sale.refunded_total + chosen
    taken = portion(sale.points_earned, after, sale.total) - sale.points_taken_back
    return {"amount": chosen, "refunded_after": after, "points_taken_back": taken}


def _take_back_legs(sale: Sale, after: int) -> list[Leg]:
    """The debits that undo this part: per asset, cumulative portion now minus cumulative portion before."""
    if sale.transaction_id is None:
        return []
    credited: dict[tuple[int, str], int] = {}
    houses: dict[str, str] = {}
    for posting in sale.transaction.postings.select_related("account"):  # type: ignore[union-attr]
        if posting.account.wallet_id is None:
            houses[posting.account.asset] = posting.account.house
        elif posting.amount > 0:
            place = (posting.account.wallet_id, posting.account.asset)
            credited[place] = credited.get(place, 0) + posting.amount
    legs = []
    for (wallet, asset), earned in credited.items():
        back = portion(earned, after, sale.total) - portion(earned, sale.refunded_total, sale.total)
        if back:
            legs.append(
                Leg(wallet=wallet, asset=asset, amount=-back, house=houses[asset], take_back_of=sale.transaction_id)
            )
    return legs


def _refund_document(
    sale: Sale, *, preview: dict[str, int], key: str, fingerprint: str, cashier: Staff | None, reason: str
) -> dict[str, Any]:
    now, public_id = clock.now(), new_public_id("ref")
    actor = cashier.public_id if cashier else ""
    legs = _take_back_legs(sale, preview["refunded_after"])
    fact = events.SaleRefunded(
        event_id=new_event_id(),
        occurred_at=now,
        sale=sale.public_id,
        refund=public_id,
        member=sale.member.public_id if sale.member else None,
        amount=preview["amount"],
        refunded_total=preview["refunded_after"],
        points_taken_back=preview["points_taken_back"],
    )
    return {
        "occurred_at": now.isoformat(),
        "hour": clock.hour_of(now, sale.branch.zone),
        "refunded_before": sale.refunded_total,
        "refund": {
            "public_id": public_id,
            "key": key,
            "request_hash": fingerprint,
            "sale_id": sale.pk,
            "amount": preview["amount"],
            "points_taken_back": preview["points_taken_back"],
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
        "events": [_event(fact)],
        "trail": trail.document(
            act="sale.refunded",
            actor=actor,
            subject=sale.public_id,
            detail={
                "amount": preview["amount"],
                "points_taken_back": preview["points_taken_back"],
                "reason": reason,
            },
            before={"refunded_total": sale.refunded_total},
            after={"refunded_total": preview["refunded_after"]},
            branch_id=sale.branch_id,
        ),
    }
