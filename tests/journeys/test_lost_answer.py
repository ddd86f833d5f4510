"""The network goes while the money is taken: one key tells what became of the sale, and it counts once."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser import every_screen
from tests.shop import AtWork

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.clause("5.6"), pytest.mark.capability(167)]


def how_many_sales() -> int:
    """How many sales this shop has posted."""
    from regulars.sales.models import Sale

    return Sale.objects.count()


def lost(port: int, *, arrives: bool) -> Callable[[Route], None]:
    """A request that is cut off before its answer comes; it `arrives` or does not."""

    def lose(route: Route) -> None:
        if arrives:
            asked = route.request  # sent on by Node, to which names below localhost are none
            own = urlsplit(asked.url).netloc
            here = asked.url.replace(own, f"127.0.0.1:{port}")
            route.fetch(url=here, headers={**asked.all_headers(), "host": own}, max_redirects=0)
        route.abort("connectionreset")

    return lose


@pytest.mark.parametrize("arrives", [True, False], ids=["answer lost", "request lost"])
@pytest.mark.parametrize(("language", "width"), every_screen(("en", 1280)))
def test_one_key_tells_what_became_of_a_sale(
    at_work: Callable[..., AbstractContextManager[AtWork]],
    inside: Callable[..., Any],
    language: str,
    width: int,
    arrives: bool,
) -> None:
    with at_work(language, width) as cashier:
        page, person, shop = cashier.open("/counter/"), cashier.person, cashier.words.slug
        before = inside(how_many_sales, shop)
        cashier.rings_up("12.5")
        what_became = page.get_by_role("button", name=person.words("What became of it?", "结果如何？"))
        expect(what_became).to_be_hidden()
        page.route("**/counter/pay/", lost(person.house.port, arrives=arrives))
        page.keyboard.press("Enter")
        expect(what_became).to_be_visible()
        person.troubles.clear()  # the browser notes the connection that was cut
        person.judged("till-answer-lost")
        page.unroute("**/counter/pay/")
        page.keyboard.press("w")
        told = page.locator("#went")
        if arrives:
            expect(told).to_contain_text(person.words("The sale went through at", "这一单已在"))
            assert inside(how_many_sales, shop) == before + 1
            told.get_by_role("link").click()
        else:
            expect(told).to_contain_text(person.words("Nothing was posted, press Enter again.", "没有入账"))
            assert inside(how_many_sales, shop) == before
            page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/counter/receipt/sal_\w+/"))
        assert inside(how_many_sales, shop) == before + 1
