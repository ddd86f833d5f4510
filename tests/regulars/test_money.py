"""Money is whole minor units: parsed from what people type, split without loss."""

from __future__ import annotations

import datetime as dt

import pytest
from babel.numbers import format_currency, format_decimal
from django.utils import translation
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st

from regulars.backoffice.columns import written
from regulars.errors import InvalidInput
from regulars.insights import sheets
from regulars.money import digits_of, format_count, format_money, parse_money, portion, share, to_decimal
from regulars.portal import amounts, days

FORMS = ("DATE_FORMAT", "DATETIME_FORMAT", "MONTH_DAY_FORMAT", "YEAR_MONTH_FORMAT")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("128", "CNY", 12800),
        ("128.5", "CNY", 12850),
        ("1,280.50", "CNY", 128050),
        ("1 280", "CNY", 128000),
        ("1，280", "CNY", 128000),
        ("1,00,000", "INR", 10000000),
        ("-5", "CNY", -500),
        ("−5", "CNY", -500),
        ("¥12", "CNY", 1200),
        (".5", "CNY", 50),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_what_people_type_becomes_minor_units(text, currency, minor):
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize("text", ["", "abc", "1.234", "1e5", "nan", "--1", "9" * 15, "1.2.3", "1" * 400])
def test_what_is_no_amount_names_the_field(text):
    with pytest.raises(InvalidInput) as refusal:
        parse_money(text, "CNY", field="price")
    assert refusal.value.field == "price"


@pytest.mark.parametrize("text", ["12,50", "1,2", "12 50", ",5", "1,2345"])
def test_a_comma_that_means_a_point_is_no_hundredfold(text):
    with pytest.raises(InvalidInput):
        parse_money(text, "EUR")


def test_currencies_have_their_own_digits():
    assert [digits_of(code) for code in ("CNY", "JPY", "KWD")] == [2, 0, 3]


def test_amounts_are_written_as_the_reader_writes_them():
    assert format_money(128050, "CNY", "zh-hans") == "¥1,280.50"
    assert format_money(128050, "GBP", "en") == "£1,280.50"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_went_has_a_real_minus_before_it_everywhere(language):
    assert format_money(-128050, "CNY", language) == "−¥1,280.50"
    assert format_count(-1280) == amounts.signed(-1280) == written(-1280).replace("1280", "1,280") == "−1,280"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["31 Mar 2027", "31 Mar 2027, 09:05", "31 Mar", "Mar 2027"]),
        ("zh-hans", ["2027年3月31日", "2027年3月31日 09:05", "3月31日", "2027年3月"]),
    ],
)
def test_a_date_has_one_form_at_every_door(language, words):
    at = dt.datetime(2027, 3, 31, 9, 5, tzinfo=dt.UTC)
    with translation.override(language):
        assert [date_format(at, name) for name in FORMS] == words
        assert [date_format(at, f"SHORT_{name}") for name in FORMS[:2]] == words[:2]
        assert (days.exact(at.date()), sheets.day_in_full(at.date()), sheets.day_words(at.date())) == (
            words[0],
            words[0],
            words[2],
        )


@given(total=st.integers(-(10**12), 10**12), weights=st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_the_parts_of_a_split_are_the_whole(total, weights):
    parts = share(total, weights)
    assert sum(parts) == total
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(amount=st.integers(0, 10**9), cuts=st.lists(st.integers(0, 10**6), min_size=1))
def test_cumulative_portions_add_up(amount, cuts):
    whole = sum(cuts) or 1
    done, given_back = 0, 0
    for cut in cuts:
        given_back += portion(amount, done + cut, whole) - portion(amount, done, whole)
        done += cut
    assert given_back == (amount if done == whole else 0)


@given(
    minor=st.integers(-(10**13), 10**13), currency=st.sampled_from(["CNY", "USD", "EUR", "JPY", "KWD", "CHF", "INR"])
)
def test_amounts_and_counts_are_written_as_babel_writes_them(minor, currency):
    for language, locale in (("en", "en"), ("zh-hans", "zh_Hans_CN")):
        written = format_currency(to_decimal(minor, currency), currency, locale=locale).replace("CN¥", "¥")
        assert format_money(minor, currency, language) == written.replace("-", "−")
        assert format_count(minor) == format_decimal(minor, locale=locale).replace("-", "−")
