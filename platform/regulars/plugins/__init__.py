"""What is installed, what is enabled in this business, and the one gate between the two.

A plugin is a distribution with an entry point in the group `regulars.plugins` that names a `PluginConfig`. Whatever
lies in its package under the names `hooks urls tasks navigation blocks api` is thereby registered. Every hook call,
address, menu, task, API route and page block passes the gate: `ask` and `first` for hooks, `urls` and `routes` for
addresses, `plugin_task` for tasks, `blocks` for pages. `settings_of` says what a business has set about a module.
Switching modules on and off is in `regulars.plugins.switch`; what their pages are made of, in `regulars.plugins.pages`.
"""

from __future__ import annotations

from regulars.plugins.addresses import routes, urls
from regulars.plugins.blocks import PluginBlock, blocks
from regulars.plugins.choices import change_settings, settings_of
from regulars.plugins.declaration import PluginConfig
from regulars.plugins.gate import (
    ModuleIsOff,
    answers,
    ask,
    first,
    is_asked,
    is_on,
    listeners,
    require_on,
    state_of,
    tell,
)
from regulars.plugins.loading import RefusedPlugin, installed, manager, refused
from regulars.plugins.settings import Setting, setting
from regulars.plugins.tasks import plugin_task

__all__ = [
    "ModuleIsOff",
    "PluginBlock",
    "PluginConfig",
    "RefusedPlugin",
    "Setting",
    "answers",
    "ask",
    "blocks",
    "change_settings",
    "first",
    "installed",
    "is_asked",
    "is_on",
    "listeners",
    "manager",
    "plugin_task",
    "refused",
    "require_on",
    "routes",
    "setting",
    "settings_of",
    "state_of",
    "tell",
    "urls",
]
