"""Up to which amount somebody does an act alone.

What stands closest decides: a role at a branch, then the role, then everybody at a branch, then everybody. An act's own
defaults hold where the business set nothing of its own in their place. Owners have no limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.errors import InvalidInput
from regulars.money import LARGEST_AMOUNT, digits_of
from regulars.operations.trail import record
from regulars.organisation.approvals.registry import EVERYBODY, Act, act_of
from regulars.organisation.models import ApprovalLimit, Branch, CustomRole, Role, Staff
from regulars.organisation.selectors import organisation

Place = tuple[str, int | None, int | None]
"""Role, own role and branch that a limit is for."""


class LimitBook:
    """Every limit of this business, read once, to ask about many acts and people."""

    def __init__(self, own: Iterable[ApprovalLimit] | None = None) -> None:
        rows = ApprovalLimit.objects.all() if own is None else own
        self._own: dict[str, dict[Place, int | None]] = {}
        for row in rows:
            self._own.setdefault(row.act, {})[row.role, row.custom_role_id, row.branch_id] = row.limit

    def of(self, staff: Staff, act: Act, branch: int | None) -> int | None:
        """The limit of somebody for an act at a branch (its database id), None for none: minor units, points, rows."""
        if staff.role == Role.OWNER:
            return None
        standing = self.standing(act)
        role = (staff.role, staff.custom_role_id)
        everybody = (EVERYBODY, None)
        for who, where in ((role, branch), (role, None), (everybody, branch), (everybody, None)):
            if (*who, where) in standing:
                return standing[(*who, where)]
        return None

    def own(self, act: Act) -> frozenset[Place]:
        """Whom and where the business set a limit of its own for."""
        return frozenset(self._own.get(act.code, {}))

    def standing(self, act: Act) -> dict[Place, int | None]:
        """Every limit of an act that holds, whom and where it is for: the defaults and what the business set."""
        return {**defaults_of(act), **self._own.get(act.code, {})}


def defaults_of(act: Act) -> dict[Place, int | None]:
    """The limits that hold where the business set none."""
    return {(role, None, None): in_smallest_unit(act, limit) for role, limit in act.limits.items()}


def in_smallest_unit(act: Act, whole: int | None) -> int | None:
    """A limit in whole units as it is compared: minor units for money, points and rows as they are."""
    if whole is None or act.unit != "money":
        return whole
    return int(whole * 10 ** digits_of(organisation().currency))


def limit_for(staff: Staff, act: str, *, branch: Branch | None = None) -> int | None:
    """Up to which amount somebody does this alone at a branch; None means without limit. Raises `UnknownAct`."""
    found = act_of(act)
    return LimitBook(ApprovalLimit.objects.filter(act=act)).of(staff, found, branch.pk if branch else None)


def exceeds(staff: Staff, act: str, amount: int, *, branch: Branch | None = None) -> bool:
    """Whether somebody needs approval for this amount. Raises `UnknownAct`."""
    limit = limit_for(staff, act, branch=branch)
    return limit is not None and amount > limit


@transaction.atomic
def set_limit(
    *,
    act: str,
    limit: int | None,
    by: Staff,
    role: str = EVERYBODY,
    custom_role: CustomRole | None = None,
    branch: Branch | None = None,
) -> ApprovalLimit:
    """Set up to which amount a role does an act alone; None for no limit, 0 for never alone.

    Raises `UnknownAct`, and `InvalidInput` (field `role` or `limit`) for a role that has none or an absurd amount.
    """
    found = act_of(act)
    is_known = role in (EVERYBODY, *Role.values) and role != Role.OWNER
    if not is_known or (role == Role.CUSTOM) != (custom_role is not None):
        raise InvalidInput(_("Choose whom the limit is for. Owners have none."), field="role")
    if limit is not None and not 0 <= limit <= LARGEST_AMOUNT:
        raise InvalidInput(_("Enter an amount that a person could mean."), field="limit")
    place: dict[str, Any] = {"act": found.code, "role": role, "custom_role": custom_role, "branch": branch}
    before = ApprovalLimit.objects.filter(**place).first()
    saved, _is_new = ApprovalLimit.objects.update_or_create(**place, defaults={"limit": limit})
    _note(saved, by=by, before=before.limit if before else "default", after=limit)
    return saved


@transaction.atomic
def use_default(
    *,
    act: str,
    by: Staff,
    role: str = EVERYBODY,
    custom_role: CustomRole | None = None,
    branch: Branch | None = None,
) -> None:
    """Let what the act says by default hold again. Raises `UnknownAct`."""
    own = ApprovalLimit.objects.filter(act=act_of(act).code, role=role, custom_role=custom_role, branch=branch).first()
    if own is not None:
        _note(own, by=by, before=own.limit, after="default")
        own.delete()


def _note(limit: ApprovalLimit, *, by: Staff, before: object, after: object) -> None:
    where = {"role": limit.role, "branch": limit.branch.public_id if limit.branch else ""}
    if limit.custom_role is not None:
        where["role"] = limit.custom_role.public_id
    record(
        act="limit.changed",
        actor=by.public_id,
        subject=limit.act,
        detail=where,
        before={"limit": before},
        after={"limit": after},
        branch=limit.branch,
    )
