"""Page blocks of modules among those of the house: all are defined, the chooser and the rendering pass the gate.

A stream that takes them derives from `PluginStreamBlock`. What a module defines stays out of migrations. Where the
module is not on, the chooser does not offer its blocks; where it is off, those on a page are kept and not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.apps import apps
from wagtail.admin.telepath import register
from wagtail.blocks import StreamBlock
from wagtail.blocks.stream_block import StreamBlockAdapter

from regulars import plugins

log = structlog.get_logger(__name__)


class PluginStreamBlock(StreamBlock):  # type: ignore[misc]
    """A stream of its own blocks and those of every installed module."""

    _is_built = False
    _all_blocks: dict[str, Any] | None = None

    def __init__(self, local_blocks: list[tuple[str, Any]] | None = None, **options: Any) -> None:
        super().__init__(local_blocks, **options)
        self._is_built = True

    @property
    def child_blocks(self) -> dict[str, Any]:
        """Its own blocks, then those of modules, under the names they are stored by."""
        if not self._is_built or not apps.ready:
            return self._own_blocks
        if self._all_blocks is None:
            self._all_blocks = {**self._own_blocks, **{each.stored_as: _gated(each) for each in plugins.blocks()}}
        return self._all_blocks

    @child_blocks.setter
    def child_blocks(self, own: dict[str, Any]) -> None:
        self._own_blocks: dict[str, Any] = own
        self._all_blocks = None

    def not_offered(self) -> list[str]:
        """The names of the blocks that the chooser leaves out in this business."""
        return [each.stored_as for each in plugins.blocks() if not plugins.is_on(each.plugin)]

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """For migrations: a stream of nothing in particular."""
        return "wagtail.blocks.StreamBlock", [[]], {}

    def deconstruct_with_lookup(self, lookup: Any) -> tuple[str, list[Any], dict[str, Any]]:
        """For migrations: a stream of nothing in particular."""
        return self.deconstruct()


def _gated(defined: plugins.PluginBlock) -> Any:
    """The module's block under its stored name, shown only where the module answers."""
    block = defined.block
    if block.name != defined.stored_as:
        block.set_name(defined.stored_as)
        block.render = _behind_the_gate(defined.plugin, block.render)
    return block


def _behind_the_gate(plugin: str, render: Callable[..., str]) -> Callable[..., str]:
    @wraps(render)
    def rendered(value: Any, context: Any = None) -> str:
        if not plugins.answers(plugin):
            return ""
        try:
            return render(value, context)
        except Exception:
            log.exception("block_left_out", plugin=plugin)
            return ""

    return rendered


class PluginStreamBlockAdapter(StreamBlockAdapter):  # type: ignore[misc]
    """Tells the editor that it may add none of the blocks which are not offered here."""

    def js_args(self, block: PluginStreamBlock) -> list[Any]:
        """As Wagtail's, with a most of none for each block that is not offered."""
        name, grouped, defaults, meta = super().js_args(block)
        none_more = {stored_as: {"max_num": 0} for stored_as in block.not_offered()}
        return [name, grouped, defaults, {**meta, "blockCounts": {**(meta.get("blockCounts") or {}), **none_more}}]


register(PluginStreamBlockAdapter(), PluginStreamBlock)
