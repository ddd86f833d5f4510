"""What conditions can ask about purchases, those of a member so far and the one at the till.

What was refunded is not spent; a purchase that was refunded as a whole is none. Days are those of the branch that sold.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.conditions.fields import Field, Sql, Window
from regulars.organisation.models import Terminal
from regulars.organisation.scope import WHOLE, Scope
from regulars.people.conditions import branches

BOUGHT = _("Purchases so far")
AT_HAND = _("The purchase at hand")
COUNTS = "(sale.refunded_total < sale.total OR sale.total = 0)"


ONE = "sale.member_id = member.id"
TABLE = "sales_sale"
BY_MEMBER = "(SELECT * FROM sales_sale WHERE member_id IS NOT NULL ORDER BY member_id OFFSET 0)"
"""Read along the index of members, so that the purchases of one come together and nothing is sorted or hashed."""
SHORT_DAYS = 183
"""Up to so many days it is faster to read those days alone."""


@dataclass(frozen=True)
class Purchases:
    """An aggregate over the purchases `sale` of a member that were not refunded as a whole, in minor units.

    `where` narrows them further, `joined` says what else is read beside them.
    """

    expression: str
    joined: str = ""
    where: str = ""

    def of_one(self, window: Window | None) -> Sql:
        """For the row `member`."""
        text, days = self._read(TABLE, window)
        return f"(SELECT {self.expression} {text} AND {ONE})", days

    def of_all(self, window: Window | None) -> Sql:
        """For everybody who bought."""
        text, days = self._read(TABLE if _is_short(window) else BY_MEMBER, window)
        return (
            f"SELECT sale.member_id, {self.expression} AS value {text} AND sale.member_id IS NOT NULL"
            " GROUP BY sale.member_id",
            days,
        )

    def _read(self, table: str, window: Window | None) -> Sql:
        time, days = (" AND sale.business_date >= %s::date", [window.first]) if window else ("", [])
        return f"FROM {table} sale{self.joined} WHERE {COUNTS}{self.where}{time}", [*days]


def _is_short(window: Window | None) -> bool:
    return window is not None and (clock.today() - window.first).days <= SHORT_DAYS


SPENT = Purchases("COALESCE(SUM(sale.total - sale.refunded_total), 0)")
VISITS = Purchases("COUNT(*)")
AVERAGE = Purchases("div(SUM(sale.total - sale.refunded_total), NULLIF(COUNT(*), 0))")
"""Rounded down; unknown without any purchase."""
LAST = Purchases("MAX(sale.business_date)")
FIRST = Purchases("MIN(sale.business_date)")
BRANCHES = Purchases(
    "COALESCE(array_agg(DISTINCT branch.public_id::text), '{}'::text[])",
    joined=" JOIN organisation_branch branch ON branch.id = sale.branch_id",
)
CATEGORIES = Purchases(
    "COALESCE(array_agg(DISTINCT line.category::text), '{}'::text[])",
    joined=" JOIN sales_saleline line ON line.sale_id = sale.id",
    where=" AND line.category <> '' AND line.refunded < line.amount",
)
"""The kinds of goods of every line of which something was kept."""


def _terminals(scope: Scope = WHOLE) -> list[tuple[str, str]]:
    terminals = scope.limit(Terminal.objects.select_related("branch").order_by("branch__name", "name"))
    return [(terminal.public_id, str(terminal)) for terminal in terminals]


FIELDS = [
    Field(
        code="sales.spent",
        is_always_known=True,
        label=_("amount spent"),
        kind="money",
        sql=SPENT.of_one,
        sql_of_all=SPENT.of_all,
        otherwise="0",
        group=BOUGHT,
        takes_window=True,
        grows_with_time=True,
        least=0,
        help=_("Refunds are taken off."),
    ),
    Field(
        code="sales.visits",
        is_always_known=True,
        label=_("number of purchases"),
        kind="number",
        sql=VISITS.of_one,
        sql_of_all=VISITS.of_all,
        otherwise="0",
        group=BOUGHT,
        takes_window=True,
        grows_with_time=True,
        least=0,
        help=_("A purchase that was refunded as a whole does not count."),
    ),
    Field(
        code="sales.average",
        label=_("average purchase"),
        kind="money",
        sql=AVERAGE.of_one,
        sql_of_all=AVERAGE.of_all,
        group=BOUGHT,
        takes_window=True,
        least=0,
    ),
    Field(
        code="sales.last_purchase",
        label=_("day of the last purchase"),
        kind="date",
        sql=LAST.of_one,
        sql_of_all=LAST.of_all,
        is_newest=True,
        group=BOUGHT,
    ),
    Field(
        code="sales.first_purchase",
        label=_("day of the first purchase"),
        kind="date",
        sql=FIRST.of_one,
        sql_of_all=FIRST.of_all,
        group=BOUGHT,
    ),
    Field(
        code="sales.branches",
        is_always_known=True,
        label=_("branches with a purchase"),
        kind="choices",
        sql=BRANCHES.of_one,
        sql_of_all=BRANCHES.of_all,
        otherwise="'{}'::text[]",
        group=BOUGHT,
        choices=branches,
        choices_in=branches,
        takes_window=True,
        grows_with_time=True,
    ),
    Field(
        code="sales.categories",
        label=_("kinds of goods bought"),
        kind="choices",
        sql=CATEGORIES.of_one,
        sql_of_all=CATEGORIES.of_all,
        otherwise="'{}'::text[]",
        group=BOUGHT,
        takes_window=True,
        grows_with_time=True,
        is_always_known=True,
        help=_("As your team writes them on the lines of a purchase."),
    ),
    Field(
        code="sale.branch",
        label=_("branch of this purchase"),
        kind="choice",
        sql=None,
        group=AT_HAND,
        choices=branches,
        choices_in=branches,
    ),
    Field(
        code="sale.terminal",
        label=_("terminal of this purchase"),
        kind="choice",
        sql=None,
        group=AT_HAND,
        choices=_terminals,
        choices_in=_terminals,
    ),
    Field(
        code="sale.weekday",
        label=_("day of the week of this purchase"),
        kind="choice",
        sql=None,
        group=AT_HAND,
        help=_("By the calendar of the branch."),
        choices=lambda: [(str(number + 1), name) for number, name in WEEKDAYS.items()],
    ),
    Field(code="sale.amount", label=_("amount of this purchase"), kind="money", sql=None, group=AT_HAND, least=0),
    Field(
        code="sale.category",
        label=_("kinds of goods in this purchase"),
        kind="choices",
        sql=None,
        group=AT_HAND,
        help=_("As your team writes them on the lines of a purchase."),
    ),
    Field(
        code="sale.channel",
        label=_("channel of this purchase"),
        kind="choice",
        sql=None,
        group=AT_HAND,
        choices=lambda: [("counter", _("Counter")), ("portal", _("Member's phone")), ("api", _("Other system"))],
    ),
    Field(code="sale.date", label=_("day of this purchase"), kind="date", sql=None, group=AT_HAND),
]
