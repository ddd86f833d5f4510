"""The countries a business can be opened in: from the country follow its currency and its days.

A short list by hand; names and currencies are Babel's. The first zone is where most people live; a browser that says
it is in another zone of the same country is believed. Both can be changed in the settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies

from regulars import clock, money

ZONES: dict[str, tuple[str, ...]] = {
    "CN": ("Asia/Shanghai", "Asia/Urumqi"),
    "HK": ("Asia/Hong_Kong",),
    "MO": ("Asia/Macau",),
    "TW": ("Asia/Taipei",),
    "SG": ("Asia/Singapore",),
    "MY": ("Asia/Kuala_Lumpur", "Asia/Kuching"),
    "TH": ("Asia/Bangkok",),
    "VN": ("Asia/Ho_Chi_Minh",),
    "ID": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Pontianak"),
    "PH": ("Asia/Manila",),
    "JP": ("Asia/Tokyo",),
    "KR": ("Asia/Seoul",),
    "IN": ("Asia/Kolkata",),
    "AE": ("Asia/Dubai",),
    "SA": ("Asia/Riyadh",),
    "IL": ("Asia/Jerusalem",),
    "TR": ("Europe/Istanbul",),
    "AU": (
        "Australia/Sydney",
        "Australia/Melbourne",
        "Australia/Brisbane",
        "Australia/Adelaide",
        "Australia/Perth",
        "Australia/Hobart",
        "Australia/Darwin",
    ),
    "NZ": ("Pacific/Auckland",),
    "US": (
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "Pacific/Honolulu",
    ),
    "CA": (
        "America/Toronto",
        "America/Vancouver",
        "America/Edmonton",
        "America/Winnipeg",
        "America/Halifax",
        "America/Regina",
        "America/St_Johns",
    ),
    "MX": ("America/Mexico_City", "America/Tijuana", "America/Monterrey", "America/Cancun", "America/Hermosillo"),
    "BR": ("America/Sao_Paulo", "America/Manaus", "America/Bahia", "America/Fortaleza", "America/Recife"),
    "AR": ("America/Argentina/Buenos_Aires",),
    "CL": ("America/Santiago",),
    "CO": ("America/Bogota",),
    "GB": ("Europe/London",),
    "IE": ("Europe/Dublin",),
    "FR": ("Europe/Paris",),
    "DE": ("Europe/Berlin",),
    "AT": ("Europe/Vienna",),
    "CH": ("Europe/Zurich",),
    "IT": ("Europe/Rome",),
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "PT": ("Europe/Lisbon", "Atlantic/Azores", "Atlantic/Madeira"),
    "NL": ("Europe/Amsterdam",),
    "BE": ("Europe/Brussels",),
    "DK": ("Europe/Copenhagen",),
    "SE": ("Europe/Stockholm",),
    "NO": ("Europe/Oslo",),
    "FI": ("Europe/Helsinki",),
    "PL": ("Europe/Warsaw",),
    "CZ": ("Europe/Prague",),
    "ZA": ("Africa/Johannesburg",),
    "NG": ("Africa/Lagos",),
    "KE": ("Africa/Nairobi",),
    "EG": ("Africa/Cairo",),
}
"""IANA zones by ISO 3166 country, the most populous first."""


@dataclass(frozen=True)
class Setting:
    """What follows from a country: its ISO code, the currency's ISO code and an IANA zone."""

    country: str
    currency: str
    zone: str


def setting_of(country: str, zone: str = "") -> Setting:
    """Currency and zone of a country of the list; `zone` is taken if the country has it, else its first.

    Raises KeyError for a country that is not in the list.
    """
    zones = ZONES[country]
    return Setting(country=country, currency=currency_of(country), zone=zone if zone in zones else zones[0])


def currency_of(country: str) -> str:
    """The legal tender a shop there prices in."""
    return str(get_territory_currencies(country, start_date=clock.now().date())[0])


def choices(language: str) -> list[tuple[str, str]]:
    """Code and words for a select, in the reader's language: by name in English, nearest first in Chinese."""
    locale = Locale.parse(money.babel_locale(language))
    named = [(code, f"{_name(locale, code)} · {get_currency_name(currency_of(code), locale=locale)}") for code in ZONES]
    return named if language.startswith("zh") else sorted(named, key=lambda choice: choice[1])


def likely(language: str, accepted: Sequence[str]) -> str:
    """The country to begin with: China for the Chinese page, else what the browser says (`en-GB`), else the US."""
    if language.startswith("zh"):
        return "CN"
    regions = (tag.partition("-")[2].upper() for tag in accepted)
    return next((region for region in regions if region in ZONES), "US")


def _name(locale: Locale, country: str) -> str:
    return str(locale.territories[country]).removesuffix("特别行政区").replace(" SAR China", "")
