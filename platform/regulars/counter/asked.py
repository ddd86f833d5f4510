"""What the counter shows of a refund that waits for somebody's approval, or that was just decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from regulars.counter.desk import Desk
from regulars.organisation.approvals import selectors
from regulars.organisation.models import Approval, ApprovalState
from regulars.sales.approvals import REFUND
from regulars.sales.models import Sale


@dataclass(frozen=True, kw_only=True)
class AskedRefund:
    """A refund that was asked for: the request, who can decide it, and whether this person asked."""

    approval: Approval
    is_open: bool
    is_mine: bool
    deciders: list[str]

    @property
    def is_done(self) -> bool:
        """Whether it was approved, and with that refunded."""
        return self.approval.state == ApprovalState.APPROVED

    @property
    def is_over(self) -> bool:
        """Whether nobody decided in time, noted or not."""
        return self.approval.state == ApprovalState.EXPIRED or (self.approval.is_waiting and not self.is_open)


def of_sale(request: HttpRequest, sale: Sale, desk: Desk) -> dict[str, Any]:
    """`asked`: the refund of this sale that waits, else the one that the address names; None for neither."""
    found = selectors.about(sale.public_id, act=REFUND)
    named = request.GET.get("asked")
    shown = next((one for one in found if selectors.is_open(one)), None) or next(
        (one for one in found if one.public_id == named and one.state != ApprovalState.APPROVED), None
    )
    return {"asked": told(shown, desk) if shown is not None else None}


def told(approval: Approval, desk: Desk) -> AskedRefund:
    """What to tell whoever stands at this till."""
    is_open = selectors.is_open(approval)
    return AskedRefund(
        approval=approval,
        is_open=is_open,
        is_mine=approval.requested_by_id == desk.staff.pk,
        deciders=[staff.name for staff in selectors.deciders(approval)] if is_open else [],
    )
