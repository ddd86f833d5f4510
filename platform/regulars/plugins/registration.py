"""What a plugin's modules must look like, tried on a manager of its own before any of it is registered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, get_args

import pluggy
from django.urls import URLResolver
from django.urls.resolvers import RegexPattern
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from regulars import hooks
from regulars.hooks import Door, MenuItem, hookimpl
from regulars.plugins.declaration import Place, PluginConfig
from regulars.plugins.settings import declared

CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
"""What the code of a permission may be; outside it reads `<plugin>.<code>`."""


class CannotRegister(Exception):
    """A plugin does not keep to the contract; `reason` says where, for the operator."""

    def __init__(self, reason: str | Promise) -> None:
        self.reason = reason
        super().__init__(reason)


class Navigation:
    """The menu that a plugin declares in `navigation.py`, as an answer to `menu_items`."""

    def __init__(self, menu: Mapping[Door, list[MenuItem]]) -> None:
        self.menu = menu

    @hookimpl
    def menu_items(self, door: Door) -> list[MenuItem]:
        """The declared entries of a door."""
        return list(self.menu.get(door, []))


def answers_of(name: str, modules: Mapping[str, ModuleType]) -> dict[str, object]:
    """What is to be registered with pluggy for a plugin, by the name to register it under."""
    found: dict[str, object] = {}
    if "hooks" in modules:
        found[name] = modules["hooks"]
    if "navigation" in modules:
        found[f"{name}:navigation"] = Navigation(modules["navigation"].MENU)
    return found


def check_declaration(config: PluginConfig) -> None:
    """What the shelf tells and what a business may set are of the right form. Raises `CannotRegister`."""
    places = get_args(Place)
    if any(place not in places for place, _words in config.adds):
        raise CannotRegister(
            format_lazy(_("What it adds must name where; the places are: {places}."), places=", ".join(places))
        )
    if config.picture and not config.picture.endswith(".svg"):
        raise CannotRegister(_("Its picture must be an SVG among its static files."))
    if any(len(each) != 3 or not CODE.fullmatch(each[0]) for each in config.permissions):
        raise CannotRegister(_("Each of its permissions must be a code, its words and the roles that hold it."))
    try:
        declared(config)
    except (TypeError, NameError) as error:
        raise CannotRegister(format_lazy(_("Its settings cannot be read: {said}"), said=str(error))) from error


def check_modules(name: str, modules: Mapping[str, ModuleType]) -> None:
    """Hold each module to the contract. Raises `CannotRegister` with the first thing that is wrong."""
    for module, check in CHECKS.items():
        if module in modules:
            check(modules[module])


def check_answers(answering: object) -> None:
    """Every answer is one that is asked for, with arguments that are given. Raises `CannotRegister`."""
    trial = pluggy.PluginManager(hooks.PROJECT)
    trial.add_hookspecs(hooks)
    try:
        trial.register(answering, name="trial")
        trial.check_pending()
    except pluggy.PluginValidationError as error:
        raise CannotRegister(
            format_lazy(_("hooks.py does not keep to the contract: {said}"), said=_one_line(error))
        ) from error
    for caller in trial.get_hookcallers(answering) or []:
        spec = getattr(hooks, caller.name)
        if hooks.asked_of(spec).reach == "house":
            raise CannotRegister(
                format_lazy(_("hooks.py answers {hook}, which only the house itself answers."), hook=caller.name)
            )
        if any(each.wrapper or each.hookwrapper for each in caller.get_hookimpls()):
            raise CannotRegister(
                format_lazy(_("hooks.py wraps the answers of others to {hook}; give one of its own."), hook=caller.name)
            )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).replace("Plugin 'trial'", "").split())[:300]


def _check_addresses(module: ModuleType) -> None:
    listed: Any = getattr(module, "urlpatterns", None)
    if not isinstance(listed, list):
        raise CannotRegister(_("urls.py must hold a list called urlpatterns."))
    wrong = _errors_in(listed)
    if wrong:
        raise CannotRegister(format_lazy(_("urls.py holds a wrong address: {said}"), said=str(wrong[0].msg)))


def _errors_in(listed: list[Any]) -> list[Any]:
    return [message for message in URLResolver(RegexPattern(r""), listed).check() if message.is_serious()]


def _check_navigation(module: ModuleType) -> None:
    menu: Any = getattr(module, "MENU", None)
    doors = get_args(Door)
    if (
        not isinstance(menu, dict)
        or any(door not in doors for door in menu)
        or not all(isinstance(item, MenuItem) for items in menu.values() for item in items)
    ):
        raise CannotRegister(
            format_lazy(
                _("navigation.py must hold MENU, lists of MenuItem by door; the doors are: {doors}."),
                doors=", ".join(doors),
            )
        )


def _check_blocks(module: ModuleType) -> None:
    from wagtail.blocks import Block

    listed: Any = getattr(module, "BLOCKS", None)
    if not isinstance(listed, dict) or not all(
        isinstance(name, str) and name.isidentifier() and isinstance(block, Block) for name, block in listed.items()
    ):
        raise CannotRegister(_("blocks.py must hold BLOCKS, page blocks by their names."))


def _check_routes(module: ModuleType) -> None:
    from ninja import NinjaAPI, Router

    router: Any = getattr(module, "router", None)
    if not isinstance(router, Router):
        raise CannotRegister(_("api.py must hold a ninja Router called router."))
    trial = NinjaAPI(urls_namespace=f"trial-{module.__name__}", docs_url=None, openapi_url=None)
    trial.add_router("/modules/trial", router)
    wrong = _errors_in(trial.urls[0])
    if wrong:
        raise CannotRegister(format_lazy(_("api.py holds a wrong address: {said}"), said=str(wrong[0].msg)))


CHECKS = {
    "hooks": check_answers,
    "urls": _check_addresses,
    "navigation": _check_navigation,
    "blocks": _check_blocks,
    "api": _check_routes,
}
