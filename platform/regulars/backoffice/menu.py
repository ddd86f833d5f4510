"""The menu of the back office: by task, in the words of a shop, each entry shown to those who may use it.

A room adds an entry to one of the four menus with `@answers("register_team_menu_item")` (team, money, marketing,
settings) that returns an `OfficeItem`; plugins ask for a place through `hooks.menu_items`.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from regulars.backoffice.needs import ANYBODY
from regulars.organisation.permissions import granted
from regulars.organisation.selectors import staff_of


class OfficeItem(MenuItem):  # type: ignore[misc]
    """An entry for those who hold a permission."""

    def __init__(
        self, label: str | Promise, url: str | Promise, *, name: str, icon: str, order: int, permission: str
    ) -> None:
        super().__init__(label, url, name=name, icon_name=icon, order=order)
        self.permission = permission

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether whoever asks holds it."""
        return self.permission == ANYBODY or self.permission in held_by(request)


class OfficeMenu(SubmenuMenuItem):  # type: ignore[misc]
    """A menu in the menu, with what rooms have registered for it; gone for those who may use none of it."""

    def __init__(self, label: str | Promise, *, name: str, icon: str, order: int) -> None:
        menu = Menu(register_hook_name=f"register_{name}_menu_item")
        super().__init__(label, menu, name=MENU_NAMES.get(name, name), icon_name=icon, order=order)


MENU_NAMES = {"settings": "shop-settings"}
"""Wagtail has a menu called settings of its own, which a shop does not see."""


def held_by(request: HttpRequest) -> frozenset[str]:
    """What whoever asks may do, asked once for a request."""
    known: Any = request
    if not hasattr(known, "_permissions_held"):
        known._permissions_held = granted(staff_of(request.user))
    found: frozenset[str] = known._permissions_held
    return found
