"""What each business has set about its modules, kept beside their states and read once for a warm page.

What is stored and no longer fits (an older version's value, a bound since narrowed) counts as not set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, overload

from django.core.cache import cache
from django.db import transaction

from regulars import clock
from regulars.after_commit import after_commit, is_wished
from regulars.errors import InvalidInput, NotFound
from regulars.plugins import loading
from regulars.plugins.settings import Setting, declared

Settings = TypeVar("Settings")

CACHE_KEY = "plugin_settings"
CACHE_SECONDS = 5
CHANGED = "plugin_settings_changed"
"""The name under which a change asks to be made known after commit."""


@overload
def settings_of(module: type[Settings]) -> Settings: ...
@overload
def settings_of(module: str) -> Any: ...
def settings_of(module: Any) -> Any:
    """What this business has set about a module: `settings_of("stamps")`, or typed, `settings_of(StampsSettings)`.

    Answers in every state of the module. Raises `NotFound` for a module that is not installed or has no settings.
    """
    configs = loading.installed()
    for name, config in configs.items():
        if config.settings is not None and (name == module or config.settings is module):
            stored = _stored().get(name, {})
            return config.settings(**{each.name: _fitting(each, stored) for each in declared(config)})
    raise NotFound


def _fitting(each: Setting, stored: Mapping[str, object]) -> int | bool | str:
    try:
        return each.clean(stored[each.name])
    except (KeyError, InvalidInput):
        return each.default


@transaction.atomic
def change_settings(*, name: str, values: Mapping[str, object], by: str) -> dict[str, int | bool | str]:
    """Set what is named in `values`; the rest stays. Returns what really changed.

    Raises `NotFound` for a module or setting there is not, and `InvalidInput` naming the setting at fault.
    """
    from regulars.operations.trail import record
    from regulars.organisation.models import EnabledPlugin, PluginState

    config = loading.installed().get(name)
    known = {each.name: each for each in declared(config)} if config is not None else {}
    if not known or set(values) - set(known):
        raise NotFound
    clean = {each: known[each].clean(value) for each, value in values.items()}
    EnabledPlugin.objects.get_or_create(
        name=name, defaults={"state": PluginState.OFF, "changed_at": clock.now(), "changed_by": by[:80]}
    )
    row = EnabledPlugin.objects.select_for_update().get(name=name)
    before = {each: _fitting(known[each], row.settings) for each in known}
    changed = {each: value for each, value in clean.items() if before[each] != value}
    if changed:
        row.settings = {**row.settings, **changed}
        row.save(update_fields=["settings"])
        after_commit(_forget, once=CHANGED)
        record(
            act="module_settings_changed",
            actor=by,
            subject=name,
            detail={"before": {each: before[each] for each in changed}, "after": changed},
        )
    return changed


def _stored() -> dict[str, dict[str, object]]:
    """What was set about each module, read once for each business and kept in its cache for a few seconds."""
    if is_wished(CHANGED):
        return _read()
    found: dict[str, dict[str, object]] | None = cache.get(CACHE_KEY)
    if found is None:
        found = _read()
        cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return found


def _read() -> dict[str, dict[str, object]]:
    from regulars.organisation.models import EnabledPlugin

    return dict(EnabledPlugin.objects.exclude(settings={}).values_list("name", "settings"))


def _forget() -> None:
    cache.delete(CACHE_KEY)
