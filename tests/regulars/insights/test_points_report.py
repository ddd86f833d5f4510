"""The report of points: issued, spent, expired and held, from facts that the acts keep, at a constant cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars import clock
from regulars.insights import selectors
from regulars.insights.points import points_report
from regulars.insights.selectors import Span
from regulars.ledger.services import Leg, adjust, post
from regulars.loyalty.models import PointsRule
from regulars.organisation.models import Region
from regulars.organisation.team.services import appoint
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tests.conftest import cache_clear

pytestmark = pytest.mark.clause("4.7")
MONDAY = dt.date(2026, 6, 15)


@pytest.fixture
def week(branch, member, noon) -> Iterator[Span]:
    """Monday: 100 earned. Tuesday: 30 spent, 5 given by hand. Wednesday: 10 expired. Thursday: half the sale undone."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    cache_clear()
    day = dt.timedelta(days=1)
    with clock.turned_to(noon):
        sale = confirm(
            quote=quote(branch=branch, member=member, lines=[LineRequest("Tea", 100_000)]), key="monday-1", cashier=None
        )
    moves = {1: ("reward", -30, "points.spent"), 2: ("expiry", -10, "points.expired")}
    for number, (kind, amount, house) in moves.items():
        with clock.turned_to(noon + number * day):
            legs = [Leg(wallet=member.wallet_id, asset="points", amount=amount, house=house)]
            post(key=f"move-{kind}-{number}", kind=kind, legs=legs)
    with clock.turned_to(noon + day):
        adjust(wallet=member.wallet, asset="points", amount=5, key="by-hand-1", reason="Sorry", actor="")
    with clock.turned_to(noon + 3 * day):
        refund(sale=sale, key="half-of-it", amount=50_000, reason="", cashier=None)
        yield Span(first=MONDAY, last=MONDAY + 3 * day)


def written(report: Any) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row[1:]) for row in report.held.sheet.rows]


@pytest.mark.capability(72)
def test_each_day_says_what_was_issued_taken_back_spent_expired_given_and_held(week):
    assert written(points_report(by="day", span=week)) == [
        (100, 0, 0, 0, 0, 100),
        (0, 0, 30, 0, 5, 75),
        (0, 0, 0, 10, 0, 65),
        (0, 50, 0, 0, 0, 15),
    ]
    assert selectors.differences(week.first, week.last) == []


def test_what_was_held_before_is_carried_on(week):
    later = Span(first=week.first + dt.timedelta(days=2), last=week.last)
    report = points_report(by="week", span=later)
    assert (report.held_before, report.held_after) == (75, 15)
    assert written(report) == [(0, 50, 0, 10, 0, 15)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_shows_charts_with_their_tables_and_files(week, business, owner, client_for, language):
    office: Client = client_for(business, owner.user, language=language)
    page = office.get("/office/reports/points/?by=day&period=7")
    assert page.status_code == 200
    words = page.content.decode()
    assert ("积分报表" if language == "zh-hans" else "Points report") in words
    assert words.count("data-chart=") == 2
    file = office.get("/office/reports/points.csv?by=day&period=7")
    assert file.content.decode("utf-8-sig").splitlines()[-1].split(",")[1:] == ["100", "50", "30", "10", "5", "15"]


def test_nothing_yet_teaches_where_points_come_from(business, owner, client_for):
    assert "first sale to a member" in client_for(business, owner.user).get("/office/reports/points/").content.decode()


def test_who_sees_a_part_of_the_business_does_not_see_what_all_of_it_owes(week, business, branch, client_for):
    branch.region = Region.objects.create(name="North")
    branch.save()
    manager = appoint(
        name="Man", email="man@shop.example", password="a-long-enough-pass-phrase", role="manager", branch=branch
    )
    browser = client_for(business, manager.user)
    assert browser.get("/office/reports/points/").status_code == 404
    assert browser.get("/office/reports/points.csv").status_code == 404
    assert "/office/reports/points/" not in browser.get("/office/").content.decode()


def test_the_cost_does_not_grow_with_the_days(week):
    def asked(span: Span) -> int:
        with CaptureQueriesContext(connection) as questions:
            points_report(by="day", span=span)
        return len(questions)

    many = Span(first=week.first - dt.timedelta(days=300), last=week.last)
    assert asked(week) == asked(many) == 3  # the days, what was held before them, and what points are worth


def test_what_is_held_is_told_in_money_once_the_owner_says_what_points_are_worth(week: Span) -> None:
    from regulars.loyalty.models import PointsSettings

    report = points_report(by="day", span=week)
    assert (report.held_after, report.worth) == (15, "")
    PointsSettings.objects.update_or_create(pk=1, defaults={"hundred_worth": 199})
    assert points_report(by="day", span=week).worth == "¥0.29"  # of 15 points, rounded down
