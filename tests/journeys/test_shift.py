"""A shift by keyboard and by touch: opened, sold in, handed to a colleague by a code, counted, closed, printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import expect

from tests.browser import every_screen
from tests.shop import AtWork, with_codes

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(146)]
Screens = Callable[..., AbstractContextManager[AtWork]]


@pytest.mark.parametrize(("language", "width"), every_screen(("en", 1280)))
def test_a_shift_from_float_to_report(at_work: Screens, language: str, width: int) -> None:
    with at_work(language, width, with_codes) as cashier:
        page, person, words = cashier.open("/counter/shift/"), cashier.person, cashier.words
        person.judged("shift-open")
        page.keyboard.type("200")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/$"))

        page.keyboard.type("36")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # while the line is still on its way: it is paid once it stands
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))
        person.judged("receipt-with-ways-out")

        cashier.open("/counter/")
        person.judged("till-with-the-last-sale")
        page.keyboard.press("v")
        expect(page).to_have_url(re.compile(r"/void/$"))
        person.judged("void-preview")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?done=ref_\w+$"))

        cashier.open("/counter/shift/")
        page.check("input[name=direction][value=out]")
        page.fill("#drawer-amount", "50")
        page.fill("#drawer-reason", words.reason)
        page.locator("form[action$='/cash/'] button[type=submit]").click()
        page.wait_for_load_state("networkidle")
        person.judged("shift-running")
        cashier.open("/counter/shift/count/")
        expect(page.locator(".count-piece input").first).to_be_focused()
        page.keyboard.type("1")
        for _ in range(3 if language == "zh-hans" else 1):
            page.keyboard.press("Enter")
        page.keyboard.type("2")
        expect(page.locator("#counted strong")).to_contain_text("120.00" if language == "zh-hans" else "90.00")
        person.judged("shift-counting")
        page.keyboard.press("F2")
        expect(page.locator("#drawer-kept")).to_be_visible()
        person.judged("shift-compared")
        if page.locator("#drawer-reason").is_visible():
            page.fill("#drawer-reason", words.back)
        page.fill("#drawer-kept", "0")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/shifts/shf_\w+/$"))
        person.judged("shift-report")
        shift = page.url.rstrip("/").rpartition("/")[2]
        cashier.becomes("owner")
        cashier.open("/office/shifts/")
        person.judged("office-shifts")
        cashier.open(f"/office/shifts/{shift}/")
        person.judged("office-shift")
        cashier.open("/office/settings/counter/")
        person.judged("office-counter-settings")


@pytest.mark.parametrize(("language", "width"), every_screen(("en", 1280)))
def test_a_till_is_locked_and_handed_over_with_its_open_sale(at_work: Screens, language: str, width: int) -> None:
    with at_work(language, width, with_codes) as cashier:
        page, person, known = cashier.open("/counter/"), cashier.person, cashier.known
        cashier.rings_up("24")
        page.locator("form[action$='/counter/lock/'] button").click()
        expect(page.locator("#pin")).to_be_focused()
        expect(page.get_by_text("24.00")).to_have_count(0)
        person.judged("till-locked")
        page.check(f'input[value="{known["manager at the till"]}"]')
        page.fill("#pin", known["manager's code"])
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/\?aside="))
        person.judged("till-handed-over")
        page.keyboard.press("b")
        expect(page.locator("#line-1-price")).to_have_value("24.00")
