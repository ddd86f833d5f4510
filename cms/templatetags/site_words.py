"""Amounts, discounts and links as the pages of a site write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from regulars import hooks, plugins
from regulars.money import digits_of, format_money

register = template.Library()


@register.filter
def amount(minor: int, currency: str) -> str:
    """An amount in the reader's language; whole amounts without decimals, as signs in a shop have them."""
    words = format_money(minor, currency)
    digits = digits_of(currency)
    return words[: -digits - 1] if digits and minor % 10**digits == 0 else words


@register.filter
def discount_words(discount: int) -> str:
    """A discount as people say it: `10% off`, `9 折`; empty for none."""
    if not discount:
        return ""
    if discount >= 10000:
        return _("free")
    if (get_language() or "").startswith("zh"):
        return pgettext("discount", "%(tenths)s off") % {"tenths": _short(Decimal(10000 - discount) / 1000)}
    return _("%(percent)s%% off") % {"percent": _short(Decimal(discount) / 100)}


def _short(number: Decimal) -> str:
    return f"{number.normalize():f}"


@register.simple_tag(takes_context=True)
def site_menu(context: dict[str, Any]) -> list[hooks.MenuItem]:
    """The menu of the site: what the pages and the modules of this business put there."""
    items = plugins.ask(hooks.menu_items, door="site", staff=None, member=None)
    return sorted(items, key=lambda item: item.order)


@register.simple_tag
def home_of(page: Any) -> str:
    """Where the home page in the page's language is."""
    code = page.locale.language_code if page and getattr(page, "locale_id", None) else get_language()
    return f"/{code}/"
