"""Where a right holds: in the whole business, in a region with all that lies in it, or at one branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet

from regulars.organisation.models import Branch, Region, Staff

Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True)
class Scope:
    """The branches somebody may act for; `branches` None is the whole business, with what belongs to no branch."""

    branches: frozenset[int] | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.branches is None

    @property
    def branch_ids(self) -> frozenset[int]:
        """The branches by database id; empty for the whole business, which needs no list."""
        return self.branches or frozenset()

    def covers(self, branch: Branch | None) -> bool:
        """Whether a branch is in; what belongs to no branch (None) is in the whole business only."""
        return self.branches is None or (branch is not None and branch.pk in self.branches)

    def covers_all(self, other: Scope) -> bool:
        """Whether the other scope lies in this one."""
        return self.branches is None or (other.branches is not None and other.branches <= self.branches)

    def limit(self, records: QuerySet[Record], field: str = "branch") -> QuerySet[Record]:
        """Only the records of these branches; `field` leads from a record to its branch, "" is the branch itself."""
        if self.branches is None:
            return records
        return records.filter(**{f"{field}__in" if field else "pk__in": self.branches})


WHOLE = Scope(None)


def scope_of(staff: Staff) -> Scope:
    """Where the rights of a member of staff hold. A region asks the database which branches lie in it."""
    if staff.branch_id is not None:
        return Scope(frozenset({staff.branch_id}))
    if staff.region_id is not None:
        return Scope(frozenset(branches_in(staff.region_id)))
    return WHOLE


def branches_in(region: int) -> list[int]:
    """The branches of a region and of every region in it, open or not, two questions to the database."""
    return list(Branch.objects.filter(region__in=regions_in(region)).values_list("pk", flat=True))


def regions_in(region: int) -> set[int]:
    """A region and every region in it, one question to the database."""
    inside, parents = {region}, list(Region.objects.values_list("pk", "parent"))
    while found := {each for each, parent in parents if parent in inside} - inside:
        inside |= found
    return inside


def regions_of(staff: Staff) -> QuerySet[Region]:
    """The regions that somebody knows of: all, those in the own one, or the one that the own branch lies in."""
    regions = Region.objects.all()
    if staff.branch is not None:
        return regions.filter(branches=staff.branch)
    return regions if staff.region_id is None else regions.filter(pk__in=regions_in(staff.region_id))
