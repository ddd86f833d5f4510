"""Conditions that can never hold, found before they are saved: warnings in words, and the owner decides.

The tree is spread out into its alternatives. Statements about one field that must hold together are tried with every
value at which one of them could change its answer; where none fits, they contradict each other. Where a field grows
with the time that is counted, statements about several times are tried together: five purchases in a month are never
two in a quarter.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

from django.utils.translation import gettext as _

from regulars import clock
from regulars.conditions import words
from regulars.conditions.fields import EARLIEST, LATEST, Field
from regulars.conditions.tree import Condition, Joined, Leaf, Missing, Negated, Node

MOST_ALTERNATIVES = 256
MOST_SETS = 64
OTHER = "\x00other"
"""Stands for every choice that is named nowhere."""


@dataclass(frozen=True)
class Claim:
    """A statement that must hold, or (turned) whose contrary must."""

    leaf: Leaf
    is_turned: bool

    def holds(self, value: Any) -> bool:
        """For a field of this value."""
        return self.leaf.operator.answer(value, self.leaf.value) != self.is_turned

    def words(self) -> str:
        """The claim as a sentence."""
        sentence = words.leaf(self.leaf)
        return words.contrary(sentence) if self.is_turned else sentence


Alternative = list[Claim]


class TooMany(Exception):
    """A tree has more alternatives than are worth trying."""


def contradictions(condition: Condition) -> list[str]:
    """What can never hold, each in a sentence of the active language; an empty list where nothing was found."""
    if condition.node is None:
        return []
    try:
        alternatives = _alternatives(condition.node, turned=False)
    except TooMany:
        return []
    clashes = [_clashes(alternative) for alternative in alternatives]
    found = list(dict.fromkeys(sentence for each in clashes for sentence in each))
    if found and all(clashes):
        found.append(_("So nobody can ever meet this condition."))
    return found


def _alternatives(node: Node, *, turned: bool) -> list[Alternative]:
    """Lists of claims of which one must hold as a whole. Raises `TooMany`."""
    if isinstance(node, Negated):
        return _alternatives(node.part, turned=not turned)
    if isinstance(node, Leaf):
        return [[Claim(node, turned)]]
    if isinstance(node, Missing):
        return [[]]
    assert isinstance(node, Joined)
    parts = [_alternatives(part, turned=turned) for part in node.parts]
    if node.every == turned:
        found = [alternative for part in parts for alternative in part]
    else:
        count = 1
        for part in parts:
            count *= len(part)
            if count > MOST_ALTERNATIVES:
                raise TooMany
        found = [[claim for piece in pieces for claim in piece] for pieces in product(*parts)]
    if len(found) > MOST_ALTERNATIVES:
        raise TooMany
    return found


def _clashes(alternative: Alternative) -> list[str]:
    about: dict[Any, list[Claim]] = defaultdict(list)
    for claim in alternative:
        field, window = claim.leaf.field, claim.leaf.window
        together = about[field.code, None if field.grows_with_time else window]
        if claim not in together:
            together.append(claim)
    return [sentence for claims in about.values() if not _can_hold(claims) for sentence in [_said(claims)]]


def _said(claims: list[Claim]) -> str:
    """The fewest of the claims that clash, in words."""
    for claim in claims:
        if not _can_hold([claim]):
            return _("“%(one)s” can never be.") % {"one": claim.words()}
    for one, other in combinations(claims, 2):
        if not _can_hold([one, other]):
            return _("“%(one)s” and “%(other)s” can never be together.") % {"one": one.words(), "other": other.words()}
    listed = _("; ").join(claim.words() for claim in claims)
    return _("These can never be all at once: %(claims)s.") % {"claims": listed}


def _can_hold(claims: Sequence[Claim]) -> bool:
    field = claims[0].leaf.field
    by_first_day: dict[dt.date, list[Claim]] = defaultdict(list)
    for claim in claims:
        window = claim.leaf.window
        by_first_day[window.first if window is not None else dt.date.min].append(claim)
    times = [by_first_day[day] for day in sorted(by_first_day, reverse=True)]
    if field.kind == "choices":
        return _sets_can_hold(field, times[::-1], within=None)
    least = None
    for together in times:  # the shortest time first: what is true of it is true of all that follow, or more is
        fitting = [value for value in _to_try(field, together, least) if _fits(field, together, value)]
        if not fitting:
            return False
        known = [value for value in fitting if value is not None]
        least = min(known) if len(times) > 1 and len(known) == len(fitting) else least
    return True


def _fits(field: Field, claims: Sequence[Claim], value: Any) -> bool:
    return (value is not None or not field.is_always_known) and all(claim.holds(value) for claim in claims)


def _sets_can_hold(field: Field, times: Sequence[Sequence[Claim]], within: frozenset[str] | None) -> bool:
    """Whether there are sets for all these times, the longest first, of which each lies in the one before."""
    if not times:
        return True
    among = frozenset([OTHER, *(value for claims in times for value in _named(claims))]) if within is None else within
    for found in islice(_sets(times[0], among), MOST_SETS):
        if _fits(field, times[0], found) and _sets_can_hold(field, times[1:], within if found is None else found):
            return True
    return False


def _to_try(field: Field, claims: Sequence[Claim], least: int | None = None) -> Iterable[Any]:
    """Values at which one of the claims could change its answer; of a figure none below the least it can be."""
    match field.kind:
        case "number" | "money":
            figures = [None, *_figures(field, claims)]
            return figures if least is None else [least, *(each for each in figures if each is None or each >= least)]
        case "date":
            return [None, *_days(field, claims)]
        case "yes_no":
            return [None, True, False]
        case "choice":
            return [None, OTHER, *_named(claims)]
    return _texts(claims)


def _values(claims: Iterable[Claim]) -> list[Any]:
    found: list[Any] = []
    for claim in claims:
        value = claim.leaf.value
        found += list(value) if isinstance(value, tuple) else [] if value is None else [value]
    return found


def _figures(field: Field, claims: Sequence[Claim]) -> list[int]:
    edges = {edge + step for edge in _values(claims) for step in (-1, 0, 1)} | {field.least or 0, field.most or 0}
    return [
        edge
        for edge in edges
        if (field.least is None or edge >= field.least) and (field.most is None or edge <= field.most)
    ]


def _days(field: Field, claims: Sequence[Claim]) -> list[dt.date]:
    today = clock.today()
    edges = {today, EARLIEST, LATEST}
    for claim in claims:
        for value in _values([claim]):
            if claim.leaf.operator.takes == "days":
                edges |= {today + dt.timedelta(days=sign * (value + step)) for sign in (-1, 1) for step in (-1, 0, 1)}
            else:
                edges |= {value + dt.timedelta(days=step) for step in (-1, 0, 1)}
    return [edge for edge in edges if not field.is_of_occasion or edge >= today]


def _named(claims: Sequence[Claim]) -> list[str]:
    return [str(value) for value in _values(claims)]


def _sets(claims: Sequence[Claim], among: frozenset[str]) -> Iterator[frozenset[str] | None]:
    """Nothing known, then the largest sets that no claim forbids: one of them meets every positive claim, or none does.

    Of several that may not all be there, each can be the one that is missing.
    """
    not_all = [c.leaf.value for c in claims if c.is_turned and c.leaf.operator.code == "all_of"]
    forbidden = {
        value
        for claim in claims
        if claim.is_turned != claim.leaf.operator.negative and claim.leaf.operator.code in ("any_of", "none_of")
        for value in claim.leaf.value
    }
    yield None
    for missing in product(*not_all):
        yield among - forbidden - set(missing)
    yield frozenset()


def _texts(claims: Sequence[Claim]) -> list[Any]:
    """Texts are tried only where one is named exactly; anything else could be some long text."""
    exact = [claim.leaf.value for claim in claims if claim.leaf.operator.code == "is" and not claim.is_turned]
    others = [claim for claim in claims if claim.leaf.operator.code not in ("known", "unknown")]
    if exact:
        return exact
    return [None, "".join(_named(claims))] if not others else _freely(claims)


def _freely(claims: Sequence[Claim]) -> list[Any]:
    begins = [c.leaf.value for c in claims if c.leaf.operator.code == "begins_with" and not c.is_turned]
    rest = "".join(c.leaf.value for c in claims if c.leaf.operator.code == "contains" and not c.is_turned)
    return [None, OTHER, *(f"{start}{OTHER}{rest}" for start in begins or [""])]
