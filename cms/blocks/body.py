"""The list of blocks a page's body is made of."""

from __future__ import annotations

from wagtail import blocks

from cms.blocks.site_blocks import HOUSE_BLOCKS


class BodyBlock(blocks.StreamBlock):  # type: ignore[misc]
    """Blocks of the house, in any order and number."""

    def __init__(self, local_blocks: list[tuple[str, blocks.Block]] | None = None, **options: object) -> None:
        super().__init__([*HOUSE_BLOCKS, *(local_blocks or [])], **options)

    class Meta:
        template = "cms/blocks/body.html"
