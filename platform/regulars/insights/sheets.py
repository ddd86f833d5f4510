"""The tables and charts that owners see, from the facts of each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars import clock
from regulars.insights import selectors
from regulars.insights.charts import Cell, Chart, Sheet
from regulars.insights.places import Outlook
from regulars.insights.selectors import NOTHING, Span, Totals
from regulars.loyalty.models import Tier
from regulars.money import babel_locale, format_count, format_money, to_decimal
from regulars.organisation.scope import Scope
from regulars.words import in_language

GROWTH_DAYS = (30, 90, 365)
STEPS = {30: 1, 90: 7, 365: 7}
"""How many days stand together in one point of the growth line: a day, or a week."""


def count(number: int) -> Cell:
    """A count as the reader's locale writes it."""
    return Cell(value=number, words=format_count(number))


def amount(minor: int, currency: str) -> Cell:
    """An amount of money; files carry it in major units."""
    return Cell(value=to_decimal(minor, currency), words=format_money(minor, currency))


def share(part: int, whole: int) -> Cell:
    """A part of a whole in percent; empty where there is no whole."""
    if whole <= 0:
        return Cell(value="")
    return Cell(value=round(Decimal(part * 100) / whole, 1), words=_percent(Decimal(part) / whole))


def change(now: int, before: int) -> str:
    """How much more or less than before, in words; empty where there is nothing to compare with."""
    if before <= 0:
        return ""
    moved = round(Decimal(now - before) / before, 2)
    return ("+" if moved > 0 else "") + _percent(abs(moved) if moved == 0 else moved)


def _percent(part: Decimal) -> str:
    return f"{format_count(round(part * 100))}%"


def day_words(day: dt.date) -> str:
    """A day without its year, as people say it."""
    return _day("week", day, babel_locale())


@lru_cache(maxsize=4096)
def _day(by: str, start: dt.date, locale: str) -> str:
    """What a month, a week or a day is called that begins then; a report names the same few hundred again and again."""
    if by == "month":
        return date_format(start, "YEAR_MONTH_FORMAT")
    day = date_format(start, "MONTH_DAY_FORMAT")
    if by != "day":
        return day
    return _("%(weekday)s, %(day)s") % {"weekday": format_date(start, "EEE", locale=locale), "day": day}


def weekday_of_last_week() -> str:
    """What today is compared with: the same day of the week before."""
    weekday = str(format_date(clock.today(), "EEEE", locale=babel_locale()))
    return _("last %(weekday)s") % {"weekday": weekday}


# The first page -------------------------------------------------------------------------------------------------------


def growth(scope: Scope, days: int) -> Chart:
    """Members over the last days: how many there are, and how many were new; two questions."""
    step = STEPS[days]
    points = days // step if step == 1 else round(days / step)
    today = clock.today()
    span = Span(first=today - dt.timedelta(days=points * step - 1), last=today)
    joined = list(selectors.joined_by_day(scope, span).items())
    after = selectors.members(scope, span.last)
    running = after - sum(fresh for _day, fresh in joined)
    rows: list[tuple[Cell, ...]] = []
    labels: list[str] = []
    for start in range(0, len(joined), step):
        part = joined[start : start + step]
        fresh = sum(new for _day, new in part)
        running += fresh
        labels.append(day_words(part[-1][0]))
        rows.append((Cell(value=part[-1][0].isoformat(), words=labels[-1]), count(fresh), count(running)))
    sheet = Sheet(
        name="members",
        title=gettext_lazy("Members"),
        heads=(_("Until the end of"), _("New members"), _("Members")),
        rows=tuple(rows),
    )
    new = sum(fresh for _day, fresh in joined)
    words = (
        ngettext("%(new)s new member in %(span)s days.", "%(new)s new members in %(span)s days.", new)
        if step == 1
        else ngettext("%(new)s new member in %(span)s weeks.", "%(new)s new members in %(span)s weeks.", new)
    )
    return Chart(
        kind="growth",
        sheet=sheet,
        shown=(2, 1),
        labels=tuple(labels),
        summary=words % {"new": count(new).written, "span": points},
    )


def purchases_by_tier(scope: Scope, days: int, currency: str) -> Chart:
    """What members of each tier, and guests, bought over the last days; two questions."""
    today = clock.today()
    span = Span(first=today - dt.timedelta(days=days - 1), last=today)
    return _sales_chart(
        name="tiers",
        title=_("Purchases by tier"),
        by="tier",
        rows=_tier_rows(scope, span),
        currency=currency,
        summary=_("What members of each tier bought in %(days)s days, less refunds.") % {"days": days},
    )


def _tier_rows(scope: Scope, span: Span) -> list[tuple[Cell, Totals]]:
    found = selectors.by_tier(scope, span)
    rows: list[tuple[Cell, Totals]] = []
    for code, words in Tier.objects.filter(track__is_default=True).order_by("threshold").values_list("code", "words"):
        rows.append((Cell(value=in_language(words)), found.pop(code, NOTHING)))
    guests = found.pop("", NOTHING)
    rows += [(Cell(value=code), totals) for code, totals in sorted(found.items())]
    return [*rows, (Cell(value=_("Not members")), guests)]


# The report of sales --------------------------------------------------------------------------------------------------

WAYS: dict[str, str | Promise] = {
    "day": gettext_lazy("by day"),
    "week": gettext_lazy("by week"),
    "month": gettext_lazy("by month"),
    "branch": gettext_lazy("by branch"),
    "tier": gettext_lazy("by tier"),
    "hour": gettext_lazy("by hour"),
}
"""How sales can be told apart."""
HEADS: dict[str, str | Promise] = {
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week from"),
    "month": gettext_lazy("Month"),
    "branch": gettext_lazy("Branch"),
    "tier": gettext_lazy("Tier"),
    "hour": gettext_lazy("Hour"),
}
STARTS: dict[str, Callable[[dt.date], dt.date]] = {
    "day": lambda day: day,
    "week": lambda day: day - dt.timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}
"""With which day the row of a day begins, where days are told apart."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report as the page shows it: the chart with its table, and the sums of now and before."""

    chart: Chart
    now: Totals
    before: Totals | None


def sales_report(look: Outlook, *, by: str, span: Span, compared: Span | None, currency: str) -> Report:
    """Sales of a span of days told apart by `by` (see `WAYS`), beside those of another span when one is given."""
    rows = _rows(look, by, span)
    before = _beside(look, by, span, compared, rows) if compared else None
    chart = _sales_chart(
        name="sales",
        title=_("Sales"),
        by=by,
        rows=rows,
        currency=currency,
        summary=_("Sold less refunds, %(by)s.") % {"by": WAYS[by]},
        before=before,
    )
    return Report(
        chart=chart,
        now=sum((totals for _cell, totals in rows), NOTHING),
        before=None if before is None else sum(before, NOTHING),
    )


def _beside(look: Outlook, by: str, span: Span, compared: Span, rows: Sequence[tuple[Cell, Totals]]) -> list[Totals]:
    """What stood in each row's place before: the days of the other span one by one, everything else by its name."""
    if by not in STARTS:
        known = {cell.written: totals for cell, totals in _rows(look, by, compared)}
        return [known.get(cell.written, NOTHING) for cell, _totals in rows]
    earlier = list(selectors.by_day(look.scope, compared).values())
    before: dict[dt.date, Totals] = {}
    for number, day in enumerate(span.each()):
        start = STARTS[by](day)
        before[start] = before.get(start, NOTHING) + (earlier[number] if number < len(earlier) else NOTHING)
    return list(before.values())


def _rows(look: Outlook, by: str, span: Span) -> list[tuple[Cell, Totals]]:
    if by in STARTS:
        return rows_by_days(selectors.by_day(look.scope, span), by)
    if by == "tier":
        return _tier_rows(look.scope, span)
    if by == "hour":
        return _open_hours(selectors.by_hour(look.scope, span))
    found = selectors.by_branch(look.scope, span)
    seen = [place for place in look.branches if look.scope.branches is None or place.branches <= look.scope.branches]
    rows = [(Cell(value=place.name), found.get(next(iter(place.branches)), NOTHING)) for place in seen]
    return sorted(rows, key=lambda row: -row[1].net)


def rows_by_days(found: Mapping[dt.date, Totals], by: str) -> list[tuple[Cell, Totals]]:
    """Days put together by day, week or month (see `STARTS`), each with its name."""
    starts: dict[dt.date, Totals] = {}
    for day, totals in found.items():
        start = STARTS[by](day)
        starts[start] = starts.get(start, NOTHING) + totals
    locale = babel_locale()
    return [(Cell(value=start.isoformat(), words=_day(by, start, locale)), totals) for start, totals in starts.items()]


def _open_hours(found: Mapping[int, Totals]) -> list[tuple[Cell, Totals]]:
    """From the first hour in which anything happened to the last."""
    busy = [hour for hour, totals in found.items() if totals != NOTHING] or [9, 20]
    return [(Cell(value=f"{hour:02}:00"), found[hour]) for hour in range(min(busy), max(busy) + 1)]


def _columns(currency: str, *, is_by_hour: bool) -> list[tuple[str, str, Callable[[Totals], Cell]]]:
    """The columns of a table of sales: name, head and cell. By the hour only sales and amounts are known."""
    columns: list[tuple[str, str, Callable[[Totals], Cell]]] = [
        ("sales", _("Sales"), lambda totals: count(totals.sales)),
        ("total", _("Sold"), lambda totals: amount(totals.total, currency)),
        ("discounts", _("Discounts"), lambda totals: amount(totals.discounts, currency)),
        ("refunds", _("Refunds"), lambda totals: count(totals.refunds)),
        ("refunded", _("Refunded"), lambda totals: amount(totals.refunded, currency)),
        ("net", _("Sold less refunds"), lambda totals: amount(totals.net, currency)),
        ("members", _("Bought by members"), lambda totals: share(totals.member_total, totals.total)),
    ]
    known = {"sales", "total", "refunded", "net"} if is_by_hour else {name for name, *_rest in columns}
    return [column for column in columns if column[0] in known]


def _sales_chart(
    *,
    name: str,
    title: str,
    by: str,
    rows: Sequence[tuple[Cell, Totals]],
    currency: str,
    summary: str,
    before: Sequence[Totals] | None = None,
) -> Chart:
    """A table of sales with its sums, and the chart of what was sold less refunds, now and before."""
    columns = _columns(currency, is_by_hour=by == "hour")

    def line(cell: Cell, now: Totals, then: Totals | None) -> tuple[Cell, ...]:
        beside = () if then is None else (amount(then.net, currency), Cell(value=change(now.net, then.net)))
        return (cell, *(cell_of(now) for _name, _head, cell_of in columns), *beside)

    then: Sequence[Totals | None] = before if before is not None else [None] * len(rows)
    sheet = Sheet(
        name=name,
        title=title,
        heads=(
            HEADS[by],
            *(head for _name, head, _cell in columns),
            *((_("Before"), _("Change")) if before is not None else ()),
        ),
        rows=tuple(line(cell, totals, earlier) for (cell, totals), earlier in zip(rows, then, strict=True)),
        sums=line(
            Cell(value=_("Together")),
            sum((totals for _cell, totals in rows), NOTHING),
            None if before is None else sum(before, NOTHING),
        ),
    )
    net = 1 + [column for column, *_rest in columns].index("net")
    return Chart(
        kind="bars" if by in {"branch", "tier"} and before is None else "columns",
        sheet=sheet,
        shown=(net,) if before is None else (net, len(sheet.heads) - 2),
        summary=summary,
    )


def day_in_full(day: dt.date) -> str:
    """A day with its year."""
    return date_format(day, "DATE_FORMAT")
