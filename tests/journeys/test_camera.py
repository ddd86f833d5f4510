"""The camera at the one field: what it reads is entered like a scan; what stands in its way is said in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import Screen, every_screen, screen
from tests.running import House
from tests.shop import BARCODE, SHOPS, opened_as, with_a_wallet

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(152)]
Inside = Callable[..., Any]
EVERY_SCREEN = every_screen(("zh-hans", 390))
READER = """
    window.BarcodeDetector = class {
        static async getSupportedFormats() { return ["qr_code", "ean_13"]; }
        constructor({ formats }) { if (!formats.includes("ean_13")) throw new TypeError("no bar codes"); }
        async detect(picture) { return picture.videoWidth && window.held ? [{ rawValue: ` ${window.held}` }] : []; }
    };
"""
"""A browser that reads codes, as those of phones and tablets do; `held` is what is held in front of the camera."""
WITHOUT_READER = "delete window.BarcodeDetector;"
LIT = "() => Boolean(document.querySelector('#camera video').srcObject)"


def at_the_till(person: Screen, house: House, inside: Inside, script: str) -> dict[str, Any]:
    """The till stands open, in a browser that can do what the script says."""
    words = SHOPS[person.language]
    known: dict[str, Any] = inside(lambda: with_a_wallet(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    person.context.add_init_script(script)
    person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
    person.open(f"{at}/counter/")
    return known


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_what_the_camera_reads_goes_into_the_field(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.grant_permissions(["camera"])
        known = at_the_till(person, house, inside, READER)
        page.keyboard.press("q")
        expect(page.locator("#camera video")).to_be_visible()
        page.wait_for_function("() => document.querySelector('#camera video').videoWidth > 0")
        person.judged("till-camera")
        page.evaluate("code => (window.held = code)", BARCODE)
        expect(page.locator("#line-1-price")).to_have_value("40.00")
        expect(page.locator("#camera")).to_be_hidden()
        page.evaluate("code => (window.held = code)", known["phone"])
        page.get_by_role("button", name=person.words("Camera", "摄像头")).click()
        expect(page.locator("#member-name")).to_be_visible()
        expect(page.locator("#line-1-price")).to_have_value("40.00")
        expect(page.locator("#counter-field")).to_have_value("")


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_escape_turns_the_camera_off(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.grant_permissions(["camera"])
        at_the_till(person, house, inside, READER)
        page.keyboard.press("q")
        page.wait_for_function(LIT)
        page.keyboard.press("Escape")
        expect(page.locator("#camera")).to_be_hidden()
        assert not page.evaluate(LIT)
        expect(page.locator("#counter-field")).to_be_focused()


@pytest.mark.parametrize(
    ("script", "english", "chinese"),
    [
        pytest.param(READER, "The browser may not use the camera.", "浏览器未获准使用摄像头", id="refused"),
        pytest.param(WITHOUT_READER, "This browser cannot read codes", "这个浏览器不支持", id="no reader"),
    ],
)
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_what_stands_in_the_way_is_said(
    chromium: Browser,
    house: House,
    inside: Inside,
    language: str,
    width: int,
    script: str,
    english: str,
    chinese: str,
) -> None:
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        at_the_till(person, house, inside, script)
        page.keyboard.press("q")
        expect(page.locator("#camera p:visible")).to_contain_text(person.words(english, chinese))
        expect(page.locator("#camera video")).to_be_hidden()
        person.judged("till-without-camera")
        page.get_by_role("button", name=person.words("Close", "关闭")).click()
        expect(page.locator("#counter-field")).to_be_focused()
