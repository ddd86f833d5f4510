"""The limits of a business as sentences, the closest to a person first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from regulars.organisation.approvals.limits import LimitBook, Place
from regulars.organisation.approvals.registry import EVERYBODY, Act, acts
from regulars.organisation.approvals.selectors import amount_words
from regulars.organisation.models import Branch, CustomRole, Role


def sentences() -> list[dict[str, Any]]:
    """Each act that can be limited, with a sentence for each limit that holds: the same four questions always."""
    book = LimitBook()
    branches = {branch.pk: branch for branch in Branch.objects.all()}
    roles = {role.pk: role for role in CustomRole.objects.all()}
    return [{"act": act, "lines": _lines(act, book, branches, roles)} for act in acts()]


def _lines(
    act: Act, book: LimitBook, branches: dict[int, Branch], roles: dict[int, CustomRole]
) -> list[dict[str, Any]]:
    own = book.own(act)
    lines = []
    for place, limit in book.standing(act).items():
        role, custom_role, branch_id = place
        branch = branches.get(branch_id) if branch_id is not None else None
        code = roles[custom_role].public_id if custom_role is not None else role
        lines.append(
            {
                "who": _who(role, roles.get(custom_role) if custom_role is not None else None),
                "branch": branch,
                "limit": limit,
                "amount": amount_words(act.unit, limit) if limit is not None else "",
                "is_own": place in own,
                "query": urlencode({"role": code, **({"branch": branch.public_id} if branch else {})}),
                "order": _order(place),
            }
        )
    return sorted(lines, key=lambda line: line["order"])


def _who(role: str, custom_role: CustomRole | None) -> str:
    if custom_role is not None:
        return custom_role.name
    return _("Everybody else") if role == EVERYBODY else str(Role(role).label)


def _order(place: Place) -> tuple[bool, str, int, bool]:
    role, custom_role, branch = place
    return role == EVERYBODY, role, custom_role or 0, branch is None
