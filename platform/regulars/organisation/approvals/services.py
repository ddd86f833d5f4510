"""The acts of approving: do it or ask, approve, refuse, withdraw, let expire.

A decision is one conditional UPDATE, so that of two windows, or of sixteen people, exactly one decides. What was
approved is done in that very transaction under a key made of the approval, so that it is done once or not at all.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput, KeyUsedBefore, NotAllowed, RegularsError
from regulars.money import LARGEST_AMOUNT
from regulars.operations.outbox import wake_after_commit
from regulars.operations.trail import record
from regulars.organisation.approvals import notices
from regulars.organisation.approvals.limits import exceeds
from regulars.organisation.approvals.refusals import (
    ActRefused,
    AlreadyDecided,
    AlreadyWaiting,
    ApprovalError,
    BeyondYourLimit,
    OwnRequest,
    TooLate,
)
from regulars.organisation.approvals.registry import Act, act_of
from regulars.organisation.models import Approval, ApprovalState, Branch, Staff
from regulars.organisation.permissions import allows
from regulars.organisation.scope import scope_of
from regulars.public_ids import new_public_id
from regulars.text import plain_text

LIFE = dt.timedelta(days=7)
"""How long a request waits for its decision."""
LONGEST_TEXT = 200


@dataclass(frozen=True, kw_only=True)
class Done:
    """It was within the limit and is done; `result` is what the act returned."""

    result: Any


@dataclass(frozen=True, kw_only=True)
class Asked:
    """It was beyond the limit; nothing is done before somebody else approves."""

    approval: Approval


@transaction.atomic
def do_or_ask(
    *,
    act: str,
    by: Staff,
    amount: int,
    payload: dict[str, Any],
    reason: str,
    branch: Branch | None = None,
    subject: str = "",
    key: str = "",
    weighed: int | None = None,
) -> Done | Asked:
    """Do an act that is within the limit of whoever does it, else ask for somebody's approval.

    `amount` is in the act's smallest unit and above zero, `payload` JSON, `subject` the public id of the record it is
    about. `weighed` is what is held against the limit, where that is more than this amount: a limit on a sale is not
    passed by parts. The same key does or asks once. Raises `UnknownAct`, `NotAllowed`, `InvalidInput` (field `amount`,
    `reason`), `AlreadyWaiting`, `KeyUsedBefore`, and whatever the act itself refuses.
    """
    found = act_of(act)
    _require_asker(by, found, branch)
    if not 0 < amount <= LARGEST_AMOUNT:
        raise InvalidInput(_("This amount is not possible. Check the number of zeros."), field="amount")
    reason = plain_text(reason, field="reason", longest=LONGEST_TEXT)
    if (known := _asked_before(key, act=act, by=by, payload=payload)) is not None:
        return Asked(approval=known)
    if not exceeds(by, act, max(amount, weighed or 0), branch=branch):
        return Done(result=found.perform(payload=payload, by=by, key=key or new_public_id("act")))
    if found.preview is not None:
        found.preview(payload)
    asked = {"amount": amount, "payload": payload, "reason": reason, "branch": branch, "subject": subject}
    return Asked(approval=_ask(found, by=by, key=key, **asked))


def _require_asker(staff: Staff, act: Act, branch: Branch | None) -> None:
    """What is counted in rows holds no more than the scope of whoever asks, so it belongs to no one branch."""
    is_inside = scope_of(staff).covers(branch) or (branch is None and act.unit == "rows")
    if not allows(staff, act.permission) or not is_inside:
        raise NotAllowed


def _asked_before(key: str, *, act: str, by: Staff, payload: dict[str, Any]) -> Approval | None:
    known = Approval.objects.filter(key=key).first() if key else None
    if known is not None and (known.act, known.requested_by_id, known.payload) != (act, by.pk, payload):
        raise KeyUsedBefore
    return known


def _ask(act: Act, *, by: Staff, key: str, **asked: Any) -> Approval:
    now = clock.now()
    approval = Approval(
        act=act.code,
        unit=act.unit,
        requested_by=by,
        requested_at=now,
        expires_at=now + LIFE,
        key=key[:80] or new_public_id("act"),
        **asked,
    )
    try:
        with transaction.atomic():
            approval.save(force_insert=True)
    except IntegrityError as error:
        if (known := _asked_before(key, act=act.code, by=by, payload=asked["payload"])) is not None:
            return known
        raise AlreadyWaiting from error
    _note(approval, "requested", by)
    notices.asked(approval)
    wake_after_commit()
    return approval


@transaction.atomic
def approve(*, approval: Approval, by: Staff, note: str = "") -> Approval:
    """Approve and do what was asked for, both or neither.

    Raises `OwnRequest`, `NotAllowed`, `BeyondYourLimit`, `AlreadyDecided`, `TooLate`, and `ActRefused` with the act's
    own words when it can no longer be done; it stays undecided then.
    """
    note = plain_text(note, field="note", longest=LONGEST_TEXT, required=False)
    act = act_of(approval.act)
    require_decider(approval, by, act)
    _require_present(approval.requested_by, act, approval.branch)
    if not claim(approval, state=ApprovalState.APPROVED, by=by, note=note):
        raise _why_not(approval)
    try:
        made = act.perform(payload=approval.payload, by=approval.requested_by, key=f"approval:{approval.public_id}")
    except RegularsError as refusal:
        raise ActRefused(refusal.message) from refusal
    Approval.objects.filter(pk=approval.pk).update(result=str(getattr(made, "public_id", made or ""))[:80])
    return _decided(approval, by)


@transaction.atomic
def refuse(*, approval: Approval, by: Staff, note: str) -> Approval:
    """Refuse, and say why; nothing of it is done.

    Raises `InvalidInput` (field `note`) without a reason, `OwnRequest`, `NotAllowed`, `AlreadyDecided` and `TooLate`.
    """
    note = plain_text(note, field="note", longest=LONGEST_TEXT)
    require_decider(approval, by, act_of(approval.act), is_refusing=True)
    if not claim(approval, state=ApprovalState.REFUSED, by=by, note=note):
        raise _why_not(approval)
    return _decided(approval, by)


@transaction.atomic
def withdraw(*, approval: Approval, by: Staff) -> Approval:
    """Take one's own request back. Raises `NotAllowed` for anybody else, `AlreadyDecided` when it was decided."""
    if by.pk != approval.requested_by_id:
        raise NotAllowed
    ended = Approval.objects.filter(pk=approval.pk, state=ApprovalState.REQUESTED)
    if not ended.update(state=ApprovalState.WITHDRAWN, decided_at=clock.now()):
        raise AlreadyDecided
    approval.refresh_from_db()
    _note(approval, "withdrawn", by)
    return approval


def expire_due(now: dt.datetime, limit: int = 500) -> dt.datetime | None:
    """Close what nobody decided in time, at most `limit`; returns when the next one is over, None when none waits."""
    waiting = Approval.objects.filter(state=ApprovalState.REQUESTED)
    with transaction.atomic():
        due = waiting.filter(expires_at__lte=now).order_by("expires_at").select_for_update(skip_locked=True)
        over = list(due.values_list("pk", flat=True)[:limit])
        Approval.objects.filter(pk__in=over).update(state=ApprovalState.EXPIRED, decided_at=now)
        for approval in Approval.objects.select_related("requested_by__user", "branch").filter(pk__in=over):
            _note(approval, "expired", None)
            notices.decided(approval)
    return next_expiry(now=now)


def next_expiry(*, now: dt.datetime) -> dt.datetime | None:
    """When the time of the next request is over that nobody has decided; None when none waits."""
    waiting = Approval.objects.filter(state=ApprovalState.REQUESTED)
    return waiting.order_by("expires_at").values_list("expires_at", flat=True).first()


def claim(approval: Approval, *, state: ApprovalState, by: Staff, note: str) -> bool:
    """Take the decision, if nobody has; whoever comes second waits for the first and then finds it taken."""
    now = clock.now()
    open_still = Approval.objects.filter(pk=approval.pk, state=ApprovalState.REQUESTED, expires_at__gt=now)
    return bool(open_still.update(state=state, decided_by=by, decided_at=now, note=note))


def require_decider(approval: Approval, by: Staff, act: Act, *, is_refusing: bool = False) -> None:
    """Raises `OwnRequest`, `NotAllowed` or `BeyondYourLimit` for whoever may not decide this; all may refuse alike."""
    if by.pk == approval.requested_by_id:
        raise OwnRequest
    may_decide = allows(by, "approvals.decide") and allows(by, act.permission)
    if not may_decide or not scope_of(by).covers(approval.branch):
        raise NotAllowed
    if not is_refusing and exceeds(by, act.code, approval.amount, branch=approval.branch):
        raise BeyondYourLimit


def _require_present(staff: Staff, act: Act, branch: Branch | None) -> None:
    """What somebody asked for who has left since, or lost the right, is not done any more."""
    try:
        _require_asker(staff, act, branch)
    except NotAllowed as refusal:
        raise ActRefused(_("Whoever asked may not do this any more. Please refuse it.")) from refusal


def _why_not(approval: Approval) -> ApprovalError:
    state = Approval.objects.values_list("state", flat=True).get(pk=approval.pk)
    return TooLate() if state in (ApprovalState.REQUESTED, ApprovalState.EXPIRED) else AlreadyDecided()


def _decided(approval: Approval, by: Staff) -> Approval:
    approval.refresh_from_db()
    _note(approval, approval.state, by)
    notices.decided(approval)
    return approval


def _note(approval: Approval, what: str, by: Staff | None) -> None:
    record(
        act=f"approval.{what}",
        actor=by.public_id if by else "",
        subject=approval.public_id,
        detail={
            "act": approval.act,
            "amount": approval.amount,
            "about": approval.subject,
            "asked_by": approval.requested_by.public_id,
            "result": approval.result,
        },
        branch=approval.branch,
    )
