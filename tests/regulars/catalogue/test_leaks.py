"""Nobody finds a price that is not theirs: every address of a business, asked by everybody who is not the dealer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from regulars import clock
from regulars.catalogue import selectors
from regulars.catalogue.models import Product
from regulars.catalogue.pricing import Wanted, prices_of
from regulars.errors import InvalidInput
from regulars.loyalty.models import Standing, Tier
from regulars.people.services import user_for
from tests.conftest import new_member
from tests.routes import routes

if TYPE_CHECKING:
    from regulars.catalogue.models import DealerLevel
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from tests.regulars.catalogue.conftest import Make, Open, Sell

pytestmark = [pytest.mark.clause("5.1"), pytest.mark.capability(123), pytest.mark.django_db]
URLCONF = "regulars.config.urls_business"
SECRETS = (b"7,131.17", b"713117", b"7131.17", b"8,242.28", b"824228", b"8242.28", b"9,353.39", b"935339", b"9353.39")
HIDDEN = (b"Crate for dealers", b"Reserve for gold", "经销整箱".encode(), b"SECRET-")
"""Prices of a dealer, of a member alone and of a higher tier, however they are written; what only they may see."""


@pytest.fixture(autouse=True)
def _without_a_log() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def wholesale(
    business: Any, branch: Branch, member: Member, selling: Sell, book: Open, level: DealerLevel, made_dealer: Make
) -> dict[str, Any]:
    """A product with a price for everybody, three secret ones, and two products that are secret themselves."""
    gold = Tier.objects.order_by("threshold")[1]
    crate = selling("CRATE", words={"en": "A crate of tea", "zh-hans": "一箱茶"}, price=1_000_000)
    pot, cup = selling("POT", price=1_000_000), selling("CUP", price=1_000_000)
    said = {"en": "Crate for dealers", "zh-hans": "经销整箱"}
    hidden = selling("SECRET-1", words=said, audience="dealers", price=713_117, barcode="6901234567892")
    reserve = selling("SECRET-2", words={"en": "Reserve for gold"}, audience="tier", tier=gold, price=935_339)
    dealer = new_member(contact="+8613800138055", name="Dealer Wang", branch=branch)
    made_dealer(dealer)
    golden = new_member(contact="+8613800138056", name="Golden Zhao", branch=branch)
    Standing.objects.filter(member=golden).update(tier=gold)
    book("dealer", {crate: 713_117}, name="Wholesale", level=level)
    book("member", {pot: 824_228}, name="Only for Wang", member=dealer)
    book("tier", {cup: 935_339}, name="Gold price", tier=gold)
    return {"dealer": dealer, "gold": golden, "plain": member, "products": [crate, pot, cup, hidden, reserve]}


def _addresses(wholesale: dict[str, Any]) -> list[str]:
    """Every address of the business's host, with the ids of what is secret wherever one is asked for."""
    found = []
    product: Product = wholesale["products"][3]
    for route in routes(URLCONF):
        values = dict.fromkeys(route.parameters, product.public_id)
        values |= {name: 1 for name in route.parameters if "id" in name and name != "public_id"}
        found.append(route.at(values))
    asked = ["/me/shop/", "/me/shop/?q=SECRET-1", "/me/shop/?branch=", "/search/?q=Crate", "/en/", "/zh-hans/"]
    return [*found, *asked, "/sitemap.xml", "/feed/", "/robots.txt", "/api/v1/products?q=SECRET-1"]


def _said(answer: Any) -> bytes:
    body = b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
    return body + repr(sorted(answer.items())).encode()


def _ask(browser: Client, address: str) -> Any:
    with transaction.atomic():
        answer = browser.get(address)
        transaction.set_rollback(True)
    return answer


def _met(browser: Client, addresses: list[str], *, secrets: tuple[bytes, ...]) -> list[str]:
    met = []
    for address in addresses:
        said = _said(_ask(browser, address))
        # what was asked comes back in the links of the language switcher: that is no leak
        met += [f"{address}: {word!r}" for word in secrets if word in said and word.decode() not in address]
    return met


@pytest.mark.clause("5.Shows")
def test_guest_crawler_and_lower_tier_meet_no_price_of_others_even_after_a_dealer_warmed_it(
    business: Any, wholesale: dict[str, Any], client_for: Callable[..., Client]
) -> None:
    addresses = _addresses(wholesale)
    dealer = client_for(business, user_for(member=wholesale["dealer"]))
    for browser in (dealer, client_for(business, user_for(member=wholesale["dealer"]), language="zh-hans")):
        for address in addresses:
            _ask(browser, address)  # what can be warmed is warm
    warm = _said(dealer.get("/me/shop/"))
    assert [word in warm for word in (b"7,131.17", b"8,242.28", b"9,353.39")] == [True, True, False]
    others = {
        "guest": client_for(business),
        "guest in Chinese": client_for(business, language="zh-hans"),
        "crawler": client_for(business),
        "plain member": client_for(business, user_for(member=wholesale["plain"])),
    }
    others["crawler"].defaults["HTTP_USER_AGENT"] = "Googlebot/2.1 (+http://www.google.com/bot.html)"
    for browser in others.values():
        browser.raise_request_exception = False
    assert {who: _met(browser, addresses, secrets=SECRETS + HIDDEN) for who, browser in others.items()} == {
        who: [] for who in others
    }
    gold = client_for(business, user_for(member=wholesale["gold"]))
    gold.raise_request_exception = False
    assert _met(gold, addresses, secrets=(*SECRETS[:6], HIDDEN[0])) == []
    assert b"9,353.39" in _said(gold.get("/me/shop/"))


def test_what_is_kept_in_the_house_holds_no_secret_price(
    business: Any, wholesale: dict[str, Any], client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    keep = type(cache._connections[cache._alias]).set  # type: ignore[attr-defined]

    def noting(self: Any, key: str, value: Any, *args: Any, **options: Any) -> Any:
        kept.append(value)
        return keep(self, key, value, *args, **options)

    monkeypatch.setattr(type(cache._connections[cache._alias]), "set", noting)  # type: ignore[attr-defined]
    client_for(business, user_for(member=wholesale["dealer"])).get("/me/shop/")
    assert kept
    assert [value for value in kept if "713117" in repr(value) or isinstance(value, Product)] == []


def test_no_cache_on_the_way_keeps_a_page_with_prices(
    business: Any, wholesale: dict[str, Any], client_for: Callable[..., Client]
) -> None:
    browsers = [client_for(business), client_for(business, user_for(member=wholesale["dealer"]))]
    for browser in browsers:
        answer = browser.get("/me/shop/")
        assert answer.status_code == 200
        assert {"private", "no-store"} <= {each.strip() for each in answer["Cache-Control"].split(",")}


def test_one_search_field_finds_nobody_what_is_not_for_them(wholesale: dict[str, Any], branch: Branch) -> None:
    def found(text: str, who: str) -> list[tuple[str, int]]:
        member = wholesale.get(who)
        return [(one.sku, one.price) for one in selectors.find(text, branch=branch, member=member)]

    for text in ("SECRET-1", "6901234567892", "Crate for", "经销"):
        assert [found(text, who) for who in ("guest", "plain", "gold")] == [[], [], []]
        assert found(text, "dealer") == [("SECRET-1", 713_117)]
    assert [found("CRATE", who)[:1] for who in ("guest", "plain")] == [[("CRATE", 1_000_000)]] * 2
    assert found("CRATE", "dealer")[0] == ("CRATE", 713_117)


def test_the_resolver_gives_nobody_what_is_not_for_them(wholesale: dict[str, Any], branch: Branch) -> None:
    crate, pot, cup, hidden, reserve = wholesale["products"]
    for who in (None, wholesale["plain"]):
        wanted = [Wanted(each.public_id) for each in (crate, pot, cup)]
        assert [each.price for each in prices_of(wanted, branch=branch, member=who, at=clock.now())] == [1_000_000] * 3
        for secret in (hidden, reserve):
            with pytest.raises(InvalidInput) as refused:
                prices_of([Wanted(secret.public_id)], branch=branch, member=who, at=clock.now())
            assert str(secret) not in str(refused.value)


def test_a_dealer_who_is_one_no_longer_is_a_member_like_others(
    business: Any, wholesale: dict[str, Any], client_for: Callable[..., Client], owner: Staff, level: DealerLevel
) -> None:
    from regulars.catalogue.services.dealers import change_dealer

    browser = client_for(business, user_for(member=wholesale["dealer"]))
    assert b"7,131.17" in browser.get(reverse("portal:shop")).content
    dealer = wholesale["dealer"].dealer
    terms = {"level": level, "parent": None, "company": dealer.company, "tax_number": "", "is_active": False}
    change_dealer(dealer=dealer, by=owner, **terms)
    said = browser.get(reverse("portal:shop")).content
    assert (b"7,131.17" in said, b"8,242.28" in said, HIDDEN[0] in said) == (False, True, False)
