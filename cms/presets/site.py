"""A trade's site: a home page in each language, bound together as translations of one another."""

from __future__ import annotations

import uuid
from typing import Any

from wagtail.models import Locale, Page, Site

from cms.models import HomePage
from cms.presets.preset import Preset

TITLES = {"en": "Home", "zh-hans": "首页"}
ROOT_TITLES = {"en": "All pages", "zh-hans": "全部页面"}
"""What the office calls the place that holds every page; a fresh Wagtail calls it "Root"."""
NAMESPACE = uuid.UUID("6f1d3f0e-3c41-5a6e-9d35-7a1b0c2f8e11")


def build(preset: Preset, first: str, second: str) -> None:
    """Make the locales and the home pages; the one in `first` is the root of the site."""
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in (first, second)}
    root = _empty_root(ROOT_TITLES[first])
    pages = {code: _home_page(root, preset, code, locale) for code, locale in locales.items()}
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port, site.root_page = "localhost", 80, pages[first]
    site.save()


def _empty_root(title: str) -> Any:
    """The root of the page tree, without the page a fresh Wagtail greets with."""
    root = Page.get_first_root_node()
    if root is None:
        return Page.add_root(title=title, slug="root", locale=Locale.objects.order_by("id").first())
    Page.objects.filter(pk=root.pk).update(title=title, draft_title=title)
    Site.objects.all().delete()
    for child in root.get_children():
        child.delete()
    root.refresh_from_db()
    return root


def _home_page(root: Any, preset: Preset, language: str, locale: Any) -> Any:
    page = HomePage(
        title=TITLES[language],
        slug=f"home-{language}",
        locale=locale,
        translation_key=uuid.uuid5(NAMESPACE, f"{preset.trade}:home"),
        search_description=preset.description[language],
        hero_title=preset.hero_title[language],
        hero_lede=preset.hero_lede[language],
        picture=preset.trade,
        layout=preset.layout,
        body=_body(preset, language),
    )
    root.add_child(instance=page)
    return page


def _body(preset: Preset, language: str) -> list[dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {
        "benefits": {"title": preset.ladder_title[language], "lede": preset.ladder_lede[language]},
        "text": {"title": preset.story_title[language], "text": preset.story[language]},
        "branches": {"title": BRANCHES_TITLE[language], "hours": preset.hours[language]},
        "join_call": {"title": preset.join_title[language], "words": preset.join_words[language]},
    }
    return [
        {"type": kind, "value": values[kind], "id": str(uuid.uuid5(NAMESPACE, f"{preset.trade}:{language}:{kind}"))}
        for kind in preset.order
    ]


BRANCHES_TITLE = {"en": "Where to find us", "zh-hans": "门店与营业时间"}
