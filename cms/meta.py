"""How a page is found: its title, its description, its one address and its twins in other languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulars import hooks, plugins
from regulars.organisation import selectors

if TYPE_CHECKING:
    from cms.models import SitePage


@dataclass(frozen=True, kw_only=True)
class Twin:
    """The same page in a language: `url` on this host, `address` in full."""

    language: str
    url: str
    address: str


@dataclass(frozen=True, kw_only=True)
class PageMeta:
    """What stands in the head of a page; `addresses` of all languages, the page's own among them."""

    title: str
    description: str
    address: str
    twins: tuple[Twin, ...]


def full_address(path: str) -> str:
    """A path of this site with its host, as search engines want it."""
    return plugins.first(hooks.site_address, path=path) or path


def meta_of(page: SitePage) -> PageMeta:
    """How search engines and messengers show a page. Titles name the business, whatever it is called today."""
    name = selectors.organisation().name
    title = page.seo_title or getattr(page, "hero_title", "") or page.title
    description = page.search_description or getattr(page, "hero_lede", "") or getattr(page, "lede", "")
    return PageMeta(
        title=f"{title} · {name}" if name else title,
        description=description,
        address=full_address(page.url or "/"),
        twins=twins_of(page),
    )


def twins_of(page: Any) -> tuple[Twin, ...]:
    """The live versions of a page in every language, its own first."""
    if not page.pk:
        return ()
    versions = [page, *page.get_translations().live().select_related("locale").defer_streamfields()]
    found = [(version.locale.language_code, version.url) for version in versions]
    return tuple(Twin(language=code, url=url, address=full_address(url)) for code, url in found if url)
