"""What a condition can ask about: a field with its kind, its words and the SQL that answers it for a member.

A room or a module declares fields; nobody here knows which there are. A field of the member has `sql`; a field of the
occasion (the sale at hand) has none and is answered from what the caller says about the occasion.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from dateutil.relativedelta import relativedelta
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars import clock
from regulars.errors import InvalidInput

Kind = Literal["number", "money", "date", "choice", "choices", "yes_no", "text"]
Words = str | Promise
Sql = tuple[str, list[Any]]

LONGEST_WINDOW_DAYS = 3650
LONGEST_WINDOW_MONTHS = 120
EARLIEST = dt.date(1900, 1, 1)
LATEST = dt.date(2200, 12, 31)
CODE = re.compile(r"[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_-]{0,40}")
Choices = list[tuple[str, Words]]
_told: ContextVar[dict[Any, Choices] | None] = ContextVar("choices_told", default=None)


@contextmanager
def choices_once() -> Iterator[None]:
    """While this lasts each list of choices is asked for once, however many fields, rows and sentences show it."""
    if _told.get() is not None:
        yield
        return
    token = _told.set({})
    try:
        yield
    finally:
        _told.reset(token)


def _once(ask: Callable[..., Iterable[tuple[str, Words]]], *scope: Any) -> Choices:
    told = _told.get()
    if told is None:
        return list(ask(*scope))
    if (ask, *scope) not in told:
        told[ask, *scope] = list(ask(*scope))
    return told[ask, *scope]


@dataclass(frozen=True)
class Window:
    """Which days count: the last so many days or months up to today, today included, or all since a day."""

    days: int | None = None
    months: int | None = None
    since: dt.date | None = None

    @property
    def first(self) -> dt.date:
        """The first of the business's days that counts."""
        if self.since is not None:
            return self.since
        if self.months is not None:
            return clock.today() - relativedelta(months=self.months) + dt.timedelta(days=1)
        return clock.today() - dt.timedelta(days=(self.days or 1) - 1)

    def words(self) -> str:
        """`in the last 90 days`."""
        from django.utils.formats import date_format

        if self.since is not None:
            return _("since %(day)s") % {"day": date_format(self.since, "DATE_FORMAT")}
        if self.months is not None:
            return ngettext("in the last month", "in the last %(months)s months", self.months) % {"months": self.months}
        days = self.days or 1
        return ngettext("on this one day", "in the last %(days)s days", days) % {"days": days}

    def as_json(self) -> dict[str, Any]:
        """The window as it is stored."""
        if self.since is not None:
            return {"since": self.since.isoformat()}
        return {"months": self.months} if self.months is not None else {"days": self.days}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing a condition can ask about.

    `code` is `room.name` or `module.name` and never changes, conditions are stored with it. `label` is a noun that
    stands in a sentence ("amount spent"). `sql` gives `(fragment, parameters)`: a scalar expression that answers for
    the row aliased `member` of the table of members, in the business's schema; text for a choice, a text array for
    choices, whole minor units for money. `sql_of_all` gives the same for everybody at once where that is faster: a
    query of `(member_id, value)` with at most one row for a member, `otherwise` what those without a row have; of a
    date that `is_newest` (the last day of something) it is asked for no days before those that matter. A field that
    `takes_window` may be asked for some days only; without one it is asked for all time; one that `grows_with_time`
    never says less of a longer time than of a shorter one. One that `is_always_known` has an answer for every member.
    `choices` gives `(value, words)` pairs and is called when they are needed, `choices_in` those of a scope where not
    everybody may see all of them; `unit` stands behind a figure, which is never below `least` or above `most`.
    """

    code: str
    label: Words
    kind: Kind
    sql: Callable[[Window | None], Sql] | None
    group: Words
    sql_of_all: Callable[[Window | None], Sql] | None = None
    otherwise: str = "NULL"
    is_newest: bool = False
    help: Words = ""
    choices: Callable[[], Iterable[tuple[str, Words]]] | None = None
    choices_in: Callable[[Any], Iterable[tuple[str, Words]]] | None = None
    unit: Words = ""
    takes_window: bool = False
    grows_with_time: bool = False
    is_always_known: bool = False
    least: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code):
            raise ValueError(f"{self.code!r} is no code of a field: room.name in small letters")

    @property
    def is_of_occasion(self) -> bool:
        """Whether it is answered by the occasion, the sale at hand, and by no member alone."""
        return self.sql is None

    def all_choices(self, scope: Any = None) -> dict[str, str]:
        """The values to choose from, each with its words in the active language; none where anything may be named.

        With a scope (`regulars.organisation.scope.Scope`) those that somebody with this scope may see.
        """
        if scope is not None and self.choices_in is not None:
            return {str(value): str(words) for value, words in _once(self.choices_in, scope)}
        return {str(value): str(words) for value, words in _once(self.choices)} if self.choices else {}


def window_of(raw: Any) -> Window | None:
    """A window as it was stored or sent. Raises `InvalidInput`."""
    if raw is None or raw == {}:
        return None
    if not isinstance(raw, dict) or len(raw) != 1:
        raise _refused(_("Say for which time: so many days, so many months, or since a day."))
    ((name, value),) = raw.items()
    most = {"days": LONGEST_WINDOW_DAYS, "months": LONGEST_WINDOW_MONTHS}.get(name)
    if most is not None:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise _refused(_("Enter a time from 1 to %(most)s.") % {"most": most})
        return Window(days=value) if name == "days" else Window(months=value)
    if name != "since":
        raise _refused(_("Say for which time: so many days, so many months, or since a day."))
    day = day_of(value)
    if day > clock.today():
        raise _refused(_("The day since when it counts lies ahead. Choose today or an earlier day."))
    return Window(since=day)


def day_of(value: Any) -> dt.date:
    """A day as it was stored or sent, `YYYY-MM-DD`. Raises `InvalidInput` for none and for absurd ones."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = value.isoformat()
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, flags=re.ASCII):
        raise _refused(_("Enter a day, for example 2026-03-31."))
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise _refused(_("There is no such day. Enter one of the calendar, for example 2026-03-31.")) from None
    if not EARLIEST <= day <= LATEST:
        raise _refused(_("Enter a day between 1900 and 2200."))
    return day


def _refused(words: str) -> InvalidInput:
    return InvalidInput(words, field="condition")
