"""Days as people say them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone, translation

from regulars import clock
from regulars.portal import amounts, days

TODAY = dt.date(2026, 6, 15)


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (dt.date(2026, 6, 14), "yesterday", "昨天"),
        (dt.date(2026, 6, 15), "today", "今天"),
        (dt.date(2026, 6, 16), "tomorrow", "明天"),
        (dt.date(2026, 6, 19), "Friday", "星期五"),
        (dt.date(2026, 6, 22), "22 Jun", "6月22日"),
        (dt.date(2026, 3, 31), "31 Mar", "3月31日"),
        (dt.date(2027, 3, 31), "31 Mar 2027", "2027年3月31日"),
    ],
)
def test_a_day_is_said_as_people_say_it(day: dt.date, english: str, chinese: str, noon: dt.datetime) -> None:
    with clock.turned_to(noon), timezone.override("Asia/Shanghai"):
        with translation.override("en"):
            assert days.said(day) == english
        with translation.override("zh-hans"):
            assert days.said(day) == chinese


def test_the_day_is_the_business_s_own(noon: dt.datetime) -> None:
    late = dt.datetime(2026, 6, 14, 16, 30, tzinfo=dt.UTC)
    with clock.turned_to(noon), translation.override("en"):
        with timezone.override("Asia/Shanghai"):
            assert days.said_instant(late) == "Today, 00:30"
        with timezone.override("Europe/London"):
            assert days.said_instant(late) == "Yesterday, 17:30"


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (1_280, "+1,280"), (-40, "−40"), (-1_280, "−1,280")])
def test_a_change_is_written_with_its_sign(number: int, words: str) -> None:
    assert amounts.signed(number) == words


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [(32_000, "CNY", "¥320"), (32_050, "CNY", "¥320.50"), (100_000, "CNY", "¥1,000"), (1_500, "JPY", "JP¥1,500")],
)
def test_a_round_sum_has_no_decimals_in_a_sentence(minor: int, currency: str, words: str) -> None:
    with translation.override("zh-hans"):
        assert amounts.rounded_money(minor, currency) == words
