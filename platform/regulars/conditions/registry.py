"""Which fields there are in this business: those of the rooms, found by name, and those of the modules switched on.

A room declares them as `FIELDS` in its `conditions.py`, and those that the business itself laid down (its tracks, what
it asks of its members) by a function `fields_of_business` there; a module answers the hook `condition_fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from types import ModuleType

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
def _rooms() -> list[ModuleType]:
    return [
        import_module(f"{config.name}.conditions")
        for config in apps.get_app_configs()
        if config.name.startswith(OURS) and module_has_submodule(config.module, "conditions")
    ]


@cache
def rooms_fields() -> dict[str, Field]:
    """The fields of the rooms by code, the same in every business. Raises `ValueError` when two rooms declare one."""
    found: dict[str, Field] = {}
    for room in _rooms():
        for field in room.FIELDS:
            if field.code in found:
                raise ValueError(f"{room.__name__}: there is a field {field.code} already")
            found[field.code] = field
    return found


def _of_business() -> Iterable[Field]:
    for room in _rooms():
        yield from getattr(room, "fields_of_business", list)()


def fields() -> dict[str, Field]:
    """All fields of this business by code: the rooms', what it laid down itself, then those of the modules in use.

    A module cannot take the place of a field that is there already; its own is left out, and that is logged.
    """
    from regulars import hooks, plugins

    found = {**rooms_fields(), **{field.code: field for field in _of_business()}}
    for field in plugins.ask(hooks.condition_fields):
        if field.code in found:
            log.error("condition_field_left_out", field=field.code)
            continue
        found[field.code] = field
    return found
