"""A sale in the words of a receipt: what the customer reads on paper and the cashier reads aloud."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.counter.masking import masked_contact, masked_name
from regulars.counter.shifts.reports import source_label
from regulars.ledger.selectors import POINTS, balance
from regulars.loyalty.models import TierMove
from regulars.money import format_count, format_money
from regulars.sales.models import Sale, SalePayment
from regulars.sales.paying import CASH

MOMENT = dt.timedelta(seconds=2)
"""A sale and the tier it lifts its member to are posted together, each with its own reading of the clock."""


def lines_of(sale: Sale) -> list[dict[str, Any]]:
    """The lines as the receipt component takes them."""
    return [
        {
            "name": line.description,
            "quantity": line.quantity if line.quantity > 1 else None,
            "list_amount": format_money(line.list_amount, sale.currency) if line.list_amount != line.amount else "",
            "amount": format_money(line.amount, sale.currency),
        }
        for line in sale.lines.all()
    ]


def reductions_of(sale: Sale) -> list[dict[str, str]]:
    """Each change of the price with its reason, one under another, after the list total they start from."""
    steps = sale.explanation.get("steps", [])
    if not steps:
        return []
    listed = {"label": _("List price"), "value": format_money(sale.list_total, sale.currency)}
    return [
        listed,
        *({"label": step["reason"], "value": format_money(step["amount"], sale.currency)} for step in steps),
    ]


def facts_of(sale: Sale) -> list[dict[str, str]]:
    """What stands below the total: how it was paid, the change, what was given back, points."""
    facts = [
        {"label": source_label(part.source), "value": paid_with(part, sale.currency)} for part in sale.payments.all()
    ]
    if (cash := cash_of(sale)) is not None and cash.received:
        facts.append({"label": _("Cash received"), "value": format_money(cash.received, sale.currency)})
        facts.append({"label": _("Change due"), "value": format_money(change_of(sale), sale.currency)})
    elif sale.payment_source == CASH and sale.received:
        facts.append({"label": _("Cash received"), "value": format_money(sale.received, sale.currency)})
        facts.append({"label": _("Change due"), "value": format_money(change_of(sale), sale.currency)})
    if sale.refunded_total:
        charged = sum(refund.charged for refund in sale.refunds.all())
        facts.append({"label": _("Given back"), "value": format_money(charged - sale.refunded_total, sale.currency)})
        if charged:
            facts.append({"label": _("Kept back for points"), "value": format_money(charged, sale.currency)})
    if sale.member:
        facts.append({"label": _("Points earned"), "value": format_count(sale.points_earned)})
        if sale.points_taken_back:
            facts.append({"label": _("Points taken back"), "value": format_count(-sale.points_taken_back)})
        facts.append({"label": _("Points now"), "value": format_count(balance(sale.member.wallet_id))})
    return facts


def paid_with(part: SalePayment, currency: str) -> str:
    """What was paid in one of several ways: the money, and the points or units it took."""
    money = format_money(part.amount, currency)
    return f"{money} ({format_count(part.units)})" if part.asset == POINTS else money


def cash_of(sale: Sale) -> SalePayment | None:
    """The cash among several ways of paying, None where there are not several or none of them is cash."""
    return next((part for part in sale.payments.all() if part.source == CASH), None)


def change_of(sale: Sale) -> int:
    """What was handed back of the cash received, minor units."""
    if (cash := cash_of(sale)) is not None:
        return max(0, cash.received - cash.amount)
    return max(0, sale.received - sale.total) if sale.payment_source == CASH else 0


def read_aloud(sale: Sale) -> list[str]:
    """The sentences for the cashier to say: change, points and a new tier."""
    words = []
    if change := change_of(sale):
        words.append(_("%(amount)s change.") % {"amount": format_money(change, sale.currency)})
    if sale.member is None:
        return words
    points, earned = balance(sale.member.wallet_id), sale.points_earned
    if earned:
        words.append(
            ngettext(
                "%(earned)s point earned, you now have %(points)s.",
                "%(earned)s points earned, you now have %(points)s.",
                earned,
            )
            % {"earned": format_count(earned), "points": format_count(points)}
        )
    if (tier := new_tier(sale)) is not None:
        words.append(_("You are now %(tier)s.") % {"tier": tier})
    return words


def new_tier(sale: Sale) -> str | None:
    """The tier that this very sale lifted its member to, None when it did not."""
    if sale.member_id is None:
        return None
    within = (sale.confirmed_at, sale.confirmed_at + MOMENT)
    moves = TierMove.objects.select_related("current").filter(member_id=sale.member_id, moved_at__range=within)
    move = moves.order_by("id").first()
    return str(move.current) if move else None


def buyer_of(sale: Sale) -> str:
    """Whose receipt it is, so that the paper tells a finder nothing: initial and masked contact."""
    if sale.member is None:
        return ""
    name = masked_name(sale.member)
    return f"{name} · {masked_contact(sale.member)}" if name else masked_contact(sale.member)
