"""A sale as the one function in SQL reads it: written from a basket that was priced, or from what a quote keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from regulars import clock, events
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg
from regulars.loyalty.tiers.standing import evaluation_document
from regulars.operations import trail
from regulars.operations.outbox import new_event_id
from regulars.organisation.models import Staff, Terminal
from regulars.people.models import Member
from regulars.public_ids import new_public_id, new_public_ids
from regulars.sales.kept import award_rows, kept_legs
from regulars.sales.models import Quote
from regulars.sales.paying import Part, Payment, rows_of, source_of
from regulars.sales.quoting import QuoteDraft


def legs_of(priced: QuoteDraft) -> list[Leg]:
    """What the sale credits: points by rule, each with its own days, and what modules contribute."""
    if priced.member is None:
        return []
    wallet, today, now = priced.member.wallet_id, clock.today(priced.branch.zone), clock.now()
    tier = priced.tier.code if priced.tier else ""
    legs = [each.leg(wallet=wallet, on=today, now=now, tier=tier) for each in priced.earned.shares]
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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request to confirm a quote: under which key, by whom and where, and paid with what."""

    quote: Quote
    key: str
    fingerprint: str
    cashier: Staff | None
    terminal: Terminal | None
    payments: tuple[Payment, ...]

    @property
    def actor(self) -> str:
        """The public id of who asks, empty for nobody of the staff."""
        return self.cashier.public_id if self.cashier else ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a sale is written from: who and where, what the priced basket leads to, and the parts that pay it.

    Without `parts` it is paid with the one payment that was asked for.
    """

    now: dt.datetime
    day: dt.date
    hour: int
    branch: str
    total: int
    points: int
    wallet: int | None
    member: Member | None
    content: dict[str, Any]
    legs: list[dict[str, Any]]
    earned: dict[str, Any] | None
    awards: list[dict[str, Any]]
    parts: tuple[Part, ...] = ()
    asks_modules: bool = True


def terms_of(priced: QuoteDraft) -> Terms:
    """The terms of a basket that was priced just now."""
    now, legs, zone = clock.now(), legs_of(priced), priced.branch.zone
    return Terms(
        now=now,
        day=clock.day_of(now, zone),
        hour=clock.hour_of(now, zone),
        branch=priced.branch.public_id,
        total=priced.total,
        points=sum(leg.amount for leg in legs if leg.asset == POINTS),
        wallet=priced.member.wallet_id if priced.member else None,
        member=priced.member,
        content=priced.content(),
        legs=[leg.as_document() for leg in legs],
        earned=priced.earned.explanation,
        awards=award_rows(priced, clock.day_of(now, zone)),
    )


def kept_terms(quote: Quote, kept: dict[str, Any]) -> Terms:
    """The terms that a quote keeps."""
    now = clock.now()
    legs = kept_legs(kept, now)
    return Terms(
        now=now,
        day=dt.date.fromisoformat(kept["day"]),
        hour=clock.hour_of(now, kept["zone"]),
        branch=kept["branch"],
        total=quote.content["total"],
        points=sum(leg["amount"] for leg in legs if leg["asset"] == POINTS),
        wallet=kept["wallet"],
        member=_known_member(quote, kept),
        content=quote.content,
        legs=legs,
        earned=kept["earned"],
        awards=kept["awards"],
        asks_modules=False,  # or nothing would have been kept
    )


def _known_member(quote: Quote, kept: dict[str, Any]) -> Member | None:
    """The member of a quote by what it keeps of them; the rest is asked for only where somebody wants to know it."""
    if quote.member_id is None or Quote.member.is_cached(quote):
        return quote.member
    return Member.from_db(connection.alias, ["id", "public_id"], [quote.member_id, kept["member"]])


def sale_row(terms: Terms, asked: Asked) -> dict[str, Any]:
    """The columns of a sale, but for those that the database fills in."""
    shown, paid = asked.quote.content, terms.parts or tuple(Part(payment=each) for each in asked.payments)
    return {
        "public_id": new_public_id("sal"),
        "key": asked.key,
        "request_hash": asked.fingerprint,
        "member_id": terms.member.pk if terms.member else None,
        "branch_id": asked.quote.branch_id,
        "terminal_id": asked.terminal.pk if asked.terminal else None,
        "cashier_id": asked.cashier.pk if asked.cashier else None,
        "currency": terms.content["currency"],
        "list_total": terms.content["list_total"],
        "discount_total": terms.content["list_total"] - terms.total,
        "total": terms.total,
        "points_earned": terms.points,
        "payment_source": source_of(paid),
        "received": sum(part.payment.received or part.payment.amount for part in paid if not part.asset),
        "explanation": {
            "steps": shown["steps"],
            "awards": shown["awards"],
            "tier": shown["tier"],
            "earned": terms.earned,
        },
        "contributions": terms.content["contributions"],
        "confirmed_at": terms.now.isoformat(),
        "business_date": terms.day.isoformat(),
    }


def sale_document(terms: Terms, sale: dict[str, Any], *, quote: Quote, actor: str) -> dict[str, Any]:
    """A sale (see `sale_row`) as the SQL function `sales_confirm` reads it."""
    return {
        "occurred_at": sale["confirmed_at"],
        "hour": terms.hour,
        "sale": sale,
        "lines": [{**line, "position": position} for position, line in enumerate(quote.content["lines"], start=1)],
        "payments": [
            part.document(
                wallet=terms.wallet, branch=terms.branch, sale=sale["public_id"], number=number, actor=actor[:80]
            )
            for number, part in enumerate(rows_of(terms.parts), start=1)
        ],
        "goods": [
            {"product": line["product"], "quantity": line["quantity"]}
            for line in quote.content["lines"]
            if line.get("product")
        ],
        "coupons": [{"coupon": each["coupon"], "amount": each["amount"]} for each in quote.content.get("coupons", ())],
        "posting": _posting(terms, sale, actor) if terms.legs else None,
        "wallet": terms.wallet,
        "points_place": f"{terms.wallet}:{POINTS}" if terms.member else "",
        "awards": [{**row, "occasion": row["occasion"] or f"sale:{sale['public_id']}"} for row in terms.awards],
        **_aside(terms, sale=sale["public_id"], actor=actor, branch=quote.branch_id),
    }


def plain_document(asked: Asked, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A sale as `sales_confirm_kept` reads it: what the row of its quote does not know yet."""
    quote, now, zone = asked.quote, clock.now(), kept["zone"]
    sale, transaction, posted, credited, moved = new_public_ids("sal", "txn", "evt", "evt", "evt")
    entry = trail.entry(
        act="sale.confirmed",
        actor=asked.actor,
        subject=sale,
        detail={"total": quote.content["total"], "points": kept["credited"]},
        branch_id=quote.branch_id,
    )
    (payment,) = asked.payments
    return {
        "quote": quote.pk,
        "key": asked.key,
        "request_hash": asked.fingerprint,
        "public_id": sale,
        "transaction_public_id": transaction,
        "posted": posted,
        "credited": credited,
        "moved": moved,
        "actor": entry["actor"],
        "cashier": asked.cashier.pk if asked.cashier else None,
        "terminal": asked.terminal.pk if asked.terminal else None,
        "payment_source": payment.source,
        "received": payment.received or payment.amount,
        "at": now.isoformat(),
        "hour": clock.hour_of(now, zone),
        "ledger_day": clock.day_of(now).isoformat(),
        "trail_door": entry["door"],
        "trail_terminal": entry["terminal"],
        "trail_address": entry["address"],
        "trail_at": entry["occurred_at"].isoformat(),
        "trail_hash": entry["hash"],
    }


def plain_row(
    asked: Asked, kept: Mapping[str, Any], document: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, Any]:
    """The row that `sales_confirm_kept` wrote of such a document, by its columns."""
    content = asked.quote.content
    return {
        **by_the_database(answer),
        "public_id": document["public_id"],
        "key": document["key"],
        "request_hash": document["request_hash"],
        "member_id": asked.quote.member_id,
        "branch_id": asked.quote.branch_id,
        "terminal_id": document["terminal"],
        "cashier_id": document["cashier"],
        "currency": content["currency"],
        "list_total": content["list_total"],
        "discount_total": content["list_total"] - content["total"],
        "total": content["total"],
        "points_earned": kept["credited"],
        "payment_source": document["payment_source"],
        "received": document["received"],
        "explanation": {
            "steps": content["steps"],
            "awards": content["awards"],
            "tier": content["tier"],
            "earned": kept["earned"],
        },
        "contributions": [],
        "confirmed_at": dt.datetime.fromisoformat(document["at"]),
        "business_date": dt.date.fromisoformat(kept["day"]),
    }


def by_the_database(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a sale that the function that wrote it filled in."""
    return {
        "id": answer["sale"],
        "number": answer["number"],
        "transaction_id": answer["transaction"],
        "refunded_total": 0,
        "points_taken_back": 0,
    }


def _aside(terms: Terms, *, sale: str, actor: str, branch: int) -> dict[str, Any]:
    """What a sale leads to beside its own rows: a look at the member's tier, facts and the trail."""
    member = terms.member
    return {
        "evaluation": evaluation_document(member=member, asks_modules=terms.asks_modules) if member else None,
        "events": [event_document(fact) for fact in _facts_of(terms, sale=sale)],
        "trail": trail.document(
            act="sale.confirmed",
            actor=actor,
            subject=sale,
            detail={"total": terms.total, "points": terms.points},
            branch_id=branch,
        ),
    }


def _posting(terms: Terms, sale: dict[str, Any], actor: str) -> dict[str, Any]:
    """The ledger's part of a sale; what tells its request from another is what tells the sale's."""
    return {
        "public_id": new_public_id("txn"),
        "key": f"sale:{sale['public_id']}",
        "request_hash": sale["request_hash"],
        "kind": "sale",
        "reverses": None,
        "actor": actor[:80],
        "occurred_at": terms.now.isoformat(),
        "business_date": clock.day_of(terms.now).isoformat(),
        "legs": terms.legs,
    }


def _facts_of(terms: Terms, *, sale: str) -> Iterator[events.Event]:
    """What a sale announces; the database fills in the balance that the points led to."""
    member = terms.member
    yield events.SalePosted(
        event_id=new_event_id(),
        occurred_at=terms.now,
        sale=sale,
        member=member.public_id if member else None,
        branch=terms.branch,
        total=terms.total,
        currency=terms.content["currency"],
        points_earned=terms.points,
        business_date=terms.day,
    )
    if member and terms.points:
        yield events.PointsCredited(
            event_id=new_event_id(),
            occurred_at=terms.now,
            member=member.public_id,
            points=terms.points,
            balance=0,
            reason="sale",
        )


def event_document(fact: events.Event) -> dict[str, Any]:
    """A fact as the SQL functions write it."""
    return {"event_id": fact.event_id, "name": events.NAMES[type(fact)], "payload": events.to_payload(fact)}
