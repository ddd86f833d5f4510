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

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from bench.growing import grow
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
