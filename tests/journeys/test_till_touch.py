"""By touch alone, on a phone: a sale with coupon and points, a part of it back, a void, a new member, a whole shift."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Screen, screen
from tests.running import House
from tests.shop import BARCODE, SHOPS, Words, opened_as, unknown_phone, with_a_wallet, without_a_drawer

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.clause("5.Shows")]
Inside = Callable[..., Any]
RECEIPT = re.compile(r"/counter/receipt/sal_\w+/$")
DONE = re.compile(r"\?done=ref_\w+$")


def before_a_shift(words: Words) -> dict[str, Any]:
    """The shop with a wallet to spend from, and no drawer open."""
    without_a_drawer()
    return with_a_wallet(words)


def enter(page: Page, text: str) -> None:
    """Tap the field, type on the screen, tap the button beside it."""
    page.tap("#counter-field")
    page.fill("#counter-field", text)
    page.tap("#basket > button[type=submit]")


def take_the_money(page: Page) -> None:
    """Tap the one key that pays, and stand before the receipt."""
    page.tap("#pay button[name=payment_source][value=cash]")
    expect(page).to_have_url(RECEIPT)


def sell(person: Screen, known: dict[str, Any]) -> None:
    """A product for a member, with a coupon and points."""
    page = person.page
    enter(page, known["phone"])
    expect(page.locator("#member-name")).to_be_visible()
    enter(page, BARCODE)
    expect(page.locator("#line-1-price")).to_have_value("40.00")
    page.locator("[name=coupon_on]").first.tap()
    expect(page.locator("[name=coupon_off]")).to_be_visible()
    page.locator("[name=use_points]").tap()
    expect(page.locator("[name=use_points][value='0']")).to_be_visible()
    person.judged("touch-sale")
    take_the_money(page)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_day_at_the_till_by_touch(chromium: Browser, house: House, inside: Inside, language: str) -> None:
    words = SHOPS[language]
    known = inside(lambda: before_a_shift(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=390) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
        person.open(f"{at}/counter/")
        page.tap(".counter-nav a[href$='/counter/shift/']")
        page.locator("form[action$='/shift/open/'] input:not([type=hidden])").first.fill("200")
        page.tap("form[action$='/shift/open/'] button[type=submit]")
        expect(page).to_have_url(re.compile(r"/counter/$"))
        sell(person, known)

        page.goto(page.url.replace("/receipt/", "/sales/"))
        page.fill("#refund-amount", "10")
        page.fill("#refund-reason", words.back)
        page.tap("form.refund button[type=submit]")
        person.judged("touch-refund")
        page.locator("section[aria-labelledby=refund-title] button[type=submit]").first.tap()
        expect(page).to_have_url(DONE)

        person.open(f"{at}/counter/")
        enter(page, "12.5")
        expect(page.locator("#line-1-price")).to_have_value("12.50")
        take_the_money(page)
        page.tap("a[href$='/void/']")
        page.tap("section[aria-labelledby=refund-title] button[type=submit]")
        expect(page).to_have_url(DONE)

        person.open(f"{at}/counter/")
        page.tap("button[name=joining]")
        page.fill("#new-contact", unknown_phone(words))
        page.fill("#new-name", words.members[1])
        page.tap("#new-agrees")
        page.tap("#join button[type=submit]")
        expect(page.locator("#member-name")).to_have_text(words.members[1])

        page.tap(".counter-more-opener")
        expect(page.locator("#counter-more")).to_be_visible()
        person.judged("touch-more")
        page.keyboard.press("Escape")
        page.tap(".counter-nav a[href$='/counter/shift/']")
        page.tap("a[href$='/shift/count/']")
        page.locator(".count-piece input").first.fill("2")
        page.tap("form[action$='/shift/compare/'] button[type=submit]")
        expect(page.locator("#drawer-kept")).to_be_visible()
        page.fill("#drawer-kept", "0")
        if page.locator("#drawer-reason").is_visible():
            page.fill("#drawer-reason", words.back)
        page.locator("form[action$='/shift/close/'] button[type=submit]").tap()
        expect(page).to_have_url(re.compile(r"/counter/shifts/shf_\w+/$"))
        person.judged("touch-shift-report")
