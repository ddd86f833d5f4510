"""By keyboard alone: the customer scans the code of the shop, the till waits, and is told that the money is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import expect

from tests.browser import every_screen
from tests.shop import AtWork, Words, fill

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(151)]
REMEMBERED = 35
"""A server process remembers a business's settings for half a minute; another process changed them here."""


def with_a_code(words: Words) -> dict[str, str]:
    """A shop in full use that has a payment code."""
    from regulars.organisation.services import change

    sessions = fill(words)
    change(by="", payment_code="https://qr.example/pay/1", payment_code_name="Alipay")
    return sessions


@pytest.mark.parametrize(("language", "width"), every_screen())
def test_a_sale_waits_for_its_payment(
    at_work: Callable[..., AbstractContextManager[AtWork]], language: str, width: int
) -> None:
    with at_work(language, width, with_a_code) as cashier:
        page, person = cashier.open("/counter/"), cashier.person
        cashier.rings_up("36")
        for _second in range(REMEMBERED):
            if page.locator("[name=payment_source][value=own_code]").count():
                break
            page.wait_for_timeout(1_000)
            page.reload()
        page.keyboard.press("Alt+y")
        expect(page).to_have_url(re.compile(r"/counter/hold/soh_\w+/$"))
        expect(page.locator("[role=img] svg")).to_be_visible()
        person.judged("waiting-for-the-payment")
        waiting = page.url
        page.keyboard.press("n")
        expect(page.locator("a[href*='/counter/hold/']").first).to_be_visible()
        person.judged("till-with-a-sale-on-hold")
        page.goto(waiting)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))
        person.judged("receipt-of-a-payment-by-code")
        cashier.open("/counter/")
        cashier.rings_up("12")
        page.keyboard.press("Alt+y")
        expect(page).to_have_url(re.compile(r"/counter/hold/soh_\w+/$"))
        page.keyboard.press("Escape")
        expect(page.locator("#line-1-price")).to_have_value("12.00")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))
