"""Reads the pages of help: from Markdown to what is shown, and found by the words in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.token import Token

from regulars.help.topics import BY_CODE, TOPICS, Topic

FOLDER = Path(__file__).parent / "pages"
LANGUAGES = ("en", "zh-hans")
AROUND = 60
"""Characters shown on each side of a word that was found."""
LINK = re.compile(r"(?P<topic>[a-z-]+)\.md(?P<place>#[\w-]+)?")


@dataclass(frozen=True)
class Page:
    """A topic in one language: the title, the sentence below it, the rest as Markdown and as plain words."""

    topic: Topic
    title: str
    summary: str
    markdown: str
    words: str

    @property
    def code(self) -> str:
        """The topic's."""
        return self.topic.code


@dataclass(frozen=True)
class Found:
    """A page in which something was looked for, and the words around the first place."""

    page: Page
    excerpt: SafeString


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def spoken() -> str:
    """The language of help for whoever reads now."""
    language = (get_language() or "en").lower()
    return "zh-hans" if language.startswith("zh") else "en"


@cache
def page(code: str, language: str) -> Page:
    """One page. Raises `KeyError` for a topic there is not."""
    topic = BY_CODE[code]
    text = (FOLDER / language / f"{code}.md").read_text(encoding="utf-8")
    title, _blank, rest = text.partition("\n\n")
    summary, _blank, body = rest.partition("\n\n")
    inline = [token for token in _reader().parse(rest) if token.type == "inline"]
    words = " ".join(_plain(token) for token in inline)
    return Page(
        topic=topic, title=title.removeprefix("# ").strip(), summary=summary.strip(), markdown=body, words=words
    )


def pages(language: str, *, at_counter: bool = False) -> list[Page]:
    """Every page, or those of the counter, in order."""
    return [page(topic.code, language) for topic in TOPICS if topic.is_for_counter or not at_counter]


def drawn(shown: Page, *, addresses: dict[str, str]) -> SafeString:
    """The body of a page as HTML; `addresses` are those of the topics this door shows, others become plain words."""
    tokens = _reader().parse(shown.markdown)
    for token in tokens:
        token.children = _linked(token.children or [], addresses) if token.type == "inline" else token.children
    body: str = _reader().renderer.render(tokens, _reader().options, {})
    return mark_safe(body)  # noqa: S308 - ours, and html is off


def links_of(shown: Page) -> list[str]:
    """Where a page's links lead, as they are written."""
    inline = [token for token in _reader().parse(shown.markdown) if token.type == "inline"]
    return [str(child.attrs["href"]) for token in inline for child in token.children or [] if child.type == "link_open"]


def search(text: str, language: str, *, at_counter: bool = False) -> list[Found]:
    """Pages that hold all the words looked for, those with the words in their title first; else those with any."""
    terms = [term for term in text.casefold().split() if term][:8]
    if not terms:
        return []
    offered = pages(language, at_counter=at_counter)
    for enough in (all, any):
        hits = [each for each in offered if enough(term in _everything(each) for term in terms)]
        if hits:
            hits.sort(key=lambda each: -sum(term in each.title.casefold() for term in terms))
            return [Found(each, _excerpt(each, terms)) for each in hits]
    return []


def _everything(shown: Page) -> str:
    return f"{shown.title} {shown.words}".casefold()


def _excerpt(shown: Page, terms: list[str]) -> SafeString:
    folded = shown.words.casefold()
    places = [place for term in terms if (place := folded.find(term)) >= 0]
    if not places or len(folded) != len(shown.words):
        return escape(shown.summary)
    start = max(0, min(places) - AROUND)
    cut = shown.words[start : start + 3 * AROUND]
    if start and " " in cut[:20]:
        cut = cut.partition(" ")[2]
    pattern = "|".join(re.escape(escape(term)) for term in sorted(terms, key=len, reverse=True))
    marked = re.sub(f"({pattern})", r"<mark>\1</mark>", escape(cut), flags=re.IGNORECASE)
    return mark_safe(f"{'… ' if start else ''}{marked} …")  # noqa: S308 - escaped above


def _plain(token: Token) -> str:
    return "".join(child.content or (" " if child.type == "softbreak" else "") for child in token.children or [])


def _linked(children: list[Token], addresses: dict[str, str]) -> list[Token]:
    """Links between pages become links of this door; to what it does not show, none."""
    kept, is_dropped = [], False
    for child in children:
        if child.type == "link_open" and (match := LINK.fullmatch(str(child.attrs["href"]))):
            is_dropped = match["topic"] not in addresses
            if not is_dropped:
                child.attrs["href"] = addresses[match["topic"]] + (match["place"] or "")
        if not (is_dropped and child.type in ("link_open", "link_close")):
            kept.append(child)
        if child.type == "link_close":
            is_dropped = False
    return kept
