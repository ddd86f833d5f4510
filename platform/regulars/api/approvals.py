"""What waits for somebody's approval: an act beyond a limit, looked at again until it is decided."""

from __future__ import annotations

import datetime as dt

from ninja import Router, Schema
from pydantic import Field

from regulars.api.callers import Asking, MayCall
from regulars.errors import NotFound
from regulars.organisation.approvals import selectors
from regulars.organisation.models import Approval

router = Router(tags=["approvals"])


class Waiting(Schema):
    """An act that somebody else has to approve; nothing is done before."""

    approval: str
    act: str
    state: str = Field(description="“requested”, “approved”, “refused”, “withdrawn” or “expired”.")
    amount: int = Field(description="Minor units or points, as the act has it.")
    reason: str
    note: str = Field(description="What whoever decided wrote.")
    result: str = Field(description="The public id of what was done once it was approved, else empty.")
    requested_at: dt.datetime
    expires_at: dt.datetime


@router.get("/approvals/{public_id}", response=Waiting, summary="One approval", auth=MayCall("approvals.read"))
def one_approval(request: Asking, public_id: str) -> Waiting:
    """How a request stands that this token's person made. 404 for any other."""
    found = selectors.approval_by_public_id(public_id)
    caller = request.auth
    if found.requested_by_id != caller.staff.pk or found.branch_id != caller.branch.pk:
        raise NotFound
    return waiting(found)


def waiting(approval: Approval) -> Waiting:
    """A request as it is told."""
    state = approval.state
    if approval.is_waiting and not selectors.is_open(approval):
        state = "expired"
    return Waiting(
        approval=approval.public_id,
        act=approval.act,
        state=state,
        amount=approval.amount,
        reason=approval.reason,
        note=approval.note,
        result=approval.result,
        requested_at=approval.requested_at,
        expires_at=approval.expires_at,
    )
