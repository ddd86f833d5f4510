"""The list of blocks a page's body is made of: those of the house, then those of the modules."""

from __future__ import annotations

from wagtail import blocks

from cms.blocks.plugin_blocks import PluginStreamBlock
from cms.blocks.site_blocks import HOUSE_BLOCKS


class BodyBlock(PluginStreamBlock):
    """Blocks in any order and number."""

    def __init__(self, local_blocks: list[tuple[str, blocks.Block]] | None = None, **options: object) -> None:
        super().__init__([*HOUSE_BLOCKS, *(local_blocks or [])], **options)

    class Meta:
        template = "cms/blocks/body.html"
