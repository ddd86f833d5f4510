"""What a practice place takes over from its business: how it looks, where it sells and its rules.

Read as plain values in the one and written as new rows in the other, in two steps: no statement names two businesses.
Members, sales, messages, staff, their codes and the tokens of tills are never read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import FileField, Model

from regulars.loyalty.coupons.selectors import BY_ITSELF_KEY
from regulars.loyalty.models import PointsRule, Tier, Track
from regulars.loyalty.points.occasions import TASK_PREFIX
from regulars.loyalty.points.selectors import RULES_KEY
from regulars.loyalty.tiers.selectors import LADDER_KEY
from regulars.organisation import services as organisation
from regulars.organisation.models import (
    ApprovalLimit,
    Branch,
    CustomRole,
    EnabledPlugin,
    Organisation,
    Region,
    Terminal,
)
from regulars.organisation.selectors import CACHE_KEY
from regulars.plugins import gate
from tenants.practice.coupons import coupons_of_this_business, print_coupons
from tenants.practice.wares import lay_out, wares_of_this_business

NOT_TAKEN = frozenset({"id", "public_id", "contact_email", "is_practice", "changed_by"})
"""Columns that a likeness leaves out, of whichever table: what identifies, what is secret, who did it."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Likeness:
    """The settings and rules of a business as plain values; rows refer to each other by name."""

    settings: Row
    pictures: dict[str, tuple[str, bytes]]
    regions: list[Row] = field(default_factory=list)
    branches: list[Row] = field(default_factory=list)
    tills: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    tracks: list[Row] = field(default_factory=list)
    tiers: list[Row] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)
    modules: list[Row] = field(default_factory=list)
    limits: list[Row] = field(default_factory=list)
    wares: dict[str, list[Row]] = field(default_factory=dict)
    coupons: list[Row] = field(default_factory=list)


def likeness_of_this_business() -> Likeness:
    """What may be taken over of the business this thread is in."""
    settings = Organisation.objects.get()
    return Likeness(
        settings=_values(settings),
        pictures=dict(_pictures(settings)),
        regions=[{"name": region.name, "parent": str(region.parent or "")} for region in _by_age(Region, "parent")],
        branches=[{**_values(branch), "region": str(branch.region or "")} for branch in _by_age(Branch, "region")],
        tills=[
            {"name": till.name, "branch": till.branch.name, "is_active": till.is_active}
            for till in _by_age(Terminal, "branch")
        ],
        roles=[_values(role) for role in _by_age(CustomRole)],
        tracks=[_values(track) for track in _by_age(Track)],
        tiers=[{**_values(tier), "track": tier.track.code} for tier in _by_age(Tier, "track")],
        rules=[_rule(rule) for rule in _by_age(PointsRule) if not rule.trigger.startswith(TASK_PREFIX)],
        modules=[_values(module) for module in _by_age(EnabledPlugin)],
        limits=[
            {**_values(limit), "custom_role": str(limit.custom_role or ""), "branch": str(limit.branch or "")}
            for limit in _by_age(ApprovalLimit, "custom_role", "branch")
        ],
        wares=wares_of_this_business(),
        coupons=coupons_of_this_business(),
    )


def take_over(likeness: Likeness) -> None:
    """Give the business this thread is in, a fresh one, that likeness; what its trade brought makes way.

    Within the caller's transaction. From here on it is marked as a place for practice.
    """
    known = likeness.settings
    organisation.set_up(**{name: known[name] for name in ("name", "trade", "language", "currency", "zone", "country")})
    settings = Organisation.objects.get()
    for name, value in known.items():
        setattr(settings, name, value)
    for name, (file, content) in likeness.pictures.items():
        getattr(settings, name).save(file, ContentFile(content), save=False)
    settings.is_practice = True
    settings.save()
    _places(likeness)
    taken: tuple[tuple[type[Model], list[Row]], ...] = (
        (CustomRole, likeness.roles),
        (PointsRule, [_rule_here(row) for row in likeness.rules]),
        (EnabledPlugin, likeness.modules),
    )
    for model, rows in taken:
        model._default_manager.all().delete()
        model._default_manager.bulk_create([model(**row) for row in rows])
    _tiers(likeness)
    _limits(likeness)
    lay_out(likeness.wares)
    print_coupons(likeness.coupons)
    forget_what_is_kept()


def _rule(rule: PointsRule) -> Row:
    """A points rule, its branches and tills by their names: here they have other ids."""
    branches = Branch.objects.filter(public_id__in=rule.branches)
    tills = Terminal.objects.select_related("branch").filter(public_id__in=rule.terminals)
    return {
        **_values(rule),
        "branches": [branch.name for branch in branches],
        "terminals": [[till.branch.name, till.name] for till in tills],
    }


def _rule_here(row: Row) -> Row:
    """The same rule with the branches and tills of this business."""
    ids = {(till.branch.name, till.name): till.public_id for till in _by_age(Terminal, "branch")}
    branches = Branch.objects.filter(name__in=row["branches"])
    return {
        **row,
        "branches": [branch.public_id for branch in branches],
        "terminals": [ids[branch, till] for branch, till in row["terminals"] if (branch, till) in ids],
    }


def forget_what_is_kept() -> None:
    """Let the business this thread is in read its settings and rules anew."""
    cache.delete_many([CACHE_KEY, LADDER_KEY, RULES_KEY, BY_ITSELF_KEY])
    gate.forget()


def _places(likeness: Likeness) -> None:
    for model in (Terminal, Branch, Region):
        model.objects.all().delete()
    regions: dict[str, Region] = {}
    waiting = list(likeness.regions)
    while waiting:
        row = waiting.pop(0)
        if row["parent"] and row["parent"] not in regions:
            waiting.append(row)
            continue
        regions[row["name"]] = Region.objects.create(name=row["name"], parent=regions.get(row["parent"]))
    branches = {
        row["name"]: Branch.objects.create(**{**row, "region": regions.get(row["region"])}) for row in likeness.branches
    }
    for till in likeness.tills:
        Terminal.objects.create(**{**till, "branch": branches[till["branch"]]})


def _tiers(likeness: Likeness) -> None:
    Tier.objects.all().delete()
    Track.objects.all().delete()
    tracks = {track.code: track for track in Track.objects.bulk_create(Track(**row) for row in likeness.tracks)}
    Tier.objects.bulk_create(Tier(**{**row, "track": tracks[row["track"]]}) for row in likeness.tiers)


def _limits(likeness: Likeness) -> None:
    roles = {role.name: role for role in CustomRole.objects.all()}
    branches = {branch.name: branch for branch in Branch.objects.all()}
    ApprovalLimit.objects.all().delete()
    ApprovalLimit.objects.bulk_create(
        ApprovalLimit(**{**row, "custom_role": roles.get(row["custom_role"]), "branch": branches.get(row["branch"])})
        for row in likeness.limits
    )


def _by_age(model: type[Model], *followed: str) -> list[Any]:
    found = model._default_manager.order_by("pk")
    return list(found.select_related(*followed) if followed else found)


def _values(row: Model) -> Row:
    """The columns of a row that may be taken over; pictures and what it refers to go their own way."""
    return {
        column.name: getattr(row, column.name)
        for column in row._meta.concrete_fields
        if column.name not in NOT_TAKEN and not column.is_relation and not isinstance(column, FileField)
    }


def _pictures(settings: Organisation) -> list[tuple[str, tuple[str, bytes]]]:
    found = []
    for column in settings._meta.concrete_fields:
        name = str(getattr(settings, column.name)) if isinstance(column, FileField) else ""
        if name and default_storage.exists(name):
            with default_storage.open(name) as file:
                found.append((column.name, (PurePosixPath(name).name, file.read())))
    return found
