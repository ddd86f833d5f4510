"""The first page and the report of sales: figures that are right, within one's scope, at a constant cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.growing import grow
from regulars import clock
from regulars.backoffice import selectors
from regulars.insights import sheets
from regulars.insights.places import outlook
from regulars.insights.selectors import Span
from regulars.operations.models import Delivery, DeliveryState, OutboxEvent, TrailEntry
from regulars.organisation.models import Branch, Region, Staff
from regulars.organisation.scope import WHOLE
from regulars.organisation.team.services import appoint
from regulars.people.contacts import normal_contact
from regulars.people.models import Member
from regulars.people.services import join
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

pytestmark = pytest.mark.clause("3.2")
Browser = Callable[..., Client]
PASSWORD = "a-long-enough-pass-phrase"


@pytest.fixture(autouse=True)
def _at_noon(request: pytest.FixtureRequest, noon: dt.datetime) -> Iterator[None]:
    """It is Monday, 15 June 2026, noon in Shanghai."""
    with clock.turned_to(noon):
        yield


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Browser) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


@pytest.fixture
def second_branch(business: Any) -> Branch:
    """Another branch, in a region of its own."""
    return Branch.objects.create(name="Lakeside", region=Region.objects.create(name="East"))


@pytest.fixture
def manager(second_branch: Branch) -> Staff:
    """The manager of the second branch and of no other."""
    return appoint(
        name="Mo Manager", email="mo@teahouse.example", password=PASSWORD, role="manager", branch=second_branch
    )


def sell(branch: Branch, amount: int, *, member: Member | None = None, days_ago: int = 0, hour: int = 12) -> Sale:
    """A sale of one line some days ago, at an hour of Shanghai."""
    instant = dt.datetime(2026, 6, 15, hour - 8, 30, tzinfo=dt.UTC) - dt.timedelta(days=days_ago)
    with clock.turned_to(instant):
        made = quote(branch=branch, member=member, lines=[LineRequest("Tea", amount)])
        return confirm(quote=made, key=f"sale-{branch.pk}-{amount}-{days_ago}-{hour}", cashier=None)


def text(response: Any) -> str:
    """The words of a page, without its markup."""
    assert response.status_code == 200
    words = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(words.split())


# The first page -------------------------------------------------------------------------------------------------------


@pytest.mark.capability(140)
def test_the_figures_of_today_stand_beside_last_week(office: Client, branch: Branch, member: Member) -> None:
    sell(branch, 30_000, member=member)
    refund(sale=sell(branch, 10_000, hour=11), key="refund-of-it", amount=4_000, reason="", cashier=None)
    sell(branch, 20_000, days_ago=7)
    sell(branch, 5_000, days_ago=10)
    words = text(office.get("/office/today/live/"))
    assert "Sales today ¥360.00 2 sales · last Monday ¥200.00 7 days: ¥200.00 +300%" in words
    assert "Joined today 1 last Monday 0" in words
    assert words in text(office.get("/office/"))


def test_the_days_are_the_businesss_own(office: Client, branch: Branch) -> None:
    late = dt.datetime(2026, 6, 14, 17, 0, tzinfo=dt.UTC)  # one in the morning of the 15th in Shanghai
    with clock.turned_to(late):
        made = quote(branch=branch, member=None, lines=[LineRequest("Tea", 7_700)])
        confirm(quote=made, key="after-midnight", cashier=None)
    assert "Sales today ¥77.00 1 sale" in text(office.get("/office/today/live/"))


@pytest.mark.capability(134)
@pytest.mark.parametrize(("days", "points"), [(30, 30), (90, 13), (365, 52)])
def test_the_line_of_members_ends_at_how_many_there_are(
    office: Client, branch: Branch, noon: dt.datetime, days: int, points: int
) -> None:
    for number, ago in enumerate([0, 0, 3, 40, 200, 400]):
        with clock.turned_to(noon - dt.timedelta(days=ago)):
            join(contact=normal_contact(f"+861380013{number:04}"), language="en", source="counter", branch=branch)
    chart = sheets.growth(WHOLE, days)
    rows = chart.sheet.rows
    assert len(rows) == points
    assert rows[-1][2].value == 6
    assert sum(int(row[1].value) for row in rows) == {30: 3, 90: 4, 365: 5}[days]
    assert int(rows[0][2].value) == 6 - sum(int(row[1].value) for row in rows[1:])
    response = office.get(f"/office/?days={days}")
    assert '"growth"' in response.content.decode()
    assert f'href="/office/reports/members.xlsx?days={days}"' in response.content.decode()


@pytest.mark.capability(136)
def test_purchases_are_told_apart_by_the_tier_they_were_made_at(office: Client, branch: Branch, member: Member) -> None:
    sell(branch, 40_000, member=member)
    sell(branch, 10_000)
    rows = {
        row[0].written: (int(row[1].value), row[6].written)
        for row in sheets.purchases_by_tier(WHOLE, 30, "CNY").sheet.rows
    }
    tier = str(Member.objects.select_related("standing__tier").get(pk=member.pk).standing.tier)
    assert rows["Not members"] == (1, "¥100.00")
    assert sum(sales for sales, _net in rows.values()) == 2
    assert tier in rows


def test_each_chart_has_its_table_beside_it_without_any_script(office: Client, branch: Branch, member: Member) -> None:
    sell(branch, 40_000, member=member)
    page = office.get("/office/").content.decode()
    tables = re.findall(r'<details class="insights-table"><summary>As a table</summary>.*?</details>', page, re.DOTALL)
    assert len(tables) == 2
    assert "¥400.00" in tables[1]
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert [kind for kind in scripts if "application/json" not in kind] == []


def test_an_empty_business_is_shown_an_example_and_one_thing_to_do(office: Client) -> None:
    page = office.get("/office/").content.decode()
    assert page.count('aria-label="An example"') == 2
    assert "Ring up a sale" in text(office.get("/office/"))
    assert "Ring up your first sale" in text(office.get("/office/reports/sales/"))


def test_a_manager_of_a_branch_sees_that_branch_and_no_other(
    business: Any, branch: Branch, second_branch: Branch, manager: Staff, office: Client, client_for: Browser
) -> None:
    sell(branch, 30_000)
    sell(second_branch, 11_100)
    join(contact=normal_contact("+8613800130001"), language="en", source="counter", branch=branch)
    browser = client_for(business, manager.user)
    for path in ("/office/today/live/", "/office/", "/office/reports/sales/", "/office/reports/sales/?by=branch"):
        words = text(browser.get(path))
        assert "¥111.00" in words, path
        assert "¥300.00" not in words, path
        assert "¥411.00" not in words, path
    assert branch.name not in text(browser.get("/office/reports/sales/?by=branch"))
    assert "Joined today 0" in text(browser.get("/office/today/live/"))
    for path in ("/office/", "/office/today/live/", "/office/reports/sales/", "/office/reports/sales.csv"):
        assert browser.get(path, {"at": branch.public_id}).status_code == 404, path
    rows = list(csv.reader(io.StringIO(browser.get("/office/reports/sales.csv?by=branch").content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Branch", "Lakeside", "Together"]

    assert "¥411.00" in text(office.get("/office/today/live/"))
    region = Region.objects.get(name="East")
    for place in (second_branch, region):
        assert "Sales today ¥111.00" in text(office.get("/office/today/live/", {"at": place.public_id}))
    assert [place.name for place in outlook(WHOLE).regions] == ["East"]


def test_who_may_not_see_figures_is_welcomed_without_any(
    business: Any, branch: Branch, office: Client, client_for: Browser
) -> None:
    from regulars.organisation.models import CustomRole

    sell(branch, 30_000)
    role = CustomRole.objects.create(name="Editor", permissions=["site.change"])
    editor = appoint(name="Ed Editor", email="ed@teahouse.example", password=PASSWORD, role="reader")
    Staff.objects.filter(pk=editor.pk).update(role="custom", custom_role=role)
    browser = client_for(business, editor.user)
    words = text(browser.get("/office/"))
    assert "Welcome, Ed Editor" in words
    assert "¥300.00" not in words
    for path in ("/office/today/live/", "/office/reports/sales/", "/office/reports/sales.csv", "/office/failed-work/"):
        assert browser.get(path).status_code in {302, 403}, path
    reader = appoint(name="Rita Reader", email="rita@teahouse.example", password=PASSWORD, role="reader")
    browser = client_for(business, reader.user)
    assert "¥300.00" in text(browser.get("/office/"))
    assert browser.get("/office/reports/sales.csv").status_code in {302, 403}
    assert "members.csv" not in browser.get("/office/").content.decode()


def test_what_waits_is_listed_until_it_is_done(office: Client, owner: Staff, member: Member) -> None:
    def waiting() -> list[tuple[str, int, str]]:
        found = [(str(each.label), each.count, str(each.url)) for each in selectors.needs_you(owner)]
        return [each for each in found if each[2] == "/office/failed-work/"]

    assert waiting() == []
    event = OutboxEvent.objects.latest("id")
    Delivery.objects.create(
        event=event, listener="outreach", state=DeliveryState.SET_ASIDE, next_attempt_at=clock.now(), error="down"
    )
    assert waiting() == [("Work that failed", 1, "/office/failed-work/")]
    assert "Work that failed 1" in text(office.get("/office/today/live/"))
    assert "member_joined" in text(office.get("/office/failed-work/"))

    assert office.post("/office/failed-work/").status_code == 302
    assert Delivery.objects.get().state == DeliveryState.WAITING
    assert waiting() == []
    assert TrailEntry.objects.filter(act="work.retried", actor=owner.public_id).count() == 1


# The report -----------------------------------------------------------------------------------------------------------


@pytest.mark.capability(136)
@pytest.mark.parametrize("by", list(sheets.WAYS))
def test_however_sales_are_told_apart_they_come_to_the_same(
    branch: Branch, second_branch: Branch, member: Member, by: str
) -> None:
    sell(branch, 30_000, member=member, hour=9)
    sell(second_branch, 20_000, days_ago=3, hour=20)
    refund(sale=sell(branch, 10_000, days_ago=40), key="refund-of-it", amount=1_000, reason="", cashier=None)
    report = sheets.sales_report(
        outlook(WHOLE),
        by=by,
        span=Span(first=dt.date(2026, 6, 1), last=dt.date(2026, 6, 15)),
        compared=None,
        currency="CNY",
    )
    sale = Sale.objects.order_by("id")[0]
    assert (report.now.sales, report.now.total, report.now.refunded) == (2, sale.total + 20_000, 1_000)
    net = [str(head) for head in report.chart.sheet.heads].index("Sold less refunds")
    parts = [Decimal(row[net].value) for row in report.chart.sheet.rows]
    assert sum(parts) == report.chart.sheet.sums[net].value == Decimal(report.now.net) / 100


def test_the_report_by_hour_says_when_it_is_busy(branch: Branch) -> None:
    for amount, hour in ((10_000, 9), (20_000, 9), (5_000, 14)):
        sell(branch, amount, hour=hour)
    report = sheets.sales_report(
        outlook(WHOLE),
        by="hour",
        span=Span(first=dt.date(2026, 6, 15), last=dt.date(2026, 6, 15)),
        compared=None,
        currency="CNY",
    )
    rows = {row[0].written: row[1].value for row in report.chart.sheet.rows}
    assert rows == {"09:00": 2, "10:00": 0, "11:00": 0, "12:00": 0, "13:00": 0, "14:00": 1}


@pytest.mark.parametrize("by", list(sheets.WAYS))
def test_nothing_of_the_days_before_is_lost(branch: Branch, by: str) -> None:
    for ago in (0, 7, 20, 61, 80, 95):
        sell(branch, 10_000 + ago, days_ago=ago)
    span = Span(first=dt.date(2026, 4, 30), last=dt.date(2026, 6, 15))
    report = sheets.sales_report(outlook(WHOLE), by=by, span=span, compared=span.before(), currency="CNY")
    assert report.before is not None
    assert (report.now.sales, report.before.sales, report.before.net) == (3, 2, 20_141)
    column = [str(head) for head in report.chart.sheet.heads].index("Before")
    assert str(report.chart.sheet.sums[column].value) == "201.41"


def test_days_stand_beside_those_before(office: Client, branch: Branch) -> None:
    sell(branch, 30_000)
    sell(branch, 10_000, days_ago=7)
    words = text(office.get("/office/reports/sales/", {"by": "day", "period": "7", "beside": "before"}))
    assert "9 Jun 2026 – 15 Jun 2026" in words
    assert "beside 2 Jun 2026 – 8 Jun 2026" in words
    assert "¥100.00 +200%" in words


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"period": "own"}, "first"),
        ({"period": "own", "first": "2026-06-10"}, "last"),
        ({"period": "own", "first": "2026-06-10", "last": "2026-06-01"}, "last"),
        ({"period": "own", "first": "2016-06-10", "last": "2026-06-01"}, "last"),
        ({"period": "own", "first": "never", "last": "2026-06-01"}, "first"),
        ({"period": "own", "first": "0001-01-01", "last": "0001-01-02", "beside": "year"}, "first"),
        ({"period": "yesterday"}, "period"),
        ({"by": "colour"}, "by"),
    ],
)
def test_a_question_that_cannot_be_is_answered_beside_its_field(
    office: Client, asked: dict[str, str], field: str
) -> None:
    response = office.get("/office/reports/sales/", asked)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {field}
    assert office.get("/office/reports/sales/", {"at": "brn_nowhere"}).status_code == 404


@pytest.mark.capability(136)
def test_the_report_is_taken_away_as_a_file_and_that_is_noted(office: Client, owner: Staff, branch: Branch) -> None:
    sell(branch, 30_050)
    Branch.objects.filter(pk=branch.pk).update(name="=1+1")
    response = office.get("/office/reports/sales.csv?by=branch")
    assert response["Content-Disposition"] == 'attachment; filename="sales-2026-06-15.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Branch", "Sales", "Sold"]
    assert rows[1][:3] == ["'=1+1", "1", "300.50"]
    assert rows[-1][:3] == ["Together", "1", "300.50"]

    book = openpyxl.load_workbook(io.BytesIO(office.get("/office/reports/sales.xlsx?by=branch").content))
    assert [cell.value for cell in book.active[2]][:3] == ["'=1+1", 1, 300.5]
    for path in ("members.csv", "members.xlsx", "tiers.csv", "tiers.xlsx"):
        assert office.get(f"/office/reports/{path}").status_code == 200
    assert office.get("/office/reports/sales.exe").status_code == 404
    assert TrailEntry.objects.filter(act="seen.export", actor=owner.public_id).count() == 6


# However large --------------------------------------------------------------------------------------------------------


PAGES = (
    "/office/",
    "/office/?days=365",
    "/office/today/live/",
    "/office/reports/sales/?by=day&period=365&beside=year",
    "/office/reports/sales/?by=hour",
    "/office/reports/sales/?by=tier",
    "/office/reports/sales/?by=branch",
)


def _questions(office: Client, path: str) -> int:
    """How often a warm page asks; what is cached for seconds may grow old just then, so the fewest of three counts."""
    counts = []
    for _time in range(4):
        with CaptureQueriesContext(connection) as asked:
            assert office.get(path).status_code == 200
        counts.append(len(asked))
    return min(counts[1:])


def test_a_page_asks_no_more_of_five_hundred_members_than_of_five(office: Client, branch: Branch) -> None:
    for number in range(5):
        contact = normal_contact(f"+861380013{number:04}")
        member = join(contact=contact, language="en", source="counter", branch=branch)
        sell(branch, 10_000 + number, member=Member.objects.get(pk=member.pk))
    few = {path: _questions(office, path) for path in PAGES}
    grow(members=494, sales=494)
    assert (Member.objects.count(), Sale.objects.count()) == (500, 500)
    assert {path: _questions(office, path) for path in PAGES} == few
    assert few["/office/today/live/"] <= 14
