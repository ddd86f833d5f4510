"""A shift by keyboard and by touch: opened, sold in, handed to a colleague by a code, counted, closed, printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import screen
from tests.running import House
from tests.shop import SHOPS, Words, fill, opened_as

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(146)]
Inside = Callable[..., Any]
EVERY_SCREEN = [
    pytest.param("en", 390, id="en-390"),
    pytest.param("en", 1280, id="en-1280", marks=pytest.mark.sample),
    pytest.param("zh-hans", 390, id="zh-hans-390"),
    pytest.param("zh-hans", 1280, id="zh-hans-1280"),
]
CODES = {"cashier": "4711", "manager": "9080"}


def with_codes(words: Words) -> dict[str, Any]:
    """The shop, where no drawer is open, and a cashier and a manager have codes for the till."""
    from regulars.counter.models import CashMovement, Shift
    from regulars.organisation.models import Staff
    from regulars.organisation.team.pins import set_pin

    known: dict[str, Any] = dict(fill(words))
    CashMovement.objects.all().delete()
    Shift.objects.all().delete()
    for role, code in CODES.items():
        person = Staff.objects.filter(role=role).order_by("id")[0]
        set_pin(staff=person, pin=code)
        known[f"{role} at the till"] = person.public_id
    return known


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_shift_from_float_to_report(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    words = SHOPS[language]
    known = inside(lambda: with_codes(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
        person.open(f"{at}/counter/shift/")
        person.judged("shift-open")
        page.keyboard.type("200")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/$"))

        page.keyboard.type("36")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # while the line is still on its way: it is paid once it stands
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))
        person.judged("receipt-with-ways-out")

        person.open(f"{at}/counter/")
        person.judged("till-with-the-last-sale")
        page.keyboard.press("v")
        expect(page).to_have_url(re.compile(r"/void/$"))
        person.judged("void-preview")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?done=ref_\w+$"))

        person.open(f"{at}/counter/shift/")
        page.check("input[name=direction][value=out]")
        page.fill("#drawer-amount", "50")
        page.fill("#drawer-reason", words.reason)
        page.locator("form[action$='/cash/'] button[type=submit]").click()
        page.wait_for_load_state("networkidle")
        person.judged("shift-running")
        person.open(f"{at}/counter/shift/count/")
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
        person.context.add_cookies([{"name": "session", "value": known["owner"], "url": at}])
        person.open(f"{at}/office/shifts/")
        person.judged("office-shifts")
        person.open(f"{at}/office/shifts/{shift}/")
        person.judged("office-shift")
        person.open(f"{at}/office/settings/counter/")
        person.judged("office-counter-settings")


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_a_till_is_locked_and_handed_over_with_its_open_sale(
    chromium: Browser, house: House, inside: Inside, language: str, width: int
) -> None:
    words = SHOPS[language]
    known = inside(lambda: with_codes(words), words.slug, opened_as(words))
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
        person.open(f"{at}/counter/")
        page.keyboard.type("24")
        page.keyboard.press("Enter")
        expect(page.locator("#line-1-price")).to_have_value("24.00")
        page.locator("form[action$='/counter/lock/'] button").click()
        expect(page.locator("#pin")).to_be_focused()
        expect(page.get_by_text("24.00")).to_have_count(0)
        person.judged("till-locked")
        page.check(f'input[value="{known["manager at the till"]}"]')
        page.fill("#pin", CODES["manager"])
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/\?aside="))
        person.judged("till-handed-over")
        page.keyboard.press("b")
        expect(page.locator("#line-1-price")).to_have_value("24.00")
