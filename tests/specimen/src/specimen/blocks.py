"""The specimen's page blocks."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class StampBlock(blocks.StructBlock):  # type: ignore[misc]
    """A line of words in a box; one that says `break` breaks."""

    words = blocks.CharBlock(label=_("words"), max_length=80)

    class Meta:
        icon = "tick"
        label = _("Stamp")

    def render(self, value: Any, context: Any = None) -> str:
        """The words in a box."""
        if value["words"] == "break":
            raise RuntimeError("the stamp broke")
        return format_html('<p class="specimen-stamp">{}</p>', value["words"])


BLOCKS = {"stamp": StampBlock()}
