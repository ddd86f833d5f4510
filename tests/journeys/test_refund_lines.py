"""A cup comes back: the cashier says at the till what kind of goods it was, and later gives back that line alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import every_screen, screen
from tests.running import House
from tests.shop import SHOPS, Words, fill, opened_as

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("4.7"), pytest.mark.capability(129)]
Inside = Callable[..., Any]
EVERY_SCREEN = every_screen(("en", 390))


def with_a_rule(words: Words) -> dict[str, str]:
    """The shop, where one kind of goods earns more."""
    from django.core.cache import cache

    from regulars.loyalty.models import PointsRule

    sessions = fill(words)
    PointsRule.objects.get_or_create(
        name=words.tag, defaults={"points": 1, "per_amount": 1000, "categories": [words.goods[0]]}
    )
    cache.clear()
    return sessions


def slowly(route: Route) -> None:
    """An answer that takes its time."""
    time.sleep(0.3)
    route.continue_()


@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_one_of_two_lines_goes_back(chromium: Browser, house: House, inside: Inside, language: str, width: int) -> None:
    words = SHOPS[language]
    session = inside(lambda: with_a_rule(words), words.slug, opened_as(words))["cashier"]
    at = house.of(words.slug)
    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": session, "url": at}])
        person.open(f"{at}/counter/")
        page.route("**/counter/", slowly)
        for amount in (
            "36",
            "2*12",
        ):  # the second waits for the first, and nothing is paid
            page.fill("#counter-field", amount)
            page.keyboard.press("Enter")
            expect(page.locator("#counter-field")).to_have_value("")
        expect(page.locator("#line-2-price")).to_be_visible()
        page.unroute("**/counter/", slowly)
        page.wait_for_load_state("networkidle")
        expect(page).to_have_url(re.compile(r"/counter/\?quote="))
        with page.expect_response("**/counter/change/"):
            page.fill("#line-2-description", words.goods[1])
            page.keyboard.press("Tab")
        with page.expect_response("**/counter/change/"):
            page.select_option("#line-2-category", words.goods[0])
        page.wait_for_load_state("networkidle")
        person.judged("till-with-kinds")
        page.locator("#pay button[name=payment_source]").first.click()
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/$"))

        person.open(page.url.replace("/receipt/", "/sales/"))
        page.check("input[name=by][value=lines]")
        expect(page.locator("#refund-amount")).to_be_hidden()
        page.check("input[name=line_2]")
        expect(page.locator("input[name=part_2]")).to_have_value("24.00")
        page.fill("input[name=part_2]", "12")
        page.fill("#refund-reason", words.back)
        person.judged("refund-lines")
        page.locator("form.refund button[type=submit]").click()
        page.wait_for_load_state("networkidle")
        expect(page.locator("input[name=part_2]")).to_have_value("12.00")
        person.judged("refund-lines-preview")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"\?done=ref_\w+$"))
        person.judged("refund-lines-done")
