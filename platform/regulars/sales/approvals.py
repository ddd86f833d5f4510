"""What of selling needs somebody's approval beyond a limit: giving money back, and downloading many sales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.money import format_count, format_money
from regulars.organisation.approvals import Asked, Change, Done, approvable, do_or_ask
from regulars.organisation.models import Staff
from regulars.organisation.permissions import require
from regulars.sales.models import Refund, Sale
from regulars.sales.refund_trial import moves_of_refund
from regulars.sales.selectors import refund_preview, sale_by_public_id
from regulars.sales.services import refund

REFUND = "counter.refund"


def refund_or_ask(
    *,
    sale: Sale,
    amount: int | None = None,
    lines: Mapping[int, int] | None = None,
    reason: str,
    by: Staff,
    key: str,
) -> Done | Asked:
    """Give money back, or ask for approval where the sale's refunds together are beyond the limit.

    Either `amount` (minor units) or `lines` (amounts by position) says how much. Raises what the refund raises,
    `NotAllowed`, and what asking raises.
    """
    amount = sum((lines or {}).values()) if amount is None else amount
    payload: dict[str, Any] = {"sale": sale.public_id, "amount": amount, "reason": reason}
    if lines is not None:
        payload["lines"] = {str(position): part for position, part in sorted(lines.items())}
    is_free = not sale.total and not amount  # gives no money back, which a limit could be about
    if is_free or Refund.objects.filter(key=key).exists():  # a repetition is answered, and weighed no second time
        require(by, REFUND, branch=sale.branch)
        return Done(result=refund_sale(payload=payload, by=by, key=key))
    if amount <= 0:
        refund_preview(sale, amount, lines)  # says what would be right
    return do_or_ask(
        act=REFUND,
        by=by,
        amount=amount,
        weighed=sale.refunded_total + amount,
        payload=payload,
        reason=reason,
        branch=sale.branch,
        subject=sale.public_id,
        key=key,
    )


def preview(payload: dict[str, Any]) -> list[Change]:
    """What goes back, and the sale before and after. Raises as the refund itself would."""
    sale = sale_by_public_id(payload["sale"])
    lines = _lines_of(payload)
    planned = refund_preview(sale, int(payload["amount"]), lines)
    changes = [
        Change(label=_("Receipt"), after=sale.number),
        *(Change(label=line.description, after=format_money(part, sale.currency)) for line, part in planned.lines),
        Change(label=_("Money to the customer"), after=format_money(planned.paid_back, sale.currency)),
        Change(
            label=_("Left of this sale"),
            before=format_money(sale.total - sale.refunded_total, sale.currency),
            after=format_money(planned.left_after, sale.currency),
        ),
    ]
    if sale.member is not None:
        changes.append(
            Change(
                label=_("Points taken back"),
                before=format_count(sale.points_taken_back),
                after=format_count(sale.points_taken_back + planned.points_taken_back),
            )
        )
    changes += [Change(label=_("Points spent already"), after=note) for note in planned.notes]
    moves = moves_of_refund(sale, amount=None if lines else planned.amount, lines=lines)
    changes += [Change(label=_("Tier"), before=str(move.previous or ""), after=str(move.current)) for move in moves]
    return changes


def place(payload: dict[str, Any]) -> str:
    """Where the cashier sees how it went: the sale at the counter."""
    return f"/counter/sales/{payload['sale']}/"


@approvable(
    REFUND,
    label=gettext_lazy("Refund at the counter"),
    unit="money",
    limits={"": 500, "cashier": 500, "manager": None},
    preview=preview,
    place=place,
)
def refund_sale(*, payload: dict[str, Any], by: Staff, key: str) -> Refund:
    """Give the money back in the name of whoever asked. Raises as the refund does."""
    lines = _lines_of(payload)
    return refund(
        sale=sale_by_public_id(payload["sale"]),
        key=key,
        amount=None if lines else int(payload["amount"]),
        lines=lines,
        reason=payload["reason"],
        cashier=by,
    )


def _lines_of(payload: Mapping[str, Any]) -> dict[int, int] | None:
    """The lines that were chosen, None where only an amount was."""
    kept = payload.get("lines")
    return {int(position): int(part) for position, part in kept.items()} if kept else None
