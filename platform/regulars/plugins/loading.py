"""Finding plugins, and refusing alone, in words, the one that cannot be loaded.

Two moments. While the settings are read, `accepted_paths` looks at each entry point without Django: can the config be
imported, does it fit this version, are the modules it needs there? Once Django has its models, `load` imports the rest
of each package and registers what it answers. Whoever fails at either is left out and named in `refused`; the site
stays up and so do the others.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pluggy
import structlog
from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from packaging.version import InvalidVersion, Version

from regulars import hooks
from regulars.plugins.declaration import PluginConfig
from regulars.plugins.registration import CannotRegister, answers_of, check_declaration, check_modules

GROUP = "regulars.plugins"
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
MODULES = ("hooks", "urls", "tasks", "navigation", "blocks", "api")
PAST_THE_GATE = ("wagtail_hooks", "admin")
"""Modules that Wagtail and Django's admin would load for every business, on or off."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RefusedPlugin:
    """A plugin that is left out, and why, for the operator to read."""

    name: str
    reason: str | Promise


_refused: dict[str, RefusedPlugin] = {}


def refused() -> list[RefusedPlugin]:
    """The plugins that could not be loaded, by name."""
    return [_refused[name] for name in sorted(_refused)]


def is_refused(name: str) -> bool:
    """Whether the plugin of this name was left out."""
    return name in _refused


def refuse(name: str, reason: str | Promise) -> None:
    """Leave a plugin out from now on: its answers, its models and its place among Django's apps."""
    _refused[name] = RefusedPlugin(name, reason)
    if not apps.models_ready:
        return
    for registered in [name, f"{name}:navigation"]:
        if manager().has_plugin(registered):
            manager().unregister(name=registered)
    _evict(name)
    log.error("plugin_refused", plugin=name, reason=str(reason))


def failed_to_load(error: BaseException) -> Promise:
    """The words for a module that raised while it was imported."""
    said = f"{type(error).__name__}: {error}"[:300]
    return format_lazy(_("It could not be loaded: {said}"), said=said)


# While the settings are read ------------------------------------------------------------------------------------------


def accepted_paths(*, taken: Iterable[str] = ()) -> list[str]:
    """The dotted path of every plugin's config that may become an app; `taken` are labels of other apps.

    Imports each config in turn and nothing else; needs neither settings nor database.
    """
    _refused.clear()
    entries: dict[str, dict[str, EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        entries.setdefault(entry.name, {})[entry.value.replace(":", ".")] = entry
    found: dict[str, tuple[str, PluginConfig]] = {}
    for name, paths in sorted(entries.items()):
        if len(paths) > 1:
            refuse(name, _("Two installed packages have this name; uninstall one of them."))
            continue
        ((path, entry),) = paths.items()
        try:
            found[name] = (path, _probe(entry, path, taken))
        except CannotRegister as refusal:
            refuse(name, refusal.reason)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module does, the site stays up
            refuse(name, failed_to_load(error))
    configs = {name: config for name, (_path, config) in found.items()}
    for name in _without_what_they_require(configs):
        found.pop(name)
    return [path for path, _config in found.values()]


def _probe(entry: EntryPoint, path: str, taken: Iterable[str]) -> PluginConfig:
    if not NAME.fullmatch(entry.name):
        raise CannotRegister(_("Its name may hold small letters, digits and underscores only, 2 to 40 of them."))
    if entry.name in set(taken):
        raise CannotRegister(_("Its name belongs to a part of Regulars itself; choose another."))
    config = AppConfig.create(path)
    if not isinstance(config, PluginConfig):
        raise CannotRegister(_("Its entry point does not name a PluginConfig."))
    if config.label != entry.name:
        raise CannotRegister(
            format_lazy(_("Its entry point and its label differ; both must be “{label}”."), label=config.label)
        )
    _check_bounds(config)
    _check_settings(config)
    return config


def _check_bounds(config: PluginConfig) -> None:
    present = version("regulars")
    try:
        if config.min_version and Version(present) < Version(config.min_version):
            raise CannotRegister(
                format_lazy(
                    _("It needs Regulars {bound} or newer, this is {present}."),
                    bound=config.min_version,
                    present=present,
                )
            )
        if config.max_version and Version(present) > Version(config.max_version):
            raise CannotRegister(
                format_lazy(
                    _("It works up to Regulars {bound}, this is {present}."), bound=config.max_version, present=present
                )
            )
    except InvalidVersion as error:
        raise CannotRegister(format_lazy(_("Its version bounds cannot be read: {said}"), said=str(error))) from error


def _check_settings(config: PluginConfig) -> None:
    kind = config.settings
    if kind is None:
        return
    if not dataclasses.is_dataclass(kind) or any(
        each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        for each in dataclasses.fields(kind)
    ):
        raise CannotRegister(_("Its settings must be a dataclass in which every field has a default."))


def _without_what_they_require(configs: dict[str, PluginConfig]) -> list[str]:
    """Refuse, until nothing changes, whoever requires a module that is not there; returns their names."""
    left = dict(configs)
    while missing := {
        name: needed for name, config in left.items() for needed in config.requires if needed not in left
    }:
        for name, needed in missing.items():
            refuse(name, format_lazy(_("It needs the module “{needed}”, which is not there."), needed=needed))
            left.pop(name)
    return [name for name in configs if name not in left]


# Once Django has its models -------------------------------------------------------------------------------------------


@cache
def manager() -> pluggy.PluginManager:
    """The one plugin manager of this process."""
    made = pluggy.PluginManager(hooks.PROJECT)
    made.add_hookspecs(hooks)
    return made


def installed() -> dict[str, PluginConfig]:
    """The plugins that are there and were not refused, by name."""
    return {config.label: config for config in apps.get_app_configs() if isinstance(config, PluginConfig)}


def house() -> dict[str, str]:
    """The parts of the house that answer hooks, always on: name and module, for those that are installed."""
    named: dict[str, str] = getattr(settings, "ALWAYS_ON", {})
    return {name: module for name, module in named.items() if _is_there(module)}


def is_house(name: str) -> bool:
    """Whether a name is that of a part of the house that is installed."""
    module = getattr(settings, "ALWAYS_ON", {}).get(name)
    return module is not None and _is_there(module)


@cache
def _is_there(module: str) -> bool:
    return apps.get_containing_app_config(module) is not None


def module_of(config: AppConfig, name: str) -> ModuleType | None:
    """A module of a plugin, None where it has none. Raises whatever the module raises."""
    path = f"{config.name}.{name}"
    return importlib.import_module(path) if find_spec(path) else None


def load() -> None:
    """Import and register every plugin that was accepted, then the house, which thereby answers first.

    Called once, when Django has all models. A fault in the house surfaces; one in a plugin has it refused alone.
    """
    _is_there.cache_clear()
    for name in [*_refused]:
        _evict(name)
        log.error("plugin_refused", plugin=name, reason=str(_refused[name].reason))
    for name, config in sorted(installed().items(), reverse=True):
        try:
            _load_one(name, config)
        except CannotRegister as refusal:
            refuse(name, refusal.reason)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module does, the site stays up
            refuse(name, failed_to_load(error))
    _without_what_they_require(installed())
    for name, path in reversed(house().items()):
        if find_spec(path) and not manager().has_plugin(name):
            manager().register(importlib.import_module(path), name=name)
    manager().check_pending()


def _load_one(name: str, config: PluginConfig) -> None:
    for past in PAST_THE_GATE:
        if find_spec(f"{config.name}.{past}"):
            raise CannotRegister(
                format_lazy(
                    _("Its module {module} would reach every business, on or off; answer hooks instead."), module=past
                )
            )
    check_declaration(config)
    _import_everything(config)
    modules = {each: module for each in MODULES if (module := module_of(config, each))}
    check_modules(name, modules)
    for registered, answering in answers_of(name, modules).items():
        if not manager().has_plugin(registered):
            manager().register(answering, name=registered)


def _import_everything(config: PluginConfig) -> None:
    """Import all of a plugin's package, so that what would fail one day in the middle of a page fails now."""
    package: Any = config.module
    for found in pkgutil.walk_packages(package.__path__, f"{config.name}.", onerror=_raise):
        if "tests" not in found.name.split(".") and not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def _raise(name: str) -> None:
    raise ImportError(name)


def _evict(label: str) -> None:
    """Take an app out of Django's registry. The dictionary is replaced, for Django may be walking over it."""
    if label in apps.app_configs and isinstance(apps.app_configs[label], PluginConfig):
        apps.app_configs = {name: config for name, config in apps.app_configs.items() if name != label}
        apps.all_models.pop(label, None)
        apps.clear_cache()
