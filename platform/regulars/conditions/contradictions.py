"""Conditions that can never hold, found before they are saved: warnings in words, and the owner decides.

The tree is spread out into its alternatives. Statements about one field that must hold together are tried with every
value at which one of them could change its answer; where none fits, they contradict each other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from django.utils.translation import gettext as _

from regulars import clock
from regulars.conditions import words
from regulars.conditions.fields import EARLIEST, LATEST, Field
from regulars.conditions.tree import Condition, Joined, Leaf, Missing, Negated, Node

MOST_ALTERNATIVES = 256
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
        if claim not in about[claim.leaf.field.code, claim.leaf.window]:
            about[claim.leaf.field.code, claim.leaf.window].append(claim)
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
    return any(
        all(claim.holds(value) for claim in claims)
        for value in _to_try(field, claims)
        if value is not None or not field.is_always_known
    )


def _to_try(field: Field, claims: Sequence[Claim]) -> Iterable[Any]:
    match field.kind:
        case "number" | "money":
            return [None, *_figures(field, claims)]
        case "date":
            return [None, *_days(field, claims)]
        case "yes_no":
            return [None, True, False]
        case "choice":
            return [None, OTHER, *_named(claims)]
        case "choices":
            return _sets(claims)
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


def _sets(claims: Sequence[Claim]) -> list[Any]:
    """The largest set that nobody forbids meets every positive claim; else the empty one, or nothing known."""
    if any(claim.is_turned and claim.leaf.operator.code == "all_of" for claim in claims):
        everything = frozenset([*_named(claims), OTHER])
        return [None, frozenset(), everything, *(everything - {one} for one in everything)]
    forbidden = {
        value
        for claim in claims
        if claim.is_turned != claim.leaf.operator.negative and claim.leaf.operator.takes == "list"
        for value in claim.leaf.value
    }
    return [None, frozenset(), frozenset([*_named(claims), OTHER]) - forbidden]


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
