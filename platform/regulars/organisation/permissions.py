"""What people on the team may do: one table of permissions, what each role holds of it, and whether somebody may.

Every door of staff asks here: back office, counter, approvals. Where a permission holds is the other half of a right:
see `scope`. Plugins add theirs with `PluginConfig.permissions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars import plugins
from regulars.errors import NotAllowed
from regulars.organisation.models import Branch, Role, Staff
from regulars.organisation.scope import scope_of


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One thing that somebody may do: its `code`, its words, the heading it stands under.

    `is_powerful` marks what needs a second factor at sign-in: whoever holds it can take value or data out.
    `is_for_whole` marks what changes the business for all its branches: it holds only for a role that does, too.
    """

    code: str
    label: str | Promise
    group: str | Promise
    is_powerful: bool = False
    is_for_whole: bool = False


TODAY, MEMBERS, LOYALTY, SALES = _("Today"), _("Members"), _("Loyalty"), _("Sales")
MARKETING, MONEY, SITE, MODULES, TEAM, SETTINGS = (
    _("Marketing"),
    _("Money"),
    _("Site"),
    _("Modules"),
    _("Team"),
    _("Settings"),
)

PERMISSIONS: tuple[Permission, ...] = (
    Permission(code="today.view", label=_("See the figures of the day"), group=TODAY),
    Permission(code="members.view", label=_("See members"), group=MEMBERS),
    Permission(code="members.contacts", label=_("See phone numbers and e-mail addresses in full"), group=MEMBERS),
    Permission(code="members.change", label=_("Change members and tags"), group=MEMBERS),
    Permission(code="members.export", label=_("Download members"), group=MEMBERS, is_powerful=True),
    Permission(code="points.adjust", label=_("Give and take points by hand"), group=MEMBERS, is_powerful=True),
    Permission(code="loyalty.view", label=_("See tiers and points rules"), group=LOYALTY),
    Permission(
        code="loyalty.change",
        label=_("Change tiers and points rules"),
        group=LOYALTY,
        is_powerful=True,
        is_for_whole=True,
    ),
    Permission(code="counter.sell", label=_("Sell at the counter"), group=SALES),
    Permission(code="counter.refund", label=_("Refund at the counter"), group=SALES),
    Permission(code="counter.void", label=_("Void the last sale at the counter"), group=SALES),
    Permission(code="sales.view", label=_("See sales"), group=SALES),
    Permission(code="sales.export", label=_("Download sales"), group=SALES, is_powerful=True),
    Permission(code="catalogue.view", label=_("See products and everybody's prices"), group=SALES),
    Permission(
        code="catalogue.change", label=_("Change products and prices"), group=SALES, is_powerful=True, is_for_whole=True
    ),
    Permission(code="catalogue.dealers", label=_("Accept dealers"), group=SALES, is_powerful=True, is_for_whole=True),
    Permission(code="messages.view", label=_("See messages"), group=MARKETING),
    Permission(code="messages.change", label=_("Change and send messages"), group=MARKETING, is_for_whole=True),
    Permission(code="money.view", label=_("See what is owed and paid"), group=MONEY),
    Permission(code="reports.view", label=_("See reports"), group=MONEY),
    Permission(code="reports.export", label=_("Download reports"), group=MONEY),
    Permission(code="site.change", label=_("Change the site"), group=SITE, is_for_whole=True),
    Permission(code="modules.view", label=_("See the modules"), group=MODULES),
    Permission(
        code="modules.switch", label=_("Switch modules on and off"), group=MODULES, is_powerful=True, is_for_whole=True
    ),
    Permission(code="team.view", label=_("See the team"), group=TEAM),
    Permission(code="team.manage", label=_("Invite, change and dismiss people"), group=TEAM, is_powerful=True),
    Permission(code="places.manage", label=_("Change regions, branches and tills"), group=TEAM, is_powerful=True),
    Permission(code="approvals.decide", label=_("Approve what goes beyond a limit"), group=TEAM, is_powerful=True),
    Permission(code="trail.view", label=_("See who did what"), group=TEAM),
    Permission(code="trail.export", label=_("Download the trail"), group=TEAM, is_powerful=True),
    Permission(code="brand.change", label=_("Change logo and colours"), group=SETTINGS, is_for_whole=True),
    Permission(
        code="api.manage",
        label=_("Make and revoke tokens for other systems"),
        group=SETTINGS,
        is_powerful=True,
        is_for_whole=True,
    ),
    Permission(
        code="settings.change",
        label=_("Change the settings of the business"),
        group=SETTINGS,
        is_powerful=True,
        is_for_whole=True,
    ),
)

_MANAGER = (
    "today.view members.view members.contacts members.change members.export points.adjust loyalty.view loyalty.change "
    "counter.sell counter.refund counter.void sales.view sales.export catalogue.view catalogue.change "
    "catalogue.dealers messages.view messages.change money.view reports.view "
    "reports.export site.change modules.view team.view team.manage places.manage approvals.decide trail.view "
    "brand.change"
)
HELD: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset(permission.code for permission in PERMISSIONS),
    Role.MANAGER: frozenset(_MANAGER.split()),
    Role.CASHIER: frozenset({"counter.sell", "counter.refund", "counter.void"}),
    Role.MARKETER: frozenset(
        [
            "today.view",
            "members.view",
            "members.change",
            "loyalty.view",
            "catalogue.view",
            "messages.view",
            "messages.change",
            "reports.view",
            "site.change",
            "brand.change",
        ]
    ),
    Role.SERVICE: frozenset(
        [
            "today.view",
            "members.view",
            "members.contacts",
            "members.change",
            "points.adjust",
            "loyalty.view",
            "sales.view",
            "messages.view",
        ]
    ),
    Role.ACCOUNTANT: frozenset(
        [
            "today.view",
            "sales.view",
            "sales.export",
            "catalogue.view",
            "money.view",
            "reports.view",
            "reports.export",
            "trail.view",
        ]
    ),
    Role.READER: frozenset(
        [
            "today.view",
            "members.view",
            "loyalty.view",
            "sales.view",
            "catalogue.view",
            "messages.view",
            "money.view",
            "reports.view",
            "modules.view",
            "team.view",
        ]
    ),
}
"""What each role that every business has may do. Own roles hold what their row says; owners hold everything."""

FOR_WHOLE = frozenset(permission.code for permission in PERMISSIONS if permission.is_for_whole)
"""What a role that holds for a region or a branch leaves out."""

COUNTER_ONLY = frozenset({"counter.sell", "counter.refund", "counter.void"})
"""Permissions that are used at the counter: who holds no other does not enter the back office."""


def permissions() -> tuple[Permission, ...]:
    """The whole table: the core's permissions, then those of the modules that are on or closing here."""
    return (*PERMISSIONS, *(permission for permission, _roles in _added()))


def _added() -> list[tuple[Permission, frozenset[str]]]:
    """What the modules that are on or closing here add, each with the roles that hold it."""
    return [
        (Permission(code=f"{name}.{code}", label=label, group=config.verbose_name), frozenset(roles))
        for name, config in plugins.installed().items()
        if plugins.answers(name)
        for code, label, roles in config.permissions
    ]


def granted(staff: Staff | None) -> frozenset[str]:
    """The codes of everything that somebody may do; nothing for None and for whoever is no longer active."""
    if staff is None or not staff.is_active:
        return frozenset()
    held = _held_by_role(staff)
    return held if staff.branch_id is None and staff.region_id is None else held - FOR_WHOLE


def _held_by_role(staff: Staff) -> frozenset[str]:
    added = {permission.code: roles for permission, roles in _added()}
    if staff.role == Role.OWNER:
        return HELD[Role.OWNER] | added.keys()
    if staff.custom_role is not None:
        known = {permission.code for permission in PERMISSIONS} | added.keys()
        return frozenset(staff.custom_role.permissions) & known
    return HELD[staff.role] | {code for code, roles in added.items() if staff.role in roles}


def allows(staff: Staff | None, code: str) -> bool:
    """Whether somebody may do this, anywhere at all; where, says `scope_of`."""
    return code in granted(staff)


def require(staff: Staff | None, code: str, *, branch: Branch | None = None) -> None:
    """Raises `NotAllowed` when somebody may not do this, or not at this branch."""
    if not allows(staff, code) or (branch is not None and staff is not None and not scope_of(staff).covers(branch)):
        raise NotAllowed


def staff_with(code: str, *, branch: Branch | None = None) -> list[Staff]:
    """Everybody active who may do this and whose scope covers the branch; None means the whole business."""
    everybody = Staff.objects.select_related("user", "branch", "region", "custom_role").filter(is_active=True)
    return [staff for staff in everybody if allows(staff, code) and scope_of(staff).covers(branch)]


def opens_back_office(staff: Staff | None) -> bool:
    """Whether somebody may do anything that is done in the back office."""
    return bool(granted(staff) - COUNTER_ONLY)


def is_powerful(staff: Staff | None) -> bool:
    """Whether somebody holds a permission that needs a second factor at sign-in."""
    held = granted(staff)
    return any(permission.is_powerful and permission.code in held for permission in permissions())


def may_grant(giver: Staff, codes: Iterable[str]) -> bool:
    """Whether somebody may give a role with these permissions: owners give any, others only less than they hold."""
    return giver.role == Role.OWNER or frozenset(codes) < granted(giver)
