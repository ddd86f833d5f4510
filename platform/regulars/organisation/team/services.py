"""Acts on the team: appointing, changing a role, dismissing, taking back. Nobody gives what they do not hold.

An owner may do all of it to everybody; others only to people whose role holds less than their own and whose scope lies
in theirs. The business always keeps one active owner for the whole business.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars import clock
from regulars.access.models import User
from regulars.access.services import end_sessions
from regulars.errors import InvalidInput, NotAllowed, RegularsError
from regulars.operations.trail import record
from regulars.organisation.contacts import clean_email
from regulars.organisation.models import Branch, CustomRole, Region, Role, Staff
from regulars.organisation.permissions import granted, is_powerful, may_grant, permissions, require
from regulars.organisation.rights import SITE_EDITORS
from regulars.organisation.scope import scope_of
from regulars.text import plain_text


class LastOwner(RegularsError):
    """The business would be left without an owner."""

    message = gettext_lazy("This is the only owner left. Make somebody else an owner first.")
    field = "role"


class BeyondYou(NotAllowed):
    """Somebody would give, or take from another, more than they hold themselves."""

    message = gettext_lazy(
        "You can only appoint and change people whose role and branches lie within your own. Ask an owner."
    )
    field = "role"


@transaction.atomic
def appoint(
    *,
    name: str,
    email: str,
    password: str = "",
    role: str,
    custom_role: CustomRole | None = None,
    region: Region | None = None,
    branch: Branch | None = None,
    appointed_by: Staff | None = None,
) -> Staff:
    """Make a person a member of staff with a login of this business; neither region nor branch is the whole business.

    `password` empty makes a login that must first be claimed by a link. Raises `InvalidInput` for a bad name, an e-mail
    that is none or taken, a role that does not exist, or a region and a branch at once; `BeyondYou` when the role or
    the place is not the giver's to give.
    """
    user = _new_user(name=name, email=email, password=password)
    staff = Staff(user=user, name=user.first_name)
    _place(staff, role=role, custom_role=custom_role, region=region, branch=branch)
    if appointed_by is not None:
        must_be_within(giver=appointed_by, staff=staff)
    user.save()
    staff.user = user
    staff.save()
    _open_doors(staff)
    record(
        act="staff.appointed",
        actor=appointed_by.public_id if appointed_by else "",
        subject=staff.public_id,
        after=_as_written(staff),
        branch=staff.branch,
    )
    return staff


@transaction.atomic
def change_staff(
    *,
    staff: Staff,
    by: Staff,
    name: str,
    role: str,
    custom_role: CustomRole | None = None,
    region: Region | None = None,
    branch: Branch | None = None,
) -> Staff:
    """Give a member of staff another name, role or place; new rights hold from the next request.

    Raises `InvalidInput`, `BeyondYou` for what is not the giver's to give or take, and `LastOwner`.
    """
    staff, by = _locked(staff, by)
    must_be_within(giver=by, staff=staff)
    before, was_powerful = _as_written(staff), is_powerful(staff)
    staff.name = plain_text(name, field="name", longest=80)
    _place(staff, role=role, custom_role=custom_role, region=region, branch=branch)
    must_be_within(giver=by, staff=staff)
    if is_powerful(staff) and not was_powerful:
        staff.appointed_at = clock.now()
    staff.save()
    _an_owner_is_left()
    _open_doors(staff)
    record(
        act="staff.changed",
        actor=by.public_id,
        subject=staff.public_id,
        before=before,
        after=_as_written(staff),
        branch=staff.branch,
    )
    return staff


@transaction.atomic
def dismiss(*, staff: Staff, by: Staff) -> Staff:
    """End somebody's work here: signed out everywhere at once, no way back in; the record stays.

    Raises `BeyondYou` and `LastOwner`. Dismissing twice changes nothing.
    """
    staff, by = _locked(staff, by)
    must_be_within(giver=by, staff=staff)
    if not staff.is_active:
        return staff
    staff.is_active, staff.pin_hash = False, ""
    staff.save(update_fields=["is_active", "pin_hash"])
    _an_owner_is_left()
    User.objects.filter(pk=staff.user_id).update(is_active=False)
    end_sessions(user=staff.user)
    _open_doors(staff)
    record(act="staff.dismissed", actor=by.public_id, subject=staff.public_id, branch=staff.branch)
    return staff


@transaction.atomic
def take_back(*, staff: Staff, by: Staff) -> Staff:
    """Let somebody who was dismissed work here again, in the role and place they had. Raises `BeyondYou`."""
    staff, by = _locked(staff, by)
    must_be_within(giver=by, staff=staff)
    if staff.is_active:
        return staff
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    User.objects.filter(pk=staff.user_id).update(is_active=True)
    _open_doors(staff)
    record(act="staff.taken_back", actor=by.public_id, subject=staff.public_id, branch=staff.branch)
    return staff


@transaction.atomic
def sign_out(*, staff: Staff, by: Staff) -> int:
    """Sign somebody out everywhere; returns how many sessions ended. Raises `BeyondYou`."""
    must_be_within(giver=by, staff=staff)
    ended = end_sessions(user=staff.user)
    record(act="staff.signed_out", actor=by.public_id, subject=staff.public_id, branch=staff.branch)
    return ended


@transaction.atomic
def save_custom_role(*, by: Staff, name: str, codes: Iterable[str], role: CustomRole | None = None) -> CustomRole:
    """Make or change a role of the business's own. People who hold it may do the new things from the next request.

    Raises `InvalidInput` for an empty or taken name, no permission at all or one that does not exist, and `BeyondYou`
    when it holds, or held, as much as the giver's own.
    """
    require(by, "team.manage")
    wanted = sorted(set(codes))
    known = {permission.code for permission in permissions()}
    if not wanted or not known.issuperset(wanted):
        raise InvalidInput(_("Choose at least one thing that this role may do."), field="permissions")
    name = plain_text(name, field="name", longest=60)
    taken = CustomRole.objects.filter(name=name).exclude(pk=role.pk if role else 0)
    if taken.exists():
        raise InvalidInput(_("There is a role of this name already. Choose another name."), field="name")
    if not may_grant(by, wanted) or (role is not None and not may_grant(by, role.permissions)):
        raise BeyondYou(field="permissions")
    before = list(role.permissions) if role else []
    role = role or CustomRole()
    role.name, role.permissions = name, wanted
    role.save()
    for staff in Staff.objects.select_related("user", "custom_role").filter(custom_role=role):
        _open_doors(staff)
    record(
        act="role.saved",
        actor=by.public_id,
        subject=role.public_id,
        before={"permissions": before},
        after={"name": name, "permissions": wanted},
    )
    return role


@transaction.atomic
def delete_custom_role(*, role: CustomRole, by: Staff) -> None:
    """Remove a role that nobody holds. Raises `InvalidInput` while somebody does, `BeyondYou`."""
    require(by, "team.manage")
    if not may_grant(by, role.permissions):
        raise BeyondYou(field="permissions")
    holders = Staff.objects.filter(custom_role=role).count()
    if holders:
        raise InvalidInput(
            ngettext(
                "%(count)s person holds this role. Give them another one first.",
                "%(count)s people hold this role. Give them another one first.",
                holders,
            )
            % {"count": holders},
            field="role",
        )
    record(act="role.deleted", actor=by.public_id, subject=role.public_id, detail={"name": role.name})
    role.delete()


def must_be_within(*, giver: Staff, staff: Staff) -> None:
    """Raises `BeyondYou` unless the giver manages the team and the other's role and place lie within their own."""
    require(giver, "team.manage")
    if giver.role == Role.OWNER and giver.branch_id is None and giver.region_id is None:
        return
    held = granted(Staff(role=staff.role, custom_role=staff.custom_role, is_active=True))
    if staff.role == Role.OWNER or not may_grant(giver, held) or not scope_of(giver).covers_all(scope_of(staff)):
        raise BeyondYou


def _locked(staff: Staff, by: Staff) -> tuple[Staff, Staff]:
    """The rows of today, with the owners' locked besides, in the order of their ids: a giver may just have lost it."""
    wanted = Staff.objects.filter(role=Role.OWNER) | Staff.objects.filter(pk__in=[staff.pk, by.pk])
    list(wanted.order_by("pk").select_for_update().values_list("pk"))
    today = Staff.objects.select_related("user", "custom_role")
    return today.get(pk=staff.pk), today.get(pk=by.pk)


def _an_owner_is_left() -> None:
    owners = Staff.objects.filter(role=Role.OWNER, is_active=True, branch__isnull=True, region__isnull=True)
    if not owners.exists():
        raise LastOwner


def _new_user(*, name: str, email: str, password: str) -> User:
    address = clean_email(email, field="email")
    if not address:
        raise InvalidInput(_("Enter an e-mail address like name@example.com."), field="email")
    if User.objects.filter(email__iexact=address).exists():
        raise InvalidInput(_("Somebody here signs in with this e-mail already."), field="email")
    user = User(email=address, first_name=plain_text(name, field="name", longest=80), date_joined=clock.now())
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    return user


def _place(
    staff: Staff, *, role: str, custom_role: CustomRole | None, region: Region | None, branch: Branch | None
) -> None:
    if role not in Role.values or (role == Role.CUSTOM) != (custom_role is not None):
        raise InvalidInput(_("Choose one of: %(choices)s.") % {"choices": ", ".join(Role.values)}, field="role")
    if region is not None and branch is not None:
        raise InvalidInput(_("Choose a region or a branch, not both."), field="branch")
    if role == Role.OWNER and (region is not None or branch is not None):
        raise InvalidInput(_("An owner's role holds for the whole business."), field="branch")
    staff.role, staff.custom_role, staff.region, staff.branch = role, custom_role, region, branch


def _open_doors(staff: Staff) -> None:
    """Wagtail knows by a group who may change pages and files."""
    edits_site = "site.change" in granted(staff)
    staff.user.groups.set(Group.objects.filter(name=SITE_EDITORS) if edits_site else [])


def _as_written(staff: Staff) -> dict[str, Any]:
    return {
        "role": staff.role,
        "own_role": staff.custom_role.public_id if staff.custom_role else "",
        "region": staff.region.public_id if staff.region else "",
        "branch": staff.branch.public_id if staff.branch else "",
    }
