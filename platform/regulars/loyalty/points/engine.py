"""What a set of rules gives, as a pure function over plain figures: groups, multiples, caps, one rounding at the end.

Fractions are kept exact until everything is added up; then the sum is rounded down, once, and shared over the rules so
that their whole points add up to it. What went in is stored with what came out, and comes to the same again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from regulars.loyalty.points.models import Kind

NOTHING = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One rule that applies: its figures, the `amount` it counts (minor units) and the `room` its caps leave.

    `lines` are the lines it counts with their amounts, None for all of them; `room` None for no cap.
    """

    rule: str
    kind: str
    points: int = 0
    per_amount: int = 0
    whole_steps: bool = False
    factor: int = 100
    group: str = ""
    priority: int = 0
    amount: int = 0
    lines: Mapping[int, int] | None = None
    room: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The offer as a sale keeps it; what is not set is left out."""
        kept = {name: value for name, value in vars(self).items() if value or name in ("rule", "kind") or value == 0}
        kept = {name: value for name, value in kept.items() if value != DEFAULTS.get(name, "")}
        if self.lines is not None:
            kept["lines"] = {str(position): amount for position, amount in self.lines.items()}
        return kept


DEFAULTS: dict[str, Any] = {
    "points": 0,
    "per_amount": 0,
    "whole_steps": False,
    "factor": 100,
    "group": "",
    "priority": 0,
    "amount": 0,
    "lines": None,
    "room": None,
}


def offer_of(kept: Mapping[str, Any]) -> Offer:
    """The offer that `as_json` wrote."""
    lines = kept.get("lines")
    known = {**kept, "lines": None if lines is None else {int(at): amount for at, amount in lines.items()}}
    return Offer(**known)


def decide(offers: Sequence[Offer]) -> dict[str, int]:
    """Whole points by rule, those that give none left out.

    In a group the highest priority wins, then the most points, then the first; without a group all add up. Multiples
    multiply what the winning rules for spending give on the lines they count, after their caps.
    """
    if len(offers) == 1 and offers[0].kind != Kind.MULTIPLIER:  # nearly every sale of nearly every shop
        alone = int(_worth(offers[0], ()))
        return {offers[0].rule: alone} if alone else {}
    return _shared(_exact(offers))


def _exact(offers: Sequence[Offer]) -> dict[str, Fraction]:
    groups: dict[str, list[Offer]] = {}
    for number, offer in enumerate(offers):
        groups.setdefault(f"group:{offer.group}" if offer.group else f"rule:{number}", []).append(offer)
    won: dict[str, Fraction] = {}
    base: list[tuple[Offer, Fraction]] = []
    # first the groups in which nothing multiplies, then the mixed ones, at last those in which all do
    for members in sorted(groups.values(), key=_multiples):
        winner, worth = _winner(members, base)
        if winner is None:
            continue
        won[winner.rule] = worth
        if winner.kind == Kind.PER_AMOUNT:
            base.append((winner, worth))
    return won


def _multiples(members: Sequence[Offer]) -> int:
    count = sum(offer.kind == Kind.MULTIPLIER for offer in members)
    return 0 if count == 0 else 2 if count == len(members) else 1


def _winner(members: Sequence[Offer], base: Sequence[tuple[Offer, Fraction]]) -> tuple[Offer | None, Fraction]:
    best: Offer | None = None
    most = NOTHING
    for offer in members:
        worth = _worth(offer, base)
        if worth > 0 and (best is None or (offer.priority, worth) > (best.priority, most)):
            best, most = offer, worth
    return best, most


def _worth(offer: Offer, base: Sequence[tuple[Offer, Fraction]]) -> Fraction:
    if offer.kind == Kind.FIXED:
        worth = Fraction(offer.points)
    elif offer.kind == Kind.PER_AMOUNT:
        steps = offer.amount // offer.per_amount if offer.whole_steps else Fraction(offer.amount, offer.per_amount)
        worth = Fraction(steps * offer.points)
    else:
        multiplied = sum((_overlap(offer, other, worth) for other, worth in base), NOTHING)
        worth = multiplied * Fraction(offer.factor - 100, 100)
    worth = max(NOTHING, worth)
    return worth if offer.room is None else min(worth, Fraction(max(0, offer.room)))


def _overlap(multiple: Offer, other: Offer, worth: Fraction) -> Fraction:
    """What the other rule gives on the lines that the multiple counts."""
    if multiple.lines is None or other.amount == 0:
        return worth
    if other.lines is None:
        common = multiple.amount
    else:
        common = sum(amount for position, amount in other.lines.items() if position in multiple.lines)
    return worth * Fraction(common, other.amount)


def _shared(exact: Mapping[str, Fraction]) -> dict[str, int]:
    total = int(sum(exact.values(), NOTHING))  # the one rounding, down: nothing here is below zero
    whole = {rule: int(worth) for rule, worth in exact.items()}
    left = total - sum(whole.values())
    by_remainder = sorted(exact, key=lambda rule: whole[rule] - exact[rule])
    for rule in by_remainder[:left]:
        whole[rule] += 1
    return {rule: points for rule, points in whole.items() if points}


def explanation(offers: Sequence[Offer], given: Mapping[str, int]) -> dict[str, Any]:
    """What a sale keeps: everything that was offered, and what each rule gave."""
    return {"offers": [offer.as_json() for offer in offers], "given": dict(given)}


def recomputed(kept: Mapping[str, Any]) -> dict[str, int]:
    """What the kept offers come to; equal to what the explanation says was given."""
    return decide([offer_of(offer) for offer in kept.get("offers", [])])
