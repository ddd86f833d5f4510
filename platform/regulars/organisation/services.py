"""Acts on the business itself: setting it up and changing its settings."""

from __future__ import annotations

import re
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from regulars import clock, hooks, plugins
from regulars.brand import BrandColourError, normalise
from regulars.errors import InvalidInput
from regulars.money import is_currency
from regulars.operations.trail import record
from regulars.organisation.contacts import clean_email
from regulars.organisation.models import CardPattern, Language, Organisation, PricePolicy, Trade
from regulars.organisation.selectors import CACHE_KEY
from regulars.text import plain_text


@transaction.atomic
def set_up(
    *,
    name: str,
    trade: str,
    language: str,
    currency: str = "CNY",
    zone: str = "Asia/Shanghai",
    country: str = "CN",
    accent: str | None = None,
    contact_email: str = "",
) -> Organisation:
    """Write the settings of a business that opens. Raises `InvalidInput` naming the field."""
    fields = {
        "name": name,
        "trade": trade,
        "language": language,
        "currency": currency,
        "zone": zone,
        "country": country,
        "contact_email": contact_email,
        **({"accent": accent} if accent else {}),
    }
    return _write(Organisation.objects.first() or Organisation(id=1), fields)


@transaction.atomic
def change(*, by: str, **fields: Any) -> Organisation:
    """Change settings of the business. Raises `InvalidInput` naming the field; nothing is changed then."""
    organisation = Organisation.objects.select_for_update().get()
    before = {field: getattr(organisation, field) for field in fields}
    _write(organisation, fields)
    changed = {field: getattr(organisation, field) for field in fields if getattr(organisation, field) != before[field]}
    record(act="organisation.changed", actor=by, before={field: before[field] for field in changed}, after=changed)
    return organisation


def _write(organisation: Organisation, fields: dict[str, Any]) -> Organisation:
    for field, value in fields.items():
        setattr(organisation, field, CLEANERS[field](value))
    return save(organisation)


def save(organisation: Organisation) -> Organisation:
    """Write settings that were checked before, and let everybody who remembers the old ones forget them."""
    organisation.save()
    plugins.first(
        hooks.settings_changed, name=organisation.name, language=organisation.language, zone=organisation.zone
    )
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY))
    return organisation


def _name(value: str) -> str:
    return plain_text(value, field="name", longest=80)


def _payment_code(value: str) -> str:
    return plain_text(value, field="payment_code", longest=500, required=False)


def _payment_code_name(value: str) -> str:
    return plain_text(value, field="payment_code_name", longest=40, required=False)


def _choice(field: str, allowed: list[str]) -> Any:
    def clean(value: str) -> str:
        if value not in allowed:
            raise InvalidInput(_("Choose one of: %(choices)s.") % {"choices": ", ".join(allowed)}, field=field)
        return value

    return clean


def _currency(value: str) -> str:
    if not is_currency(value):
        raise InvalidInput(_("Enter a currency by its three letters, for example CNY."), field="currency")
    return value


def _zone(value: str) -> str:
    if not clock.is_zone(value):
        raise InvalidInput(_("Enter a time zone by its name, for example Asia/Shanghai."), field="zone")
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise InvalidInput(_("Enter a country by its two letters, for example CN."), field="country")
    return value


def _colour(field: str, *, required: bool = True) -> Any:
    def clean(value: str) -> str:
        if not value and not required:
            return ""
        try:
            return normalise(value)
        except BrandColourError as error:
            raise InvalidInput(_("Enter a colour like #b4532a."), field=field) from error

    return clean


CLEANERS: dict[str, Any] = {
    "name": _name,
    "trade": _choice("trade", Trade.values),
    "language": _choice("language", Language.values),
    "currency": _currency,
    "zone": _zone,
    "country": _country,
    "accent": _colour("accent"),
    "second_colour": _colour("second_colour", required=False),
    "card_pattern": _choice("card_pattern", ["", *CardPattern.values]),
    "contact_email": clean_email,
    "price_policy": _choice("price_policy", PricePolicy.values),
    "coupons_on_book_prices": bool,
    "payment_code": _payment_code,
    "payment_code_name": _payment_code_name,
    "is_published": bool,
}
"""What each setting may hold; a setting that is not named here cannot be changed."""
