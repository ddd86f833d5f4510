"""By keyboard alone: a product by its bar code, a coupon and points by one key each; a new member in one breath."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import expect

from tests.browser import every_screen
from tests.shop import BARCODE, AtWork, unknown_phone, with_a_wallet

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(146)]
Screens = Callable[..., AbstractContextManager[AtWork]]
ENTER_AT = """(instant) => document.addEventListener(instant, () => {
    const enter = { key: "Enter", code: "Enter", bubbles: true, cancelable: true };
    document.getElementById("counter-field").dispatchEvent(new KeyboardEvent("keydown", enter));
}, { once: true })"""
"""Presses Enter at an instant of htmx's that no hand would hit by intention."""


@pytest.mark.parametrize(("language", "width"), every_screen())
def test_a_sale_with_product_coupon_and_points(at_work: Screens, language: str, width: int) -> None:
    with at_work(language, width, with_a_wallet) as cashier:
        page, person = cashier.open("/counter/"), cashier.person
        page.keyboard.type(cashier.known["phone"])
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


@pytest.mark.parametrize(("language", "width"), every_screen())
def test_a_new_member_in_one_breath(at_work: Screens, language: str, width: int) -> None:
    with at_work(language, width) as cashier:
        page, person, name = cashier.open("/counter/"), cashier.person, cashier.words.members[0]
        page.keyboard.type(unknown_phone(cashier.words))
        page.keyboard.press("Enter")
        expect(page.locator("input[name=unknown]")).to_be_attached()
        page.wait_for_timeout(300)  # as fast as a person is
        person.troubles.clear()  # the browser notes that nobody was found (422)
        page.keyboard.press("Enter")
        expect(page.locator("#new-contact")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        page.keyboard.press("Space")
        person.judged("joining-by-keys")
        page.keyboard.press("Enter")
        expect(page.locator("#member-name")).to_have_text(name)


@pytest.mark.parametrize("instant", ["htmx:beforeRequest", "htmx:afterRequest", "htmx:afterSwap", "htmx:afterSettle"])
def test_enter_takes_the_money_whenever_it_falls_into_the_answer(at_work: Screens, instant: str) -> None:
    with at_work("en", 1280) as cashier:
        page = cashier.open("/counter/")
        page.evaluate(ENTER_AT, instant)
        page.keyboard.type("12")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))
