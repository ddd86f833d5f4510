"""Where figures are looked at from: the whole of one's scope, or a region or branch in it that was chosen."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.errors import NotFound
from regulars.organisation.models import Branch, Region
from regulars.organisation.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Place:
    """A region or branch to choose, by public id."""

    public_id: str
    name: str
    branches: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is looked at: `scope` is what the figures are limited to, `chosen` the place it was narrowed to."""

    scope: Scope
    regions: tuple[Place, ...] = ()
    branches: tuple[Place, ...] = ()
    chosen: str = ""

    @property
    def is_choice(self) -> bool:
        """Whether there is anything to choose from."""
        return len(self.branches) > 1

    @property
    def name(self) -> str:
        """The name of the chosen place, of the only one there is, or nothing for everything one may see."""
        places = {place.public_id: place.name for place in (*self.regions, *self.branches)}
        if self.chosen:
            return places[self.chosen]
        return self.branches[0].name if len(self.branches) == 1 and not self.scope.is_whole else ""

    def branch_name(self, branch: int) -> str:
        """The name of a branch by its database id; nothing for a branch that is not in sight."""
        return next((place.name for place in self.branches if branch in place.branches), "")


def outlook(scope: Scope, at: str = "") -> Outlook:
    """What somebody with this scope looks at; `at` is the public id of a region or branch, or nothing.

    Two questions to the database. Raises `NotFound` for a place that is not there or lies beyond the scope.
    """
    rows = list(scope.limit(Branch.objects.all(), field="").values_list("pk", "public_id", "name", "region_id"))
    branches = tuple(Place(public_id=code, name=name, branches=frozenset({pk})) for pk, code, name, _region in rows)
    seen = frozenset(pk for pk, *_rest in rows)
    inside: dict[int, set[int]] = {}
    for pk, _code, _name, region in rows:
        inside.setdefault(region or 0, set()).add(pk)
    # a region of which one sees no other part than the whole of one's own scope is no choice
    regions = tuple(each for each in _regions(inside) if each.branches and (scope.is_whole or each.branches < seen))
    chosen = next((place for place in (*regions, *branches) if place.public_id == at), None)
    if at and chosen is None:
        raise NotFound
    return Outlook(
        scope=Scope(chosen.branches) if chosen else scope,
        regions=regions,
        branches=branches,
        chosen=chosen.public_id if chosen else "",
    )


def _regions(inside: dict[int, set[int]]) -> list[Place]:
    """Every region with the branches in sight that lie in it or in a region of it."""
    rows = list(Region.objects.values_list("pk", "public_id", "name", "parent_id"))

    def branches_of(region: int) -> set[int]:
        found = set(inside.get(region, ()))
        for part, _code, _name, parent in rows:
            if parent == region and part != region:
                found |= branches_of(part)
        return found

    return [Place(public_id=code, name=name, branches=frozenset(branches_of(pk))) for pk, code, name, _parent in rows]
