"""Figure 14: the first page of the back office and its lists at 100,000 members.

Reference: a view that answers two letters, behind the same middleware and the same check of who asks. What the frame of
the back office costs with nothing in it is told beside it. All are asked in turn by one signed-in owner; compared is
the 95th percentile. Members and sales are copies of two that the product's own acts made, and the facts are counted
from them.
"""

from __future__ import annotations

import os
import secrets
import time
from functools import update_wrapper
from typing import Any

from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from bench.ratio import Report

MEMBERS = int(os.environ.get("MEMBERS", "100000"))
SALES = int(os.environ.get("SALES", str(2 * MEMBERS)))
ASKED = int(os.environ.get("BENCH_ROUNDS", "60"))
MOST = 4.0
BARE = "/office/bare/"
TWO_LETTERS = "/office/two-letters/"
PAGES = {
    "backoffice-today": "/office/",
    "backoffice-live-figures": "/office/today/live/",
    "backoffice-members": "/office/members/",
    "backoffice-sales": "/office/sales/",
    "backoffice-report": "/office/reports/sales/?by=day&period=90",
}


def run(report: Report) -> None:
    """Print each page's ratio; all of them at the same size."""
    _add_the_bare_views()
    owner = _owner_of_a_large_business(report)
    for name, page in PAGES.items():
        measured, letters, bare = _in_turn(owner, (page, TWO_LETTERS, BARE))
        report.figure(
            name,
            _p95(measured) / _p95(letters),
            MOST,
            note=f"p95 {_p95(measured) * 1000:.0f} ms over {_p95(letters) * 1000:.0f} ms for two letters; the empty "
            f"frame takes {_p95(bare) * 1000:.0f} ms; {_questions(owner, page)} questions to the database, "
            f"{MEMBERS:,} members",
        )


def _add_the_bare_views() -> None:
    from wagtail.admin.auth import require_admin_access

    from regulars.backoffice.needs import ANYBODY, needs
    from regulars.backoffice.views.acts import OfficePage
    from regulars.config import urls_business

    class BarePage(OfficePage):
        template_name = "wagtailadmin/generic/base.html"
        permission = ANYBODY

    @needs(ANYBODY)
    def two_letters(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    urls_business.urlpatterns[:0] = [
        path(
            BARE.lstrip("/"), update_wrapper(require_admin_access(BarePage.as_view()), BarePage.as_view()), name="bare"
        ),
        path(TWO_LETTERS.lstrip("/"), two_letters, name="two-letters"),
    ]


def _in_turn(browser: Client, pages: tuple[str, ...]) -> list[list[float]]:
    for address in pages * 3:
        _asked(browser, address)
    rounds = [[_asked(browser, page) for page in pages] for _round in range(ASKED)]
    return [[spent[number] for spent in rounds] for number in range(len(pages))]


def _asked(browser: Client, page: str) -> float:
    begun = time.perf_counter()
    answer = browser.get(page)
    spent = time.perf_counter() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{page} answered {answer.status_code}")
    return spent


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def _questions(browser: Client, page: str) -> int:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        browser.get(page)
    return len(asked)


# A business of this size ----------------------------------------------------------------------------------------------


def _owner_of_a_large_business(report: Report) -> Client:
    from regulars.organisation.models import Staff
    from tenants.context import business_context
    from tenants.services import open_business

    slug = f"large-{secrets.token_hex(3)}"
    business = open_business(
        name="Large Tea",
        slug=slug,
        trade="restaurant",
        language="en",
        owner_email=f"owner@{slug}.example",
        owner_name="Lin",
        password="a-long-enough-pass-phrase",
        currency="CNY",
        zone="Asia/Shanghai",
        country="CN",
    )
    with business_context(business):
        begun = time.perf_counter()
        grow(members=MEMBERS, sales=SALES)
        report.say(f"  {MEMBERS:,} members and {SALES:,} sales in {time.perf_counter() - begun:.0f} s")
        browser = Client(headers={"host": f"{slug}.regulars.test", "accept-language": "en"})
        user = Staff.objects.select_related("user").get(role="owner").user
        browser.force_login(user, backend="regulars.access.backends.PasswordBackend")
    return browser


def grow(*, members: int, sales: int) -> None:
    """Make members and sales of the business this thread is in, over the last year, by one statement per table."""
    from regulars import clock
    from regulars.insights.services import recount
    from regulars.ledger.models import Account
    from regulars.loyalty.models import Standing
    from regulars.organisation.selectors import open_branches
    from regulars.people.contacts import Contact
    from regulars.people.models import Card, Member, Wallet
    from regulars.people.services import join
    from regulars.sales.models import Sale
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    branch = open_branches()[0]
    first = join(
        contact=Contact("phone", "+8613000000000"), name="Member 0", language="en", source="counter", branch=branch
    )
    priced = quote(branch=branch, member=first, lines=[LineRequest("Tea", 12_800)])
    sale = confirm(quote=priced, key=secrets.token_hex(16), cashier=None)
    card, account = Card.objects.get(member=first), Account.objects.get(wallet=first.wallet_id, asset="points")
    wallets, people = _highest(Wallet), _highest(Member)
    ago = f"({365} * power(n::float / {members}, 0.7))::int"
    _copies(first.wallet, members, {"public_id": "'wal_' || substr(md5('w' || n), 1, 16)"})
    _copies(
        first,
        members,
        {
            "public_id": "'mem_' || substr(md5('m' || n), 1, 16)",
            "wallet_id": f"{wallets} + n",
            "name": "'Member ' || n",
            "phone": "'+86138' || lpad(n::text, 8, '0')",
            "joined_on": f"joined_on - {ago}",
            "joined_at": f"joined_at - {ago} * interval '1 day'",
        },
    )
    _copies(
        card,
        members,
        {
            "public_id": "'crd_' || substr(md5('c' || n), 1, 16)",
            "member_id": f"{people} + n",
            "wallet_id": f"{wallets} + n",
            "number": "'7' || lpad(n::text, 15, '0')",
            "code": "'bench-' || n",
        },
    )
    _copies(account, members, {"wallet_id": f"{wallets} + n", "balance": "n % 500"})
    _copies(first.standing, members, {"member_id": f"{people} + n"})
    _copies(
        sale,
        sales,
        {
            "public_id": "'sal_' || substr(md5('s' || n), 1, 16)",
            "key": "'bench-' || n",
            "number": "'B' || n",
            "member_id": f"{people} + 1 + n % {members}",
            "transaction_id": "NULL",
            "business_date": "business_date - n % 365",
            "confirmed_at": "confirmed_at - (n % 365) * interval '1 day' - (n % 36000) * interval '1 second'",
        },
    )
    recount(first=clock.today().replace(year=clock.today().year - 2), last=clock.today())
    # as the server does by itself, a moment later
    tidied = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
    with connection.cursor() as cursor:
        for model in (Wallet, Member, Card, Account, Standing, Sale):
            cursor.execute(f"{tidied} {connection.ops.quote_name(model._meta.db_table)}")


def _highest(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(highest=models.Max("pk"))["highest"])


def _copies(row: models.Model, count: int, changed: dict[str, str]) -> None:
    """As many copies of a row, with other values in some columns, as SQL of `n` (1, 2, 3 …) and the row's own columns.

    Each copy has the row's id plus `n`, where ids are given by the database.
    """
    table: Any = row._meta
    columns = [field.column for field in table.concrete_fields if not isinstance(field, models.AutoField)]
    values = ", ".join(changed.get(column, connection.ops.quote_name(column)) for column in columns)
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    name = connection.ops.quote_name(table.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name} ({named}) SELECT {values} FROM {name}, generate_series(1, {count}) AS n "
            f"WHERE {connection.ops.quote_name(table.pk.column)} = {int(row.pk)} ORDER BY n"
        )
