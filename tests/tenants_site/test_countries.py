"""From the country follow currency and zone, and every one of the list is real."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from regulars import money
from tenants import countries

pytestmark = pytest.mark.clause("2.3")


@pytest.mark.parametrize(
    ("country", "zone", "expected"),
    [
        ("CN", "", ("CN", "CNY", "Asia/Shanghai")),
        ("US", "America/Denver", ("US", "USD", "America/Denver")),
        ("US", "Asia/Shanghai", ("US", "USD", "America/New_York")),
        ("GB", "../../etc/passwd", ("GB", "GBP", "Europe/London")),
        ("JP", "", ("JP", "JPY", "Asia/Tokyo")),
    ],
)
def test_a_country_sets_currency_and_zone(country: str, zone: str, expected: tuple[str, str, str]) -> None:
    setting = countries.setting_of(country, zone)
    assert (setting.country, setting.currency, setting.zone) == expected


def test_every_country_has_a_currency_and_zones_that_exist() -> None:
    for country, zones in countries.ZONES.items():
        assert money.is_currency(countries.currency_of(country))
        assert [ZoneInfo(zone).key for zone in zones] == list(zones)


def test_the_list_is_read_in_the_language_of_the_page() -> None:
    assert ("CN", "China · Chinese Yuan") in countries.choices("en")
    assert countries.choices("zh-hans")[0] == ("CN", "中国 · 人民币")
    assert [words for _, words in countries.choices("en")] == sorted(words for _, words in countries.choices("en"))


def test_the_page_and_the_browser_decide_where_to_begin() -> None:
    assert countries.likely("zh-hans", ["en-GB"]) == "CN"
    assert countries.likely("en", ["en", "de-at"]) == "AT"
    assert countries.likely("en", ["en"]) == "US"
