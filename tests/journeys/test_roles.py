"""What each role meets: every entry of its menu and a record behind each list, in both languages, narrow and wide.

The owner's walk goes on to every kind of page that links lead to, and axe judges each; the other roles meet the same
pages with less on them, so axe judges those that look different to them. A walk says everything it finds at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Error

from tests.browser import HEIGHTS, Screen, screen
from tests.running import House
from tests.shop import ROLES, SHOPS, fill, opened_as

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("3.3"), pytest.mark.capability(145)]
Inside = Callable[..., Any]
SAMPLED = {("cashier", "en", 1280)}
EVERYBODY = [
    pytest.param(role, language, width, id=f"{role}-{language}-{width}", marks=[pytest.mark.sample] * is_sampled)
    for role in ROLES
    for language in SHOPS
    for width in (390, 1280)
    for is_sampled in [(role, language, width) in SAMPLED]
]

MENU = {"cashier": ".counter-nav a[href]"}
OFFICE_MENU = "#wagtail-sidebar a[href]"
LEAST = {
    "owner": 22,
    "manager": 14,
    "cashier": 4,
    "marketer": 9,
    "service": 7,
    "accountant": 6,
    "reader": 12,
    "custom": 6,
}
"""Entries that the menu of a role has at least, or the walk would be blind."""
LOOKS_DIFFERENT = {"/office/", "/office/approvals/", "/office/jobs/", "/account/sign-in/"}
"""What axe judges for every role, because it says something else to each."""

RECORD = re.compile(r"/(?:[a-z]{2,4}_\w+|\d+)(?=/)")
KINDS = (
    (
        re.compile(r"^(/office/(?:loyalty/tiers|loyalty/benefits|modules|help|approvals/limits)/)(?!new/)[^/]+/"),
        r"\1*/",
    ),
    (re.compile(r"^(/office/messages/kinds/)[^/]+/[^/]+/"), r"\1*/"),
    (re.compile(r"^(/counter/help/)[^/]+/"), r"\1*/"),
)
ELSEWHERE = re.compile(
    r"/(?:logout|export|download|file|preview|history|usage|unpublish)/|\.(?:csv|xlsx|json|pdf|svg|png)$"
    r"|^/office/(?:bulk|pages/add)/|^/office/pages/\d+/(?!edit/)."
)
"""What is no page, and what Wagtail's editor leads to further in."""
OURS = re.compile(r"^/(?:office|counter|modules/\w+/office|account/sign-in|account/2fa)/")

OTHER_LANGUAGE = """() => {
    const own = document.documentElement.lang.toLowerCase().startsWith("zh");
    const other = own ? /[A-Z]?[a-z]+(?:[ ,.’'-]+[A-Za-z]*[a-z]{2})/ : /[\\u4e00-\\u9fff]/;
    const address = /\\S+(?::\\/\\/|@|\\.)\\S+/g;
    const isTold = (node) => {
        const said = node.closest("[lang]");
        const foreign = said && said !== document.documentElement;
        return !foreign && !node.closest("script, style, template, code, pre, kbd, samp, svg, datalist");
    };
    // a language by its own name, a page in it, a brand, and a word that is Wagtail's own
    const always = /简体中文|首页|(?:Google|Microsoft) Authenticator|Insert a block/g;
    const found = new Set();
    const note = (words, node) => {
        const kept = (words ?? "").replace(address, "…").replace(always, "…").trim();
        if (other.test(kept) && isTold(node)) found.add(kept.replace(/\\s+/g, " ").slice(0, 90));
    };
    note(document.title, document.documentElement);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        if (text.parentElement.checkVisibility({ visibilityProperty: true })) note(text.data, text.parentElement);
    }
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        for (const node of document.querySelectorAll(`[${name}]`)) note(node.getAttribute(name), node);
    }
    return [...found];
}"""
"""Words of the other language that stand on a page, where they are not marked as such."""
HEIGHT = """Math.max(
    ...[document.documentElement, ...document.querySelectorAll("main, .wrapper")].map((node) => node.scrollHeight)
)"""
LINKS = "nodes => nodes.map(node => node.href)"


def kind_of(address: str) -> str:
    """What kind of page an address leads to: its path with a star in the place of a record."""
    path = RECORD.sub("/*", urlsplit(address).path)
    for pattern, instead in KINDS:
        path = pattern.sub(instead, path)
    return path


class Walk:
    """One person's way through everything that links lead to, with what was wrong on it."""

    def __init__(self, person: Screen, role: str, home: str) -> None:
        self.person = person
        self.role = role
        self.home = home
        self.start = f"{home}/counter/" if role == "cashier" else f"{home}/office/"
        self.met: list[str] = []
        self.wrong: list[str] = []

    def go(self, *, is_short: bool = False) -> None:
        """The menu, then what its pages lead to: once for each kind of page, by the owner as far as it goes.

        A short walk opens the menu alone.
        """
        entries, following = self.visit(self.start)
        found = len({kind_of(address) for address in [*entries, self.start]})
        if found < LEAST[self.role]:
            self.wrong.append(f"only {found} entries in the menu: {entries}")
        for address in self.new([*entries]):
            following += self.visit(address)[1]
        while following and not is_short:
            further: list[str] = []
            for address in self.new(following):
                further += self.visit(address)[1]
            following = further if self.role == "owner" else []

    def new(self, addresses: list[str]) -> Iterator[str]:
        """Those of a kind that was not met yet."""
        for address in addresses:
            if kind_of(address) not in self.met:
                yield address

    def visit(self, address: str) -> tuple[list[str], list[str]]:
        """Open a page and look at it; gives what the menu and what the page lead to."""
        kind, page = kind_of(address), self.person.page
        self.met.append(kind)
        page.set_viewport_size({"width": self.person.width, "height": HEIGHTS[self.person.width]})
        try:
            answer = page.goto(address)
            status = answer.status if answer else 0
            said = [] if status == 200 else [f"answered {status}"]
            said += [f"words of the other language: {words}" for words in page.evaluate(OTHER_LANGUAGE)]
            said += self.person.cut_off()
            if self.role in ("owner", "cashier") or kind in LOOKS_DIFFERENT:
                said += self.person.violations()
                self.whole()
                self.person.picture(f"{self.role}{kind.replace('/', '-').replace('*', 'one')}".rstrip("-"))
            menu = page.eval_on_selector_all(MENU.get(self.role, OFFICE_MENU), LINKS)
            inner = page.eval_on_selector_all("main a[href]", LINKS)
        except Error as error:
            said, menu, inner = [f"failed: {error}"[:300]], [], []
        said += self.person.troubles
        self.person.troubles.clear()
        self.wrong += [f"{kind}: {one}" for one in said]
        return self.ours(menu), self.ours(inner)

    def whole(self) -> None:
        """The back office scrolls inside the window: make the window so high that a picture shows all of it."""
        height = int(self.person.page.evaluate(HEIGHT))
        self.person.page.set_viewport_size({"width": self.person.width, "height": min(max(height, 800), 4_000)})

    def ours(self, addresses: list[str]) -> list[str]:
        """Those that are pages of this person's doors, each once, without what follows the path."""
        found = dict.fromkeys(urljoin(self.home, urlsplit(address).path) for address in addresses)
        own = "/office/" if self.role == "cashier" else "/counter/"
        paths = [(address, urlsplit(address).path) for address in found if address.startswith(self.home + "/")]
        return [
            address
            for address, path in paths
            if OURS.match(path) and not ELSEWHERE.search(path) and not path.startswith(own)
        ]


@pytest.mark.clause("3.Shows")
@pytest.mark.clause("3.1")
@pytest.mark.parametrize(("role", "language", "width"), EVERYBODY)
def test_everything_a_role_meets_is_whole(
    house: House, chromium: Browser, inside: Inside, role: str, language: str, width: int
) -> None:
    walk = walked(house, chromium, inside, role, language, width)
    print(f"{role} {language} {width}: {len(walk.met)} kinds of pages", *sorted(walk.met), sep="\n  ")
    assert walk.wrong == [], "\n".join(walk.wrong)


@pytest.mark.sample
@pytest.mark.clause("3.Shows")
@pytest.mark.clause("3.1")
def test_the_menu_of_the_owner_is_whole(house: House, chromium: Browser, inside: Inside) -> None:
    assert walked(house, chromium, inside, "owner", "zh-hans", 390, is_short=True).wrong == []


def walked(
    house: House, chromium: Browser, inside: Inside, role: str, language: str, width: int, *, is_short: bool = False
) -> Walk:
    """The walk of somebody of a role through the shop of their language."""
    words = SHOPS[language]
    sessions = inside(lambda: fill(words), words.slug, opened_as(words))
    home = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        person.context.add_cookies([{"name": "session", "value": sessions[role], "url": home}])
        walk = Walk(person, role, home)
        walk.go(is_short=is_short)
    return walk
