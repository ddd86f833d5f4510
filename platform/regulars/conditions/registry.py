"""Which fields there are in this business: those of the rooms, found by name, and those of the modules switched on.

A room declares them as `FIELDS` in its `conditions.py`; a module answers the hook `condition_fields`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

import structlog
from django.apps import apps
from django.utils.module_loading import module_has_submodule

from regulars.conditions.fields import Field

OURS = "regulars."
log = structlog.get_logger(__name__)
_money: list[Callable[[], str]] = []


def money_in(currency: Callable[[], str]) -> None:
    """Say how to learn the currency of the business; the room that keeps it does, once, in its `conditions.py`."""
    _money[:] = [currency]


def currency() -> str:
    """The currency that amounts of this business are in."""
    rooms_fields()
    return _money[0]()


@cache
def rooms_fields() -> dict[str, Field]:
    """The fields of the rooms by code. Raises `ValueError` when two rooms declare one."""
    found: dict[str, Field] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith(OURS) or not module_has_submodule(config.module, "conditions"):
            continue
        for field in import_module(f"{config.name}.conditions").FIELDS:
            if field.code in found:
                raise ValueError(f"{config.name}: there is a field {field.code} already")
            found[field.code] = field
    return found


def fields() -> dict[str, Field]:
    """All fields of this business by code: the rooms' first, then those of the modules that are on or closing.

    A module cannot take the place of a field that is there already; its own is left out, and that is logged.
    """
    from regulars import hooks, plugins

    found = dict(rooms_fields())
    for field in plugins.ask(hooks.condition_fields):
        if field.code in found:
            log.error("condition_field_left_out", field=field.code)
            continue
        found[field.code] = field
    return found
