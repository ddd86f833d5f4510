"""What can be said about a field: each operator with its words, its SQL and the same answer in memory.

What is unknown (NULL, None) makes every positive statement false. A negative statement is exactly the contrary of a
positive one, so it holds for what is unknown: whoever never bought "has not bought in the last 60 days".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars import clock
from regulars.conditions.fields import Kind, Sql

Takes = Literal["nothing", "one", "two", "list", "days"]
"""What stands behind an operator: nothing, one value, two of them, a list, or a number of days."""


@dataclass(frozen=True, kw_only=True)
class Operator:
    """`said` has the gaps `label` (with its time) and `value`; `label` is what a list of operators shows.

    `sql` (which names the fragment once, before its own parameters) and `holds` answer the positive statement; a
    `negative` operator is its contrary in both. `since` gives the day before which the positive statement is false.
    """

    code: str
    kinds: frozenset[Kind]
    label: str | Promise
    said: str | Promise
    takes: Takes
    sql: Callable[[str, Any], Sql]
    holds: Callable[[Any, Any], bool]
    negative: bool = False
    since: Callable[[Any], dt.date] | None = None

    def as_sql(self, fragment: Sql, value: Any) -> Sql:
        """The statement about a fragment, always true or false, never NULL."""
        text, params = fragment
        compared, more = self.sql(text, value)
        answer = f"COALESCE({compared}, FALSE)"
        return (f"NOT {answer}" if self.negative else answer), [*params, *more]

    def answer(self, actual: Any, value: Any) -> bool:
        """The statement about a value that is known here."""
        found = actual is not None and self.holds(actual, value)
        return not found if self.negative else found


FIGURES: frozenset[Kind] = frozenset({"number", "money"})
DATES: frozenset[Kind] = frozenset({"date"})
ONE_OF: frozenset[Kind] = frozenset({"choice"})
SOME_OF: frozenset[Kind] = frozenset({"choices"})
TEXTS: frozenset[Kind] = frozenset({"text"})
ANY_KIND: frozenset[Kind] = frozenset({"number", "money", "date", "choice", "choices", "text"})

LOWERED = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
SMALL = "translate({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
"""Latin capitals make no difference; done letter by letter, for what a database lowers depends on where it runs."""


def _small(text: str) -> str:
    return text.translate(LOWERED)


def _compared(sign: str) -> Callable[[str, Any], Sql]:
    return lambda text, value: (f"({text}) {sign} %s", [value])


def _day(sign: str) -> Callable[[str, Any], Sql]:
    return lambda text, value: (f"({text}) {sign} %s::date", [value])


def _between(cast: str) -> Callable[[str, Any], Sql]:
    return lambda text, value: (f"({text}) BETWEEN %s{cast} AND %s{cast}", list(value))


def _last_days(days: int) -> tuple[dt.date, dt.date]:
    today = clock.today()
    return today - dt.timedelta(days=days - 1), today


def _next_days(days: int) -> tuple[dt.date, dt.date]:
    today = clock.today()
    return today, today + dt.timedelta(days=days - 1)


def _within(days_of: Callable[[int], tuple[dt.date, dt.date]]) -> Callable[[str, Any], Sql]:
    return lambda text, value: (f"({text}) BETWEEN %s::date AND %s::date", list(days_of(value)))


def _is_within(days_of: Callable[[int], tuple[dt.date, dt.date]]) -> Callable[[Any, Any], bool]:
    def holds(actual: Any, value: Any) -> bool:
        first, last = days_of(value)
        return bool(first <= actual <= last)

    return holds


def _lies_between(actual: Any, value: Any) -> bool:
    return bool(value[0] <= actual <= value[1])


def _small_sql(sign: str) -> Callable[[str, Any], Sql]:
    return lambda text, value: (sign.format(SMALL.format(f"({text})")), [_small(value)])


def _figure(code: str, sign: str, label: Promise, said: Promise, holds: Callable[[Any, Any], bool]) -> Operator:
    return Operator(code=code, kinds=FIGURES, label=label, said=said, takes="one", sql=_compared(sign), holds=holds)


def _date(code: str, sign: str, label: Promise, said: Promise, holds: Callable[[Any, Any], bool]) -> Operator:
    since = _itself if sign in ("=", ">=", ">") else None
    return Operator(
        code=code, kinds=DATES, label=label, said=said, takes="one", sql=_day(sign), holds=holds, since=since
    )


def _itself(day: dt.date) -> dt.date:
    return day


def _first_of_last(days: int) -> dt.date:
    return _last_days(days)[0]


FIGURE_OPERATORS = [
    _figure(
        "at_least",
        ">=",
        pgettext_lazy("comparison", "at least"),
        _("%(label)s is at least %(value)s"),
        lambda a, v: a >= v,
    ),
    _figure(
        "at_most",
        "<=",
        pgettext_lazy("comparison", "at most"),
        _("%(label)s is at most %(value)s"),
        lambda a, v: a <= v,
    ),
    _figure(
        "more_than",
        ">",
        pgettext_lazy("comparison", "more than"),
        _("%(label)s is more than %(value)s"),
        lambda a, v: a > v,
    ),
    _figure(
        "less_than",
        "<",
        pgettext_lazy("comparison", "less than"),
        _("%(label)s is less than %(value)s"),
        lambda a, v: a < v,
    ),
    Operator(
        code="between",
        kinds=FIGURES,
        label=pgettext_lazy("comparison", "from … to …"),
        said=_("%(label)s is from %(first)s to %(last)s"),
        takes="two",
        sql=_between(""),
        holds=_lies_between,
    ),
    _figure(
        "is", "=", pgettext_lazy("comparison", "exactly"), _("%(label)s is exactly %(value)s"), lambda a, v: a == v
    ),
    Operator(
        code="is_not",
        kinds=FIGURES,
        label=pgettext_lazy("comparison", "anything but"),
        said=_("%(label)s is anything but %(value)s"),
        takes="one",
        sql=_compared("="),
        holds=lambda a, v: a == v,
        negative=True,
    ),
]

DATE_OPERATORS = [
    Operator(
        code="last_days",
        kinds=DATES,
        label=pgettext_lazy("comparison", "in the last … days"),
        said=_("%(label)s is within the last %(value)s"),
        takes="days",
        sql=_within(_last_days),
        holds=_is_within(_last_days),
        since=_first_of_last,
    ),
    Operator(
        code="not_last_days",
        kinds=DATES,
        label=pgettext_lazy("comparison", "not in the last … days, or never"),
        said=_("%(label)s is not within the last %(value)s"),
        takes="days",
        sql=_within(_last_days),
        holds=_is_within(_last_days),
        since=_first_of_last,
        negative=True,
    ),
    Operator(
        code="next_days",
        kinds=DATES,
        label=pgettext_lazy("comparison", "in the next … days"),
        said=_("%(label)s is within the next %(value)s"),
        takes="days",
        sql=_within(_next_days),
        holds=_is_within(_next_days),
        since=lambda _days: clock.today(),
    ),
    _date(
        "from",
        ">=",
        pgettext_lazy("comparison", "on or after"),
        _("%(label)s is on or after %(value)s"),
        lambda a, v: a >= v,
    ),
    _date(
        "until",
        "<=",
        pgettext_lazy("comparison", "on or before"),
        _("%(label)s is on or before %(value)s"),
        lambda a, v: a <= v,
    ),
    _date("after", ">", pgettext_lazy("comparison", "after"), _("%(label)s is after %(value)s"), lambda a, v: a > v),
    _date("before", "<", pgettext_lazy("comparison", "before"), _("%(label)s is before %(value)s"), lambda a, v: a < v),
    Operator(
        code="between",
        kinds=DATES,
        label=pgettext_lazy("comparison", "from … to …"),
        said=_("%(label)s is from %(first)s to %(last)s"),
        takes="two",
        sql=_between("::date"),
        holds=_lies_between,
        since=lambda days: days[0],
    ),
    _date("is", "=", pgettext_lazy("comparison", "on"), _("%(label)s is on %(value)s"), lambda a, v: a == v),
]

CHOICE_OPERATORS = [
    Operator(
        code="any_of",
        kinds=ONE_OF,
        label=pgettext_lazy("comparison", "is one of"),
        said=_("%(label)s is %(value)s"),
        takes="list",
        sql=lambda text, value: (f"({text}) = ANY(%s::text[])", [list(value)]),
        holds=lambda a, v: a in v,
    ),
    Operator(
        code="none_of",
        kinds=ONE_OF,
        label=pgettext_lazy("comparison", "is none of"),
        said=_("%(label)s is not %(value)s"),
        takes="list",
        sql=lambda text, value: (f"({text}) = ANY(%s::text[])", [list(value)]),
        holds=lambda a, v: a in v,
        negative=True,
    ),
    Operator(
        code="is",
        kinds=ONE_OF,
        label=pgettext_lazy("comparison", "is"),
        said=_("%(label)s is %(value)s"),
        takes="one",
        sql=lambda text, value: (f"({text}) = %s::text", [value]),
        holds=lambda a, v: a == v,
    ),
    Operator(
        code="is_not",
        kinds=ONE_OF,
        label=pgettext_lazy("comparison", "is not"),
        said=_("%(label)s is not %(value)s"),
        takes="one",
        sql=lambda text, value: (f"({text}) = %s::text", [value]),
        holds=lambda a, v: a == v,
        negative=True,
    ),
    Operator(
        code="any_of",
        kinds=SOME_OF,
        label=pgettext_lazy("comparison", "include one of"),
        said=_("%(label)s include %(value)s"),
        takes="list",
        sql=lambda text, value: (f"({text}) && %s::text[]", [list(value)]),
        holds=lambda a, v: not set(v).isdisjoint(a),
    ),
    Operator(
        code="all_of",
        kinds=SOME_OF,
        label=pgettext_lazy("comparison", "include all of"),
        said=_("%(label)s include all of %(all_values)s"),
        takes="list",
        sql=lambda text, value: (f"({text}) @> %s::text[]", [list(value)]),
        holds=lambda a, v: set(v) <= set(a),
    ),
    Operator(
        code="none_of",
        kinds=SOME_OF,
        label=pgettext_lazy("comparison", "include none of"),
        said=_("%(label)s do not include %(value)s"),
        takes="list",
        sql=lambda text, value: (f"({text}) && %s::text[]", [list(value)]),
        holds=lambda a, v: not set(v).isdisjoint(a),
        negative=True,
    ),
]

TEXT_OPERATORS = [
    Operator(
        code="is",
        kinds=TEXTS,
        label=pgettext_lazy("comparison", "is"),
        said=_("%(label)s is %(value)s"),
        takes="one",
        sql=_small_sql("{} = %s"),
        holds=lambda a, v: _small(a) == _small(v),
    ),
    Operator(
        code="is_not",
        kinds=TEXTS,
        label=pgettext_lazy("comparison", "is not"),
        said=_("%(label)s is not %(value)s"),
        takes="one",
        sql=_small_sql("{} = %s"),
        holds=lambda a, v: _small(a) == _small(v),
        negative=True,
    ),
    Operator(
        code="contains",
        kinds=TEXTS,
        label=pgettext_lazy("comparison", "contains"),
        said=_("%(label)s contains %(value)s"),
        takes="one",
        sql=_small_sql("strpos({}, %s) > 0"),
        holds=lambda a, v: _small(v) in _small(a),
    ),
    Operator(
        code="begins_with",
        kinds=TEXTS,
        label=pgettext_lazy("comparison", "begins with"),
        said=_("%(label)s begins with %(value)s"),
        takes="one",
        sql=_small_sql("starts_with({}, %s)"),
        holds=lambda a, v: _small(a).startswith(_small(v)),
    ),
]

OTHER_OPERATORS = [
    Operator(
        code="yes",
        kinds=frozenset({"yes_no"}),
        label=pgettext_lazy("comparison", "yes"),
        said=_("%(label)s: yes"),
        takes="nothing",
        sql=lambda text, _value: (f"({text})", []),
        holds=lambda a, _value: bool(a),
    ),
    Operator(
        code="no",
        kinds=frozenset({"yes_no"}),
        label=pgettext_lazy("comparison", "no"),
        said=_("%(label)s: no"),
        takes="nothing",
        sql=lambda text, _value: (f"({text})", []),
        holds=lambda a, _value: bool(a),
        negative=True,
    ),
    Operator(
        code="known",
        kinds=ANY_KIND,
        label=pgettext_lazy("comparison", "is known"),
        said=_("%(label)s is known"),
        takes="nothing",
        sql=lambda text, _value: (f"({text}) IS NOT NULL", []),
        holds=lambda _actual, _value: True,
    ),
    Operator(
        code="unknown",
        kinds=ANY_KIND,
        label=pgettext_lazy("comparison", "is not known"),
        said=_("%(label)s is not known"),
        takes="nothing",
        sql=lambda text, _value: (f"({text}) IS NOT NULL", []),
        holds=lambda _actual, _value: True,
        negative=True,
    ),
]

OPERATORS = [*FIGURE_OPERATORS, *DATE_OPERATORS, *CHOICE_OPERATORS, *TEXT_OPERATORS, *OTHER_OPERATORS]
BY_KIND: dict[Kind, dict[str, Operator]] = {
    kind: {operator.code: operator for operator in OPERATORS if kind in operator.kinds}
    for kind in ("number", "money", "date", "choice", "choices", "yes_no", "text")
}
"""The operators of each kind of field by code, in the order in which they are offered."""
