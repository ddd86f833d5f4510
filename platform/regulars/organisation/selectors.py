"""Questions about the business: its settings, branches, terminals and staff."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.db.models import Q

from regulars.asked_often import AskedOften
from regulars.errors import NotFound
from regulars.organisation.models import Branch, Organisation, Role, Staff

CACHE_KEY = "organisation"
CACHE_SECONDS = 30
ACTIVE_STAFF = AskedOften(
    lambda: Staff.objects.select_related("branch", "custom_role").filter(is_active=True), by="user"
)


def organisation() -> Organisation:
    """The settings of this business; kept in this business's cache, so that pages do not ask for them each time."""
    found: Organisation | None = cache.get(CACHE_KEY)
    return organisation_anew() if found is None else found


def organisation_anew() -> Organisation:
    """The settings as they are written now, remembered for whoever asks next."""
    found = Organisation.objects.first() or Organisation(id=1, name="")
    cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return found


def organisation_of_version(version: str) -> Organisation:
    """The settings, at least as new as the brand's version that an address names; empty for any."""
    known = organisation()
    return organisation_anew() if version and version != known.brand_version else known


def open_branches() -> list[Branch]:
    """The branches that sell, by name."""
    return list(Branch.objects.filter(is_open=True))


def branch_by_public_id(public_id: str) -> Branch:
    """One branch. Raises `NotFound`."""
    branch = Branch.objects.filter(public_id=public_id).first()
    if branch is None:
        raise NotFound
    return branch


def staff_of(user: Any) -> Staff | None:
    """The active member of staff behind a user, None for members and strangers."""
    if not getattr(user, "is_authenticated", False):
        return None
    known: Staff | None = getattr(user, "staff_asking", None)  # noted once for a request, where its door was opened
    if known is not None:
        return known
    if not user.came_with_session:
        return ACTIVE_STAFF.first(user.pk)
    beside: Staff | None = getattr(user, "staff", None)
    return beside if beside is not None and beside.is_active else None


def works_here(*, user: int | None, email: str) -> bool:
    """Whether a person, known by their login or their e-mail address, is an active member of staff."""
    known = Q(user_id=user) if user is not None else Q()
    if email:
        known |= Q(user__email__iexact=email)
    return bool(known) and Staff.objects.filter(known, is_active=True).exists()


def owners() -> list[Staff]:
    """The active owners of the business."""
    return list(Staff.objects.select_related("user").filter(role=Role.OWNER, is_active=True))


def hash_of_token(token: str) -> str:
    """What is kept of a token: of an invitation, of another system."""
    return hashlib.sha256(token.encode()).hexdigest()
