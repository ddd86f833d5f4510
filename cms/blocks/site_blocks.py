"""The blocks of a member-facing page. What a business keeps elsewhere (tiers, branches) is read live, never copied."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from cms.drawings import DRAWINGS

PLAIN_TEXT = ["bold", "italic", "link", "ul", "ol", "h3", "document-link"]
"""What a paragraph may hold; headings above h3 belong to the block itself."""


class BenefitsBlock(blocks.StructBlock):  # type: ignore[misc]
    """The ladder of tiers with what each gives, as the loyalty room has it now."""

    title = blocks.CharBlock(label=_("heading"), max_length=120)
    lede = blocks.TextBlock(label=_("sentence below"), required=False, max_length=300)

    class Meta:
        icon = "pick"
        label = _("Tiers and benefits")
        template = "cms/blocks/benefits.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Adds `steps`, the tiers from the first to the highest in the page's language."""
        from regulars.loyalty.points import selectors as points
        from regulars.loyalty.tiers import selectors as tiers
        from regulars.organisation import selectors as organisation

        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        language = get_language() or "en"
        ladder = tiers.ladder()
        context["steps"] = [
            {"tier": tier, "number": number, "benefits": tiers.benefits_of(tier, language)}
            for number, tier in enumerate(ladder, start=1)
        ]
        context["currency"] = organisation.organisation().currency
        context["rules"] = points.spending_rules()
        return context


class TextBlock(blocks.StructBlock):  # type: ignore[misc]
    """A heading and paragraphs."""

    title = blocks.CharBlock(label=_("heading"), required=False, max_length=120)
    text = blocks.RichTextBlock(label=_("text"), features=PLAIN_TEXT)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "cms/blocks/text.html"


class PictureBlock(blocks.StructBlock):  # type: ignore[misc]
    """A photograph of the business's own, or one of the drawings that come with it."""

    image = ImageChooserBlock(label=_("photograph"), required=False)
    drawing = blocks.ChoiceBlock(label=_("or a drawing"), choices=DRAWINGS, required=False)
    caption = blocks.CharBlock(label=_("caption"), required=False, max_length=160)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/picture.html"


class BranchesBlock(blocks.StructBlock):  # type: ignore[misc]
    """Where and when: the open branches with their addresses, and the opening hours in words."""

    title = blocks.CharBlock(label=_("heading"), max_length=120)
    hours = blocks.TextBlock(
        label=_("opening hours"), required=False, max_length=300, help_text=_("One line for each, as people say it.")
    )

    class Meta:
        icon = "site"
        label = _("Opening hours and branches")
        template = "cms/blocks/branches.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Adds `branches`, those that are open now."""
        from regulars.organisation import selectors as organisation

        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["branches"] = organisation.open_branches()
        return context


class JoinCallBlock(blocks.StructBlock):  # type: ignore[misc]
    """The invitation to join, with the button."""

    title = blocks.CharBlock(label=_("heading"), max_length=120)
    words = blocks.TextBlock(label=_("sentence"), required=False, max_length=300)

    class Meta:
        icon = "user"
        label = _("Invitation to join")
        template = "cms/blocks/join_call.html"


HOUSE_BLOCKS: list[tuple[str, blocks.Block]] = [
    ("benefits", BenefitsBlock()),
    ("text", TextBlock()),
    ("picture", PictureBlock()),
    ("branches", BranchesBlock()),
    ("join_call", JoinCallBlock()),
]
"""Every block of the house by the name it is stored under."""
