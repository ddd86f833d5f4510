"""Acts on places: opening, changing and closing branches, drawing regions, putting tills in and taking them out.

A place is changed only by whoever's role holds for it; regions and what stands above a branch only for the whole
business. `by` is None where the house itself acts: a preset, the demo.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from regulars import clock
from regulars.errors import InvalidInput, NotAllowed
from regulars.operations.trail import record
from regulars.organisation.models import Branch, Region, Staff, Terminal
from regulars.organisation.permissions import require
from regulars.organisation.scope import regions_in, scope_of
from regulars.text import plain_text

DEEPEST = 4
"""Regions in regions: a country, a province, a city, a quarter."""


@transaction.atomic
def open_branch(
    *, name: str, address: str = "", zone: str = "", region: Region | None = None, by: Staff | None = None
) -> Branch:
    """Open a branch. Raises `InvalidInput` for an empty or taken name or an unknown zone, `NotAllowed`.

    Whoever's role holds for a region opens branches in it; for the whole business, anywhere.
    """
    _must_manage(by, region=region)
    branch = Branch()
    _write_branch(branch, name=name, address=address, zone=zone, region=region)
    _note("branch.opened", by, branch.public_id, branch=branch, after=_branch_as_written(branch))
    return branch


@transaction.atomic
def change_branch(
    *, branch: Branch, by: Staff, name: str, address: str = "", zone: str = "", region: Region | None = None
) -> Branch:
    """Give a branch another name, address, zone or region.

    Raises `InvalidInput`, and `NotAllowed` for a branch beyond one's own or a region that is not one's to give.
    """
    branch = Branch.objects.select_for_update().get(pk=branch.pk)
    require(by, "places.manage", branch=branch)
    if region != branch.region:
        _must_manage(by, region=region)
    before = _branch_as_written(branch)
    _write_branch(branch, name=name, address=address, zone=zone, region=region)
    after = _branch_as_written(branch)
    _note("branch.changed", by, branch.public_id, branch=branch, before=before, after=after)
    return branch


@transaction.atomic
def close_branch(*, branch: Branch, by: Staff) -> Branch:
    """Close a branch: nothing is sold there, its sales and members stay. Raises `InvalidInput` for the last one."""
    open_ones = list(Branch.objects.select_for_update().filter(is_open=True).order_by("pk"))
    require(by, "places.manage", branch=branch)
    if [one.pk for one in open_ones] == [branch.pk]:
        raise InvalidInput(_("This is the only open branch. Open another one first."), field="branch")
    Branch.objects.filter(pk=branch.pk).update(is_open=False)
    branch.is_open = False
    _note("branch.closed", by, branch.public_id, branch=branch)
    return branch


@transaction.atomic
def reopen_branch(*, branch: Branch, by: Staff) -> Branch:
    """Sell at a closed branch again. Raises `NotAllowed` for one beyond one's own."""
    require(by, "places.manage", branch=branch)
    Branch.objects.filter(pk=branch.pk).update(is_open=True)
    branch.is_open = True
    _note("branch.reopened", by, branch.public_id, branch=branch)
    return branch


@transaction.atomic
def save_region(*, by: Staff, name: str, parent: Region | None = None, region: Region | None = None) -> Region:
    """Draw a region or change one. Only for the whole business.

    Raises `InvalidInput` for an empty or taken name, a region that would lie in itself, or more than four levels, and
    `NotAllowed`.
    """
    _must_manage(by, region=None)
    parents = dict(Region.objects.select_for_update().order_by("pk").values_list("pk", "parent"))
    region = region or Region()
    _must_fit(parents, region, parent)
    region.name, region.parent = plain_text(name, field="name", longest=80), parent
    _save(region, _("There is a region of this name already. Choose another name."))
    _note("region.saved", by, region.public_id, after={"name": region.name, "parent": parent and parent.public_id})
    return region


def _must_fit(parents: dict[int, int | None], region: Region, parent: Region | None) -> None:
    above, step = 0, parent.pk if parent else None
    while step is not None:
        if step == region.pk:
            raise InvalidInput(_("A region cannot lie in itself. Choose another one above it."), field="parent")
        above, step = above + 1, parents.get(step)
    below, layer = 1, {region.pk} if region.pk else set()
    while layer := {each for each, over in parents.items() if over in layer}:
        below += 1
    if above + below > DEEPEST:
        raise InvalidInput(
            _("Regions go %(deepest)s levels deep. Choose one further up.") % {"deepest": DEEPEST}, field="parent"
        )


@transaction.atomic
def delete_region(*, region: Region, by: Staff) -> None:
    """Take a region away; its branches and parts lie in the one above it then, and no right grows by that.

    Raises `InvalidInput` while somebody's role holds for it, `NotAllowed`.
    """
    _must_manage(by, region=None)
    region = Region.objects.select_for_update().get(pk=region.pk)
    if Staff.objects.filter(region=region).exists():
        raise InvalidInput(_("Somebody's role holds for this region. Give them another place first."), field="region")
    Branch.objects.filter(region=region).update(region=region.parent)
    Region.objects.filter(parent=region).update(parent=region.parent)
    _note("region.deleted", by, region.public_id, before={"name": region.name})
    region.delete()


@transaction.atomic
def add_terminal(*, branch: Branch, name: str, by: Staff | None = None) -> Terminal:
    """Put a till into a branch. Raises `InvalidInput` for an empty name, `NotAllowed` for a branch beyond one's own."""
    if by is not None:
        require(by, "places.manage", branch=branch)
    terminal = Terminal.objects.create(branch=branch, name=plain_text(name, field="name", longest=60))
    after = {"name": terminal.name, "branch": branch.public_id}
    _note("terminal.added", by, terminal.public_id, branch=branch, after=after)
    return terminal


@transaction.atomic
def switch_terminal(*, terminal: Terminal, is_active: bool, by: Staff) -> Terminal:
    """Take a till out of use, its tokens with it, or put it back. Raises `NotAllowed`."""
    require(by, "places.manage", branch=terminal.branch)
    Terminal.objects.filter(pk=terminal.pk).update(is_active=is_active)
    terminal.is_active = is_active
    act = "terminal.switched_on" if is_active else "terminal.switched_off"
    _note(act, by, terminal.public_id, branch=terminal.branch)
    return terminal


def _must_manage(by: Staff | None, *, region: Region | None) -> None:
    """Whoever opens or draws something must manage places there: in the region, or in the whole business for None."""
    if by is None:
        return
    require(by, "places.manage")
    scope = scope_of(by)
    if not scope.is_whole and (region is None or by.region_id is None or region.pk not in regions_in(by.region_id)):
        raise NotAllowed(field="region")


def _write_branch(branch: Branch, *, name: str, address: str, zone: str, region: Region | None) -> None:
    if zone and not clock.is_zone(zone):
        raise InvalidInput(_("Enter a time zone by its name, for example Asia/Shanghai."), field="zone")
    branch.name = plain_text(name, field="name", longest=80)
    branch.address = plain_text(address, field="address", longest=200, required=False)
    branch.zone, branch.region = zone, region
    _save(branch, _("There is a branch of this name already. Choose another name."))


def _save(place: Branch | Region, words_if_taken: str) -> None:
    try:
        with transaction.atomic():
            place.save()
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") == "23505":
            raise InvalidInput(words_if_taken, field="name") from error
        raise


def _branch_as_written(branch: Branch) -> dict[str, Any]:
    return {
        "name": branch.name,
        "address": branch.address,
        "zone": branch.zone,
        "region": branch.region.public_id if branch.region else "",
    }


def _note(act: str, by: Staff | None, subject: str, *, branch: Branch | None = None, **changes: Any) -> None:
    record(act=act, actor=by.public_id if by else "", subject=subject, branch=branch, **changes)
