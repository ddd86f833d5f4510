"""The pages members see: a home page and pages below it, one tree for each language."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.blocks.body import BodyBlock
from cms.blocks.field import BodyField
from cms.drawings import DRAWINGS, LAYOUTS
from cms.meta import PageMeta, meta_of


class SitePage(Page):  # type: ignore[misc]
    """What every page of the site knows: how it is found, in this language and in the other."""

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **options: Any) -> dict[str, Any]:
        """Adds `meta`: title, description, canonical address and the same page in the other languages."""
        context: dict[str, Any] = super().get_context(request, *args, **options)
        context["meta"] = self.meta()
        return context

    def meta(self) -> PageMeta:
        """How search engines and messengers show this page."""
        return meta_of(self)


class HomePage(SitePage):
    """Where a business's site begins in one language."""

    hero_title = models.CharField(_("promise"), max_length=120, help_text=_("What a member gets, in one line."))
    hero_lede = models.TextField(_("sentence below"), max_length=300, blank=True, default="")
    picture = models.CharField(_("drawing"), max_length=20, choices=DRAWINGS, default="retail")
    photograph = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("photograph instead of the drawing"),
    )
    layout = models.CharField(_("layout"), max_length=20, choices=LAYOUTS, default="shelf")
    body = BodyField(BodyBlock(), blank=True, verbose_name=_("content"))

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.ContentPage"]
    max_count_per_parent = 2
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("hero_title"),
                FieldPanel("hero_lede"),
                FieldPanel("picture"),
                FieldPanel("photograph"),
                FieldPanel("layout"),
            ],
            heading=_("Top of the page"),
        ),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("hero_title"), index.SearchField("body")]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class ContentPage(SitePage):
    """Any other page: the story, the terms, what is on."""

    lede = models.TextField(_("opening sentence"), max_length=300, blank=True, default="")
    body = BodyField(BodyBlock(), blank=True, verbose_name=_("content"))

    parent_page_types = ["cms.HomePage", "cms.ContentPage"]
    subpage_types = ["cms.ContentPage"]
    content_panels = [*Page.content_panels, FieldPanel("lede"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("lede"), index.SearchField("body")]

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
