"""Questions to the facts of each day: sums over spans of days, within the branches somebody may see.

No question here counts sales or members: each reads a row or a few per day, whatever the size of the business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from regulars.insights.models import COUNTED, HOURS, Day
from regulars.organisation.scope import Scope

WEEK = dt.timedelta(days=7)
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What was counted over a span of days; amounts in minor units."""

    sales: int = 0
    total: int = 0
    discounts: int = 0
    member_sales: int = 0
    member_total: int = 0
    refunds: int = 0
    refunded: int = 0
    joined: int = 0
    points_issued: int = 0
    points_taken_back: int = 0
    points_spent: int = 0
    points_adjusted: int = 0
    points_expired: int = 0

    @property
    def net(self) -> int:
        """What was sold less what was refunded on the same days."""
        return self.total - self.refunded

    @property
    def points(self) -> int:
        """Points earned by members less those taken back, without what staff gave by hand."""
        return self.points_issued - self.points_taken_back

    @property
    def points_moved(self) -> int:
        """By how much the points that members hold grew or shrank."""
        return self.points + self.points_adjusted - self.points_spent - self.points_expired

    def __add__(self, other: Totals) -> Totals:
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in COUNTED})


assert tuple(field.name for field in fields(Totals)) == COUNTED
NOTHING = Totals()


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def before(self) -> Span:
        """As many days, ending the day before this begins."""
        return Span(first=self.first - dt.timedelta(days=self.days), last=self.first - ONE_DAY)

    def a_year_before(self) -> Span:
        """The same weekdays 52 weeks ago."""
        return Span(first=self.first - 52 * WEEK, last=self.last - 52 * WEEK)

    def each(self) -> list[dt.date]:
        """Every day of it."""
        return [self.first + dt.timedelta(days=number) for number in range(self.days)]


def _grouped(scope: Scope, span: Span, by: str, columns: tuple[str, ...] = COUNTED) -> list[dict[str, Any]]:
    """The sums of some columns by one other, ascending; a row is known by the names of its columns."""
    values: list[Any] = [span.first, span.last]
    if scope.branches is not None:
        values.append(sorted(scope.branches))
    with connection.cursor() as cursor:
        cursor.execute(_sums_by(by, columns, is_whole=scope.is_whole), values)
        names = [by, *(f"sum_{name}" for name in columns)]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@lru_cache(maxsize=32)
def _sums_by(by: str, columns: tuple[str, ...], *, is_whole: bool) -> str:
    """The words of the question. Every first page asks it thrice; putting a dozen sums into words takes longer."""
    quoted = connection.ops.quote_name
    sums = ", ".join(f"SUM({quoted(name)})" for name in columns)
    where = "business_date BETWEEN %s AND %s" + ("" if is_whole else " AND branch = ANY(%s)")
    table = quoted(Day._meta.db_table)
    return f"SELECT {quoted(by)}, {sums} FROM {table} WHERE {where} GROUP BY 1 ORDER BY 1"  # noqa: S608


def _within(scope: Scope, span: Span) -> QuerySet[Day]:
    return scope.limit(Day.objects.filter(business_date__range=(span.first, span.last)))


def _sums(columns: Iterable[str] = COUNTED) -> dict[str, Any]:
    return {f"sum_{name}": Sum(name) for name in columns}


def _totals(row: Mapping[str, Any]) -> Totals:
    return Totals(**{name: int(row[f"sum_{name}"] or 0) for name in COUNTED if f"sum_{name}" in row})


def totals(scope: Scope, span: Span) -> Totals:
    """Everything of a span; one question."""
    return _totals(_within(scope, span).aggregate(**_sums()))


def by_day(scope: Scope, span: Span) -> dict[dt.date, Totals]:
    """Every day of a span, those on which nothing happened too; one question."""
    rows = _grouped(scope, span, "business_date")
    found = {row["business_date"]: _totals(row) for row in rows}
    return {day: found.get(day, NOTHING) for day in span.each()}


def by_branch(scope: Scope, span: Span) -> dict[int, Totals]:
    """By the database id of the branch, 0 for what belongs to none; one question."""
    rows = _grouped(scope, span, "branch")
    return {row["branch"]: _totals(row) for row in rows}


def by_tier(scope: Scope, span: Span) -> dict[str, Totals]:
    """By the code of the tier that members bought at, "" for guests; one question."""
    rows = _grouped(scope, span, "tier")
    return {row["tier"]: _totals(row) for row in rows}


def by_hour(scope: Scope, span: Span) -> dict[int, Totals]:
    """By the hour of the branch's day, 0 to 23: sales, what was sold and what was refunded; one question."""
    columns = ("sales", "total", "refunded")
    places = {f"{name}_{hour}": Sum(f"hourly_{name}__{hour}") for name in columns for hour in range(HOURS)}
    row = _within(scope, span).aggregate(**places)
    return {hour: Totals(**{name: int(row[f"{name}_{hour}"] or 0) for name in columns}) for hour in range(HOURS)}


def joined_by_day(scope: Scope, span: Span) -> dict[dt.date, int]:
    """New members on every day of a span; one question."""
    rows = _grouped(scope, span, "business_date", ("joined",))
    found = {row["business_date"]: int(row["sum_joined"]) for row in rows}
    return {day: found.get(day, 0) for day in span.each()}


def members(scope: Scope, until: dt.date) -> int:
    """How many had joined by the end of a day; one question."""
    rows = scope.limit(Day.objects.filter(business_date__lte=until, joined__gt=0))
    return int(rows.aggregate(everybody=Sum("joined"))["everybody"] or 0)


def points_held(until: dt.date) -> int:
    """The points that all members held at the end of a day, pending ones included; one question."""
    columns = tuple(name for name in COUNTED if name.startswith("points_"))
    return _totals(Day.objects.filter(business_date__lte=until).aggregate(**_sums(columns))).points_moved


def sales_so_far(scope: Scope) -> int:
    """How many sales were made, ever; one question."""
    return int(scope.limit(Day.objects.all()).aggregate(everything=Sum("sales"))["everything"] or 0)


def first_day() -> dt.date | None:
    """The first day of which anything is known; None for a business in which nothing happened yet."""
    return Day.objects.order_by("business_date").values_list("business_date", flat=True).first()


# Are the facts right? -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A column that says something else than a count of the records would."""

    business_date: dt.date
    branch: int
    tier: str
    column: str
    kept: int
    counted: int


def differences(first: dt.date, last: dt.date) -> list[Difference]:
    """Where the facts of a span of days are not what a count of the records gives; empty when all are right.

    Reads every sale of these days: for tests, for an operator in doubt, never for a page.
    """
    kept = _kept_rows(Span(first=first, last=last))
    counted = _counted_rows(first, last)
    nothing: dict[str, int] = dict.fromkeys(COUNTED, 0)
    return [
        Difference(business_date=key[0], branch=key[1], tier=key[2], column=name, kept=one[name], counted=other[name])
        for key in sorted({*kept, *counted})
        for one, other in [(kept.get(key, nothing), counted.get(key, nothing))]
        for name in COUNTED
        if one[name] != other[name]
    ]


Key = tuple[dt.date, int, str]


def _kept_rows(span: Span) -> dict[Key, dict[str, int]]:
    found: dict[Key, dict[str, int]] = {}
    for row in Day.objects.filter(business_date__range=(span.first, span.last)):
        here = found.setdefault((row.business_date, row.branch, row.tier), dict.fromkeys(COUNTED, 0))
        for name in COUNTED:
            here[name] += getattr(row, name)
    return found


def _counted_rows(first: dt.date, last: dt.date) -> dict[Key, dict[str, int]]:
    schema = connection.ops.quote_name(connection.schema_name)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        columns = ", ".join(("business_date", "branch", "tier", *COUNTED))
        cursor.execute(f"SELECT {columns} FROM {schema}.insights_counted(%s, %s)", [first, last])  # noqa: S608
        return {(row[0], row[1], row[2]): dict(zip(COUNTED, row[3:], strict=True)) for row in cursor.fetchall()}
