"""The network goes while the money is taken: one key tells what became of the sale, and it counts once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import screen
from tests.running import House
from tests.shop import SHOPS, fill, opened_as

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(167)]
Inside = Callable[..., Any]
EVERY_SCREEN = [
    pytest.param("en", 390, id="en-390"),
    pytest.param("en", 1280, id="en-1280", marks=pytest.mark.sample),
    pytest.param("zh-hans", 390, id="zh-hans-390"),
    pytest.param("zh-hans", 1280, id="zh-hans-1280"),
]


def how_many_sales() -> int:
    """How many sales this shop has posted."""
    from regulars.sales.models import Sale

    return Sale.objects.count()


@pytest.mark.parametrize("arrives", [True, False], ids=["answer lost", "request lost"])
@pytest.mark.parametrize(("language", "width"), EVERY_SCREEN)
def test_one_key_tells_what_became_of_a_sale(
    chromium: Browser, house: House, inside: Inside, language: str, width: int, arrives: bool
) -> None:
    words = SHOPS[language]
    known = inside(lambda: fill(words), words.slug, opened_as(words))
    before = inside(how_many_sales, words.slug)
    at = house.of(words.slug)

    def lose(route: Route) -> None:
        if arrives:
            asked = route.request  # sent on by Node, to which names below localhost are none
            own = urlsplit(asked.url).netloc
            here = asked.url.replace(own, f"127.0.0.1:{house.port}")
            route.fetch(url=here, headers={**asked.all_headers(), "host": own}, max_redirects=0)
        route.abort("connectionreset")

    with screen(chromium, house, language=language, width=width) as person:
        page = person.page
        person.context.add_cookies([{"name": "session", "value": known["cashier"], "url": at}])
        person.open(f"{at}/counter/")
        page.keyboard.type("12.5")
        page.keyboard.press("Enter")
        expect(page.locator("#line-1-price")).to_have_value("12.50")
        what_became = page.get_by_role("button", name=person.words("What became of it?", "结果如何？"))
        expect(what_became).to_be_hidden()
        page.route("**/counter/pay/", lose)
        page.keyboard.press("Enter")
        expect(what_became).to_be_visible()
        person.troubles.clear()  # the browser notes the connection that was cut
        person.judged("till-answer-lost")
        page.unroute("**/counter/pay/")
        page.keyboard.press("w")
        told = page.locator("#went")
        if arrives:
            expect(told).to_contain_text(person.words("The sale went through at", "这一单已在"))
            assert inside(how_many_sales, words.slug) == before + 1
            told.get_by_role("link").click()
        else:
            expect(told).to_contain_text(person.words("Nothing was posted, press Enter again.", "没有入账"))
            assert inside(how_many_sales, words.slug) == before
            page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/"))
        assert inside(how_many_sales, words.slug) == before + 1
