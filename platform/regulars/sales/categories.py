"""Which kinds of goods matter here: those that a points rule or a condition on the shelf asks for, as it names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.cache import cache

from regulars.conditions.parsing import stored
from regulars.conditions.tree import Leaf, leaves
from regulars.loyalty.points.selectors import active_rules
from regulars.loyalty.rewards.models import Reward

KEY = "sales.categories"
CACHE_SECONDS = 10
FIELDS = ("sale.category", "sales.categories")
MOST = 60


def categories_asked_for() -> list[str]:
    """The kinds of goods that something asks for, by the alphabet; empty where nothing does."""
    found: list[str] | None = cache.get(KEY)
    if found is None:
        found = _found()
        cache.set(KEY, found, CACHE_SECONDS)
    return found


def _found() -> list[str]:
    named: dict[str, str] = {}
    rules = active_rules()
    shelf = Reward.objects.filter(is_active=True).exclude(condition={}).values_list("condition", flat=True)
    for rule in rules:
        for category in rule.categories:
            named.setdefault(str(category).casefold(), str(category))
    for condition in [*(rule.condition for rule in rules), *shelf]:
        for category in _in_condition(condition):
            named.setdefault(category.casefold(), category)
    return sorted(named.values(), key=str.casefold)[:MOST]


def _in_condition(raw: Any) -> Iterator[str]:
    """The kinds of goods that a stored condition names, wherever they stand in it."""
    for each in leaves(stored(raw).node):
        if isinstance(each, Leaf) and each.field.code in FIELDS:
            yield from (str(named) for named in (each.value if isinstance(each.value, list | tuple) else [each.value]))
