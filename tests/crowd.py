"""Many at once: threads that stand in one business with connections of their own and act in the same instant.

Used by the storms. `STORM=full` scales them up; `switched_off` redefines one of our SQL functions with its guards
taken out, for the negative controls without which a storm proves nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection

import regulars
from tenants.context import business_context

if TYPE_CHECKING:
    from tenants.models import Business

IS_FULL = os.environ.get("STORM") == "full"
PATIENCE = 20.0
"""Seconds after which those who wait for each other give up."""
SOURCES = Path(regulars.__file__).parent


def sized(short: int, full: int) -> int:
    """How many times: `full` with `STORM=full`, else `short`."""
    return full if IS_FULL else short


class Crowd:
    """`size` people in one business, each with a thread and a connection; they start each round together."""

    def __init__(self, business: Business, size: int) -> None:
        self.business = business
        self.size = size
        self._people = ThreadPoolExecutor(size)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._together([connection_closed] * self.size)
        self._people.shutdown()

    def at_once(self, acts: Sequence[Callable[[], Any]]) -> list[Any]:
        """What each act answered, or the exception it raised, in their order; one act for each person."""
        return self._together(acts)

    def _together(self, acts: Sequence[Callable[[], Any]]) -> list[Any]:
        assert len(acts) == self.size
        start = threading.Barrier(self.size)

        def person(act: Callable[[], Any]) -> Any:
            with business_context(self.business):
                start.wait(PATIENCE)
                try:
                    return act()
                except Exception as error:  # noqa: BLE001 - what was refused is an answer too
                    return error

        return list(self._people.map(person, acts))


def connection_closed() -> None:
    """Leave nothing of a thread behind."""
    connection.close()


def successes(answers: Iterable[Any]) -> list[Any]:
    """The answers that are no refusals."""
    return [answer for answer in answers if not isinstance(answer, Exception)]


def refusals(answers: Iterable[Any]) -> list[str]:
    """The names of the refusals, in order."""
    return sorted(type(answer).__name__ for answer in answers if isinstance(answer, Exception))


def waiting_for_each_other(function: Callable[..., Any], parties: int) -> Callable[..., Any]:
    """The same function, which each thread enters only when `parties` threads stand before it, the first time."""
    gate = threading.Barrier(parties)
    seen = threading.local()

    def entered(*args: Any, **named: Any) -> Any:
        if not getattr(seen, "entered", False):
            seen.entered = True
            gate.wait(PATIENCE)
        return function(*args, **named)

    return entered


@contextmanager
def switched_off(
    business: Business, file: str, *guards: tuple[str, str], constraints: Sequence[str] = ()
) -> Iterator[None]:
    """Redefine the functions of one SQL file in one business, each guard's words replaced, and drop constraints there.

    A guard whose words are not in the file fails the test: a negative control must not turn into nothing.
    """
    sql = (SOURCES / file).read_text()
    for words, instead in guards:
        assert words in sql, f"{file} does not say {words!r} any more: mend this negative control"
        sql = sql.replace(words, instead)
    with business_context(business), connection.cursor() as cursor:
        cursor.execute(sql.replace("{schema}", f'"{business.schema_name}"'))
        for constraint in constraints:
            table, _dot, name = constraint.partition(".")
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    yield
