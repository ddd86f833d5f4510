"""Days are the business's days, and the clock can be turned."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars import clock


def test_the_day_is_cut_in_the_zone_of_the_business(business):
    with clock.turned_to(dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC)):
        assert clock.today() == dt.date(2026, 3, 2)
        assert clock.today("Europe/London") == dt.date(2026, 3, 1)


def test_a_turned_clock_turns_back(noon):
    with clock.turned_to(noon):
        assert clock.now() == noon
    assert clock.now() != noon


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"), clock.turned_to(dt.datetime(2026, 1, 1)):  # noqa: DTZ001
        pass


def test_a_day_begins_at_midnight_of_its_zone():
    assert clock.start_of(dt.date(2026, 7, 1), "Asia/Shanghai") == dt.datetime(2026, 6, 30, 16, tzinfo=dt.UTC)
