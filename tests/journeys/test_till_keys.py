"""By keyboard alone: a product by its bar code, a coupon and points by one key each; a new member in one breath."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import screen
from tests.running import House
from tests.shop import BARCODE, SHOPS, fill, opened_as, with_a_wallet

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(146)]
Inside = Callable[..., Any]
EVERY_SCREEN = [
    pytest.param("en", 390, id="en-390"),
    pytest.param("en", 1280, id="en-1280"),
    pytest.param("zh-hans", 390, id="zh-hans-390"),
    pytest.param("zh-hans", 1280, id="zh-hans-1280"),
]
PHONES = {"en": "+4474{:08d}", "zh-hans": "+86139{:08d}"}


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_sale_with_product_coupon_and_points(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    words = SHOPS[language]
    known = inside(lambda: with_a_wallet(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
        person.open(f"{at}/counter/")
        page.keyboard.type(known["phone"])
        page.keyboard.press("Enter")
        expect(page.locator("#member-name")).to_be_visible()
        page.keyboard.type(BARCODE)
        page.keyboard.press("Enter")
        expect(page.locator("#line-1-price")).to_have_value("40.00")
        expect(page.locator("[name=coupon_on]").first).to_be_visible()
        person.judged("till-with-a-coupon")
        page.keyboard.press("F2")
        expect(page.locator("[name=coupon_off]")).to_be_visible()
        page.keyboard.press("u")
        expect(page.locator("[name=use_points][value='0']")).to_be_visible()
        person.judged("till-with-coupon-and-points")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))
        person.judged("receipt-with-points")


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_new_member_in_one_breath(chromium: Browser, house: House, inside: Inside, language: str, width: int) -> None:
    words = SHOPS[language]
    known = inside(lambda: fill(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
        person.open(f"{at}/counter/")
        page.keyboard.type(PHONES[language].format(10_000_000 + secrets.randbelow(80_000_000)))
        page.keyboard.press("Enter")
        expect(page.locator("input[name=unknown]")).to_be_attached()
        page.wait_for_timeout(300)  # as fast as a person is
        person.troubles.clear()  # the browser notes that nobody was found (422)
        page.keyboard.press("Enter")
        expect(page.locator("#new-contact")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.type(words.members[0])
        page.keyboard.press("Enter")
        page.keyboard.press("Space")
        person.judged("joining-by-keys")
        page.keyboard.press("Enter")
        expect(page.locator("#member-name")).to_have_text(words.members[0])
