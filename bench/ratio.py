"""Ratios that can be trusted: both sides interleaved A-B-A-B, a warm-up thrown away, the median and the spread told.

A figure is measured against a reference in the same run on the same server, so that a slow machine slows both. When
the reference itself varies by more than 30 %, the line says so.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

Prepared = TypeVar("Prepared")
ROUNDS = 5
UNSTEADY = 0.30


@dataclass
class Report:
    """What a run found; `lines` are printed as they come, `figures` decide the exit status."""

    is_quiet: bool = False
    figures: list[Figure] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print one line, unless only JSON was asked for."""
        if not self.is_quiet:
            print(line, flush=True)

    def figure(self, name: str, value: float, target: float, *, at_least: bool = False, note: str = "") -> None:
        """Note a figure against its target."""
        found = Figure(name=name, value=value, target=target, at_least=at_least, note=note)
        self.figures.append(found)
        self.say(found.line())


@dataclass(frozen=True)
class Figure:
    """One figure with its target; `at_least` where more is better."""

    name: str
    value: float
    target: float
    at_least: bool
    note: str

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> str:
        """`provision = 1.21 (target ≤ 1.5) holds`."""
        sign, verdict = "≥" if self.at_least else "≤", "holds" if self.holds else "falls short"
        note = f" — {self.note}" if self.note else ""
        return f"{self.name} = {self.value:.3g} (target {sign} {self.target:g}) {verdict}{note}"


@dataclass(frozen=True)
class Measured:
    """Seconds of both sides over all rounds."""

    numerator: list[float]
    denominator: list[float]

    @property
    def ratio(self) -> float:
        """Median over median."""
        return statistics.median(self.numerator) / statistics.median(self.denominator)

    def spread(self, seconds: list[float]) -> float:
        """(largest − smallest) ÷ median."""
        return (max(seconds) - min(seconds)) / statistics.median(seconds)

    def note(self) -> str:
        """Medians, spreads and whether the reference was steady."""
        words = (
            f"median {statistics.median(self.numerator) * 1000:.1f} ms (spread {self.spread(self.numerator):.0%}) over "
            f"{statistics.median(self.denominator) * 1000:.1f} ms (spread {self.spread(self.denominator):.0%})"
        )
        return words + ("; the reference was not steady" if self.spread(self.denominator) > UNSTEADY else "")


def seconds_of(act: Callable[[], object]) -> float:
    """How long one act takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def interleaved(
    numerator: Callable[[], object],
    denominator: Callable[[Prepared], object],
    *,
    prepare: Callable[[], Prepared],
    rounds: int = ROUNDS,
) -> Measured:
    """Measure both sides in turn; the first round warms up and is thrown away. `prepare` is not measured."""
    above, below = [], []
    for number in range(rounds + 1):
        prepared = prepare()
        one, other = seconds_of(numerator), seconds_of(partial(denominator, prepared))
        if number:
            above.append(one)
            below.append(other)
    return Measured(above, below)
