"""The kind of goods of a line at the till: a choice where rules ask for it, remembered by what the line is called."""

from __future__ import annotations

import re

from django.http import HttpRequest

from regulars.counter.basket import Basket
from regulars.sales.categories import categories_asked_for

REMEMBERED = "counter_goods"
MOST_REMEMBERED = 200
_LINE = re.compile(r"line-(\d{1,4})-(description|category)")


def choices_for(basket: Basket) -> list[str]:
    """The kinds of goods to choose from, and those that lines have already; empty where nothing asks for them."""
    known = categories_asked_for()
    if not known:
        return []
    return [*known, *sorted({line.category for line in basket.lines if line.category} - set(known))]


def remember(request: HttpRequest, basket: Basket) -> None:
    """After one field of a line was changed: keep the kind that was chosen, or take the one that its name had before.

    Kept in the session of whoever stands at the till; a line without a name of its own has nothing to remember it by.
    """
    changed = _LINE.fullmatch(request.headers.get("HX-Trigger", ""))
    position = int(changed[1]) - 1 if changed else -1
    if changed is None or not 0 <= position < len(basket.lines):
        return
    line, kept = basket.lines[position], dict(request.session.get(REMEMBERED, {}))
    name = line.description.strip().casefold()[:120]
    if changed[2] == "description":
        if not line.category and name in kept:
            line.category = kept[name]
            line.check(basket.currency)
        return
    if not name or line.has_no_name:
        return
    kept.pop(name, None)
    if line.category:
        kept[name] = line.category
    request.session[REMEMBERED] = dict(list(kept.items())[-MOST_REMEMBERED:])
