"""Questions about approvals: what waits for whom, what somebody asked for, what was decided, who can decide."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from regulars import clock
from regulars.errors import NotFound
from regulars.money import format_count, format_money
from regulars.organisation.approvals.limits import LimitBook
from regulars.organisation.approvals.refusals import UnknownAct
from regulars.organisation.approvals.registry import Change, act_of, acts
from regulars.organisation.models import Approval, ApprovalState, Role, Staff
from regulars.organisation.permissions import allows, granted, staff_with
from regulars.organisation.scope import Scope, scope_of
from regulars.organisation.selectors import organisation

MOST = 200
"""No list of approvals shows more; whoever has more waiting decides the oldest first."""


def amount_words(unit: str, amount: int) -> str:
    """An amount of an act as people say it: `¥800.00`, `6,000 points`, `1,200 rows`."""
    if unit == "money":
        return format_money(amount, organisation().currency)
    shown = format_count(amount)
    if unit == "points":
        return ngettext("%(shown)s point", "%(shown)s points", amount) % {"shown": shown}
    return ngettext("%(shown)s row", "%(shown)s rows", amount) % {"shown": shown}


def words_of(approval: Approval) -> str:
    """What was asked for, in words; the act's code where the module that knew it has gone."""
    try:
        act = act_of(approval.act)
    except UnknownAct:
        return approval.act
    return act.says(approval.payload) if act.says is not None else str(act.label)


def _all() -> QuerySet[Approval]:
    return Approval.objects.select_related("requested_by__user", "requested_by__branch", "decided_by", "branch")


def _waiting() -> QuerySet[Approval]:
    return _all().filter(state=ApprovalState.REQUESTED, expires_at__gt=clock.now()).order_by("expires_at", "id")


def approval_by_public_id(public_id: str) -> Approval:
    """One approval. Raises `NotFound`."""
    found = _all().filter(public_id=public_id[:40]).first()
    if found is None:
        raise NotFound
    return found


def is_open(approval: Approval) -> bool:
    """Whether it can still be decided."""
    return approval.is_waiting and approval.expires_at > clock.now()


def seen_by(staff: Staff, approval: Approval) -> bool:
    """Whether somebody may look at it: whoever asked, and whoever decides at that branch."""
    if approval.requested_by_id == staff.pk:
        return True
    return allows(staff, "approvals.decide") and scope_of(staff).covers(approval.branch)


def waiting_for(staff: Staff, *, scope: Scope | None = None) -> list[Approval]:
    """What somebody can decide now, the first to expire first; the same few questions however much waits."""
    held = granted(staff)
    if "approvals.decide" not in held:
        return []
    mine = {act.code: act for act in acts() if act.permission in held}
    found = (scope or scope_of(staff)).limit(_waiting().exclude(requested_by=staff).filter(act__in=mine))[:MOST]
    book = LimitBook()
    return [
        approval
        for approval in found
        if (limit := book.of(staff, mine[approval.act], approval.branch_id)) is None or approval.amount <= limit
    ]


def count_waiting_for(staff: Staff) -> int:
    """How many `waiting_for` would tell, without reading them: one question for an owner, two for others at most."""
    held = granted(staff)
    if "approvals.decide" not in held:
        return 0
    mine = {act.code: act for act in acts() if act.permission in held}
    open_now = Approval.objects.filter(state=ApprovalState.REQUESTED, expires_at__gt=clock.now(), act__in=mine)
    found = scope_of(staff).limit(open_now.exclude(requested_by=staff).order_by("expires_at", "id"))
    asked = list(found.values_list("act", "branch_id", "amount")[:MOST])
    if staff.role == Role.OWNER or not asked:
        return len(asked)
    book = LimitBook()
    limits = [(book.of(staff, mine[act], branch), amount) for act, branch, amount in asked]
    return sum(limit is None or amount <= limit for limit, amount in limits)


def asked_by(staff: Staff, *, limit: int = 50) -> list[Approval]:
    """What somebody asked for, newest first."""
    return list(_all().filter(requested_by=staff).order_by("-id")[:limit])


def decided_in(staff: Staff, *, scope: Scope | None = None, limit: int = 50) -> list[Approval]:
    """What came to an end where somebody decides, newest first; nothing for whoever does not decide."""
    if not allows(staff, "approvals.decide"):
        return []
    ended = _all().exclude(state=ApprovalState.REQUESTED)
    return list((scope or scope_of(staff)).limit(ended).order_by("-id")[:limit])


def about(subject: str, *, act: str) -> list[Approval]:
    """What was asked for about one record, newest first, at most ten."""
    return list(_all().filter(act=act, subject=subject).filter(~Q(subject="")).order_by("-id")[:10])


def deciders(approval: Approval) -> list[Staff]:
    """Everybody who can approve this: never whoever asked."""
    act, book = act_of(approval.act), LimitBook()
    return [
        staff
        for staff in staff_with("approvals.decide", branch=approval.branch)
        if staff.pk != approval.requested_by_id and allows(staff, act.permission)
        if (limit := book.of(staff, act, approval.branch_id)) is None or approval.amount <= limit
    ]


def changes_of(approval: Approval) -> Sequence[Change]:
    """What approving would do now, line by line. Raises as the act itself would when it can no longer be done."""
    preview = act_of(approval.act).preview
    return preview(approval.payload) if preview is not None else ()
