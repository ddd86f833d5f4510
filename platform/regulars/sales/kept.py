"""What a quote keeps beside its price, so that confirming it need not price the basket again.

Pricing asks much: rules, tiers, modules. None of it is asked a second time while what the price was based on stands as
it was: the same day, the same rules, modules and tier, row for row. The database itself compares that, in the call that
posts the sale. Where anything differs, or where a module has a say in prices, the basket is priced anew as ever; so it
is where a rule looks at more than the basket (at what the member did before, say).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from regulars import clock, hooks, plugins
from regulars.ledger.services import Leg
from regulars.loyalty.tiers.measures import foreign
from regulars.loyalty.tiers.selectors import tracks
from regulars.money import LARGEST_AMOUNT
from regulars.people.models import Member
from regulars.sales.models import Quote
from regulars.sales.paying import OUTSIDE, Payment
from regulars.sales.quoting import QuoteDraft
from regulars.sql_functions import prepared

ASKED = (hooks.quote_price, hooks.validate_sale, hooks.payment_sources, hooks.sale_contributions)
"""Where one of these is answered by a module, that module is asked again at confirming."""


def kept_with(priced: QuoteDraft, legs: list[Leg]) -> dict[str, Any] | None:
    """What the price was based on and what it leads to; None for a basket that is to be priced anew in any case.

    `credited` is there where the sale gives nothing but points, of rules that neither count up to a cap nor give once:
    then it is a plain sale, with a function of its own (`sales_confirm_kept`).
    """
    if plugins.is_asked(*ASKED) or priced.contributions or priced.refusals:
        return None
    if priced.coupons or priced.offset.points:
        return None
    if priced.member and not (priced.earned.is_settled and not any(foreign(on) for on in tracks())):
        return None
    basis = _basis_of(priced)
    if basis is None or not basis.startswith(priced.earned.rules):  # or a rule was changed while it was priced
        return None
    products = sorted({line.product for line in priced.lines if line.product})
    goods = _goods_basis_of(products, priced.member) if products else None
    if products and (goods is None or not goods.startswith(priced.policy)):  # or the policy was changed meanwhile
        return None
    now, member = clock.now(), priced.member
    awards = award_rows(priced, clock.day_of(now, priced.branch.zone))
    kept = {
        "basis": basis,
        "goods": goods,
        "products": products,
        "day": clock.day_of(now, priced.branch.zone).isoformat(),
        "zone": priced.branch.zone,
        "branch": priced.branch.public_id,
        "member": member.public_id if member else None,
        "wallet": member.wallet_id if member else None,
        "tier": priced.tier.pk if priced.tier else None,
        "discount": priced.tier.discount if priced.tier else None,
        "legs": [_without_instants(leg, now) for leg in legs],
        "earned": priced.earned.explanation,
        "awards": awards,
    }
    is_plain = not any(award["occasion"] or award["counted"] for award in awards)
    return {**kept, "credited": sum(leg.amount for leg in legs)} if is_plain else kept


def award_rows(priced: QuoteDraft, day: dt.date) -> list[dict[str, Any]]:
    """Which rule gives how much; `occasion` is empty for what every sale may give, and then the sale's own."""
    if priced.member is None:
        return []
    return [share.row(member=priced.member.pk, occasion="", on=day) for share in priced.earned.shares]


def _basis_of(priced: QuoteDraft) -> str | None:
    schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
    basis: str | None = prepared(
        f"SELECT {schema}.sales_based_on(%s::bigint, %s::bigint, %s::bigint)",
        priced.member.pk if priced.member else None,
        priced.tier.pk if priced.tier else None,
        priced.tier.discount if priced.tier else None,
    )
    return basis


def _goods_basis_of(products: list[str], member: Member | None) -> str | None:
    schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
    basis: str | None = prepared(
        f"SELECT {schema}.sales_goods_basis(%s::text[], %s::bigint)", products, member.pk if member else None
    )
    return basis


def _without_instants(leg: Leg, now: dt.datetime) -> dict[str, Any]:
    """A leg whose first usable instant is counted from the sale, which comes later than the quote."""
    document = leg.as_document()
    document.pop("available_from", None)
    waits = (leg.available_from - now).days if leg.available_from and leg.available_from > now else 0
    return {**document, "waits": waits} if waits else document


def kept_legs(kept: Mapping[str, Any], now: dt.datetime) -> list[dict[str, Any]]:
    """The legs of a quote at the instant of its sale."""
    return [
        {**leg, "available_from": (now + dt.timedelta(days=leg["waits"])).isoformat()} if "waits" in leg else leg
        for leg in kept["legs"]
    ]


def still_kept(quote: Quote, payments: Sequence[Payment]) -> dict[str, Any] | None:
    """What a quote keeps, while it may be confirmed by it; None where the basket is to be looked at anew."""
    kept: dict[str, Any] | None = quote.content.get("kept")
    if kept is None or len(payments) != 1 or quote.expires_at <= (now := clock.now()):
        return None
    payment, total = payments[0], quote.content["total"]
    if payment.source not in OUTSIDE or payment.amount != total or payment.reference:
        return None
    if kept["day"] != clock.day_of(now, kept["zone"]).isoformat():
        return None
    return kept if not payment.received or total <= payment.received <= LARGEST_AMOUNT else None
