"""What conditions can ask about purchases, those of a member so far and the one at the till.

What was refunded is not spent; a purchase that was refunded as a whole is none. Days are those of the branch that sold.
"""

from __future__ import annotations

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from regulars.conditions.fields import Field, Sql, Window
from regulars.organisation.models import Terminal
from regulars.organisation.scope import WHOLE, Scope
from regulars.people.conditions import branches

BOUGHT = _("Purchases so far")
AT_HAND = _("The purchase at hand")
COUNTS = "(sale.refunded_total < sale.total OR sale.total = 0)"


def of_sales(expression: str, window: Window | None) -> Sql:
    """An aggregate over the member's purchases `sale` that were not refunded as a whole."""
    time, days = (" AND sale.business_date >= %s::date", [window.first]) if window else ("", [])
    return (
        f"(SELECT {expression} FROM sales_sale sale WHERE sale.member_id = member.id AND {COUNTS}{time})",  # noqa: S608
        [*days],
    )


def spent(window: Window | None) -> Sql:
    """What was paid and not refunded, in minor units."""
    return of_sales("COALESCE(SUM(sale.total - sale.refunded_total), 0)", window)


def visits(window: Window | None) -> Sql:
    """How many purchases."""
    return of_sales("COUNT(*)", window)


def average(window: Window | None) -> Sql:
    """What a purchase came to on average, in whole minor units, rounded down; unknown without any."""
    return of_sales("div(SUM(sale.total - sale.refunded_total), NULLIF(COUNT(*), 0))", window)


def _branches_visited(window: Window | None) -> Sql:
    time, days = (" AND sale.business_date >= %s::date", [window.first]) if window else ("", [])
    return (
        f"""ARRAY(
            SELECT DISTINCT branch.public_id::text
            FROM sales_sale sale JOIN organisation_branch branch ON branch.id = sale.branch_id
            WHERE sale.member_id = member.id AND {COUNTS}{time}
        )""",  # noqa: S608
        [*days],
    )


def _categories(window: Window | None) -> Sql:
    """The kinds of goods of every line of which something was kept."""
    time, days = (" AND sale.business_date >= %s::date", [window.first]) if window else ("", [])
    return (
        f"""ARRAY(
            SELECT DISTINCT line.category::text FROM sales_sale sale JOIN sales_saleline line ON line.sale_id = sale.id
            WHERE sale.member_id = member.id AND {COUNTS} AND line.category <> '' AND line.refunded < line.amount{time}
        )""",  # noqa: S608
        [*days],
    )


def _terminals(scope: Scope = WHOLE) -> list[tuple[str, str]]:
    terminals = scope.limit(Terminal.objects.select_related("branch").order_by("branch__name", "name"))
    return [(terminal.public_id, str(terminal)) for terminal in terminals]


FIELDS = [
    Field(
        code="sales.spent",
        is_always_known=True,
        label=_("amount spent"),
        kind="money",
        sql=spent,
        group=BOUGHT,
        takes_window=True,
        least=0,
        help=_("Refunds are taken off."),
    ),
    Field(
        code="sales.visits",
        is_always_known=True,
        label=_("number of purchases"),
        kind="number",
        sql=visits,
        group=BOUGHT,
        takes_window=True,
        least=0,
        help=_("A purchase that was refunded as a whole does not count."),
    ),
    Field(
        code="sales.average",
        label=_("average purchase"),
        kind="money",
        sql=average,
        group=BOUGHT,
        takes_window=True,
        least=0,
    ),
    Field(
        code="sales.last_purchase",
        label=_("day of the last purchase"),
        kind="date",
        sql=lambda _w: of_sales("MAX(sale.business_date)", None),
        group=BOUGHT,
    ),
    Field(
        code="sales.first_purchase",
        label=_("day of the first purchase"),
        kind="date",
        sql=lambda _w: of_sales("MIN(sale.business_date)", None),
        group=BOUGHT,
    ),
    Field(
        code="sales.branches",
        is_always_known=True,
        label=_("branches with a purchase"),
        kind="choices",
        sql=_branches_visited,
        group=BOUGHT,
        choices=branches,
        choices_in=branches,
        takes_window=True,
    ),
    Field(
        code="sales.categories",
        label=_("kinds of goods bought"),
        kind="choices",
        sql=_categories,
        group=BOUGHT,
        takes_window=True,
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
