"""Page blocks of plugins: all are defined, the chooser and the rendering pass the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regulars.plugins import loading


@dataclass(frozen=True)
class PluginBlock:
    """A page block of a plugin and the name it is stored under, `<plugin>__<name>`."""

    plugin: str
    stored_as: str
    block: Any


def blocks() -> list[PluginBlock]:
    """The page blocks of every installed plugin, whatever its state; whoever shows one asks `plugins.answers`."""
    return [
        PluginBlock(name, f"{name}__{block_name}", block)
        for name, config in sorted(loading.installed().items())
        if (module := loading.module_of(config, "blocks")) is not None
        for block_name, block in module.BLOCKS.items()
    ]
