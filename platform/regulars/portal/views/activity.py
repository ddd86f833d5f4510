"""What happened: each change of points with its balance, each purchase with its refunds, each receipt."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from regulars import money
from regulars.errors import NotFound
from regulars.ledger import selectors as ledger
from regulars.people.models import Member
from regulars.portal import history
from regulars.portal.admission import members_only
from regulars.portal.days import said_instant
from regulars.portal.pages import page
from regulars.sales import selectors as sales
from regulars.sales.models import Sale


@members_only
@require_safe
def points(request: HttpRequest, member: Member) -> HttpResponse:
    """The history of points, newest first, with the running balance."""
    before = _cursor(request)
    context = {
        "history": history.changes_of(member, before=before),
        "balance": ledger.balance(member.wallet),
        "is_first_page": not before,
    }
    return page(request, member, "portal/activity.html", section="activity", context=context)


@members_only
@require_safe
def purchases(request: HttpRequest, member: Member) -> HttpResponse:
    """The history of purchases, newest first."""
    before = _cursor(request)
    context = {"history": history.purchases_of(member, before=before), "is_first_page": not before}
    return page(request, member, "portal/purchases.html", section="activity", context=context)


@members_only
@require_safe
def receipt(request: HttpRequest, member: Member, sale_id: str) -> HttpResponse:
    """One receipt of the member's own; anybody else's does not exist here. Raises `NotFound`."""
    sale = sales.sale_by_public_id(sale_id)
    if sale.member_id != member.pk:
        raise NotFound
    context = {
        "sale": sale,
        "number": sale.number,
        "when": said_instant(sale.confirmed_at),
        "lines": _lines(sale),
        "total": money.format_money(sale.total, sale.currency),
        "steps": sale.explanation.get("steps", []),
        "points_kept": sale.points_earned - sale.points_taken_back,
    }
    return page(request, member, "portal/receipt.html", section="activity", context=context)


def _lines(sale: Sale) -> list[dict[str, Any]]:
    """The lines as the receipt shows them: what was charged, and the list price where it was higher."""
    return [
        {
            "name": line.description,
            "quantity": line.quantity if line.quantity > 1 else 0,
            "amount": money.format_money(line.amount, sale.currency),
            "list_amount": money.format_money(line.list_amount, sale.currency)
            if line.list_amount != line.amount
            else "",
        }
        for line in sale.lines.all()
    ]


def _cursor(request: HttpRequest) -> str:
    """The public id to go on from; anything that cannot be one starts at the newest."""
    text = request.GET.get("before", "")
    return text if re.fullmatch(r"[a-z]{3}_[0-9a-z]{1,20}", text) else ""
