"""People at a screen: the system's Chromium, pages at a width and in a language, judged by axe and kept as pictures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.running import House, insists

PICTURES = Path(__file__).resolve().parents[1] / "var" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a camera that shows a moving picture, where there is none
)
STICKS_OUT = """() => {
    const edge = document.documentElement.clientWidth;
    const scrolls = (node) =>
        node && (/auto|scroll/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
    const is_cut = (node) => {
        const place = node.getBoundingClientRect();
        const is_seen = node.checkVisibility({ visibilityProperty: true }) && place.width > 1 && place.height > 1;
        return is_seen && place.left < edge && place.right > edge + 1 && !scrolls(node.parentElement);
    };
    const parts = [...document.querySelectorAll("a, button, input, select, textarea, h1, h2, label, img, iframe")];
    const cut = parts.filter(is_cut).slice(0, 5).map((node) => node.outerHTML.slice(0, 140));
    const wide = document.documentElement.scrollWidth - edge;
    return wide > 0 ? [`the page, by ${wide} px`, ...cut] : cut;
}"""
"""What a person would have to scroll sideways for, or could not reach at all."""
HEIGHTS = {390: 844, 1280: 800}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}


def every_screen(*sampled: tuple[str, int]) -> list[Any]:
    """Both languages, narrow and wide, for `("language", "width")`; those `sampled` are walked in a short run too."""
    return [
        pytest.param(
            language, width, id=f"{language}-{width}", marks=[pytest.mark.sample] * ((language, width) in sampled)
        )
        for language in ("en", "zh-hans")
        for width in HEIGHTS
    ]


def find_chromium() -> str:
    """The system's Chromium; without one the test is skipped loudly, or fails where CI is set."""
    named = os.environ.get("CHROMIUM", "")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        insists("Chromium (set CHROMIUM to its path, or install the package chromium)")
    return str(found)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, closed with its driver when the block ends."""
    path = find_chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(QUIETLY))
        try:
            yield browser
        finally:
            browser.close()


@cache
def judge() -> Axe:
    """The judge of accessibility, with its rules loaded once."""
    return Axe()


@dataclass
class Screen:
    """One person's browser: a language, a width, cookies of its own. What went wrong is kept in `troubles`."""

    house: House
    context: BrowserContext
    page: Page
    language: str
    width: int
    troubles: list[str] = field(default_factory=list)

    @property
    def is_chinese(self) -> bool:
        """Whether this person reads Chinese."""
        return self.language == "zh-hans"

    def words(self, english: str, chinese: str) -> str:
        """What stands on the screen in this person's language."""
        return chinese if self.is_chinese else english

    def open(self, address: str) -> Page:
        """Go to an address that must answer well."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status < 400, f"{address} answered {answer.status}"
        return self.page

    def judged(self, name: str) -> None:
        """Keep a picture of the page as it stands; axe must find nothing and nothing may stick out sideways."""
        self.page.wait_for_load_state("networkidle")
        self.picture(name)
        said = [*self.violations(), *self.cut_off()]
        assert said == [], f"{name} in {self.language} at {self.width} px: " + "; ".join(said)

    def picture(self, name: str) -> None:
        """Keep how the page looks now, as far down as it goes."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}-{self.language}-{self.width}.png", full_page=True)

    def violations(self) -> list[str]:
        """What axe finds on the page as it stands."""
        found = judge().run(self.page, options=RULES).response["violations"]
        return [f"{one['id']} ({one['impact']}): {_where(one)}" for one in found]

    def cut_off(self) -> list[str]:
        """What sticks out sideways."""
        return [f"cut off at the edge: {one}" for one in self.page.evaluate(STICKS_OUT)]


def _where(violation: dict[str, Any]) -> str:
    return " | ".join(str(node["html"])[:140] for node in violation["nodes"][:4])


@contextmanager
def screen(browser: Browser, house: House, *, language: str, width: int) -> Iterator[Screen]:
    """A person with a browser; errors of scripts and refused resources on the way end the block with a failure."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 800)},
        locale="zh-CN" if language == "zh-hans" else "en-GB",
        timezone_id="Asia/Shanghai" if language == "zh-hans" else "Europe/London",
        reduced_motion="reduce",
        is_mobile=width < 600,
        has_touch=width < 600,
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    person = Screen(house, context, page, language, width)
    page.on("pageerror", lambda error: person.troubles.append(f"script: {error}"))
    page.on("console", lambda said: _note(person, said))
    try:
        yield person
        assert person.troubles == [], person.troubles
    except BaseException:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"failed-{language}-{width}.png", full_page=True)
        raise
    finally:
        context.close()


def _note(person: Screen, said: Any) -> None:
    """What the browser complains about: refused by the policy, or not to be had."""
    if said.type == "error":
        person.troubles.append(f"{said.text} ({person.page.url})")
