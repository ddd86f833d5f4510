"""An exchange, practised first and then in earnest: the key says what is really to pay, also after a hand-over."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import every_screen
from tests.shop import AtWork, with_codes

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.4"), pytest.mark.capability(146)]
Screens = Callable[..., AbstractContextManager[AtWork]]
RECEIPT = re.compile(r"/counter/receipt/sal_\w+/$")


def somebody() -> str:
    """The phone of a member."""
    from regulars.people.models import Member

    return str(Member.objects.exclude(phone="").order_by("pk")[0].phone)


def minor(text: str) -> int:
    """The amount that stands in some words, in minor units."""
    found = re.search(r"[\d,]+\.\d\d", text)
    assert found, text
    return int(re.sub(r"\D", "", found[0]))


def exchanges(cashier: AtWork, bought: str, taken: str, *, phone: str = "") -> None:
    """Sell something, take it back for an exchange, and ring up what is taken instead; the till stands open then."""
    page = cashier.page
    if phone:
        page.keyboard.type(phone)
        page.keyboard.press("Enter")
        expect(page.locator("#member-name")).to_be_visible()
    cashier.rings_up(bought)
    page.keyboard.press("Enter")
    expect(page).to_have_url(RECEIPT)
    page.goto(page.url.replace("/receipt/", "/sales/"))
    page.fill("#refund-reason", cashier.words.back)
    page.locator("form.refund button[type=submit]").click()
    expect(page.locator("button[name=exchange]")).to_be_visible()
    cashier.person.judged("exchange-preview")
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile(r"/counter/\?credit=ref_\w+"))
    expect(page.locator("#counter-field")).to_be_focused()
    cashier.rings_up(taken)


def key_says(cashier: AtWork) -> str:
    """What stands on the key that Enter presses."""
    return cashier.page.locator("#pay button[name=payment_source][value=cash] span").first.inner_text()


@pytest.mark.parametrize(("language", "width"), every_screen())
def test_an_exchange_is_practised_with_a_member(
    at_work: Screens, inside: Callable[..., Any], language: str, width: int
) -> None:
    with at_work(language, width) as cashier:
        page, person = cashier.open("/practice/?door=counter"), cashier.person
        person.judged("practice-door")
        page.locator("form[action$='/practice/enter/'] button[type=submit]").click()
        expect(page.locator("#counter-field")).to_be_visible(timeout=60_000)
        page.locator("#counter-field").focus()
        exchanges(cashier, "15", "60", phone=inside(somebody, f"practice-{cashier.words.slug}"))
        person.judged("practice-exchange")
        given_back = minor(page.locator("[role=status] .notice").first.inner_text())
        total = minor(page.locator(".counter-total").inner_text())
        assert given_back > 0
        assert minor(key_says(cashier)) == total - given_back
        page.keyboard.press("Enter")
        expect(page).to_have_url(RECEIPT)


@pytest.mark.parametrize(("language", "width"), every_screen(("zh-hans", 390)))
def test_an_exchange_goes_on_with_the_colleague_who_takes_over(at_work: Screens, language: str, width: int) -> None:
    with at_work(language, width, with_codes) as cashier:
        page, person, words = cashier.open("/counter/"), cashier.person, cashier.person.words
        exchanges(cashier, "15", "60")
        sign = "¥" if person.is_chinese else "£"
        assert key_says(cashier) == words(f"Take {sign}45.00", f"收款 {sign}45.00")
        person.judged("exchange")
        if not page.locator("#counter-switch").is_visible():
            page.click(".counter-more-opener")
        page.click("#counter-switch")
        expect(page.locator("#pin")).to_be_visible()
        person.judged("exchange-who-is-at-the-till")
        page.check(f'input[value="{cashier.known["manager at the till"]}"]')
        page.fill("#pin", cashier.known["manager's code"])
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/\?aside="))
        expect(page.locator("#counter-field")).to_be_focused()
        page.keyboard.press("b")
        expect(page.locator("#line-1-price")).to_have_value("60.00")
        assert key_says(cashier) == words(f"Take {sign}45.00", f"收款 {sign}45.00")
        page.fill("#received", "50")
        expect(page.locator("#change-due")).to_contain_text("5.00")
        person.judged("exchange-change")
        page.keyboard.press("Enter")
        expect(page).to_have_url(RECEIPT)


@pytest.mark.parametrize(("language", "width"), every_screen())
def test_what_is_left_of_an_exchange_is_given_to_the_customer(at_work: Screens, language: str, width: int) -> None:
    with at_work(language, width) as cashier:
        page, words = cashier.open("/counter/"), cashier.person.words
        exchanges(cashier, "15", "10")
        sign = "¥" if cashier.person.is_chinese else "£"
        assert key_says(cashier) == words(f"Give {sign}5.00 back", f"退款 {sign}5.00")
        expect(page.locator("#received")).to_have_count(0)
        cashier.person.judged("exchange-for-less")
        page.keyboard.press("Enter")
        expect(page).to_have_url(RECEIPT)
