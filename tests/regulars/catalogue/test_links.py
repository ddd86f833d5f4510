"""The ways to the shop window: in the bar of the portal and in the menu of the site, where there is something in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars.catalogue.services.products import save_product
from regulars.loyalty.models import Standing, Tier
from regulars.people.services import user_for
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.catalogue.models import DealerLevel
    from regulars.people.models import Member
    from tests.regulars.catalogue.conftest import Make, Sell

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1")]
WAY = 'href="/me/shop/"'


def test_an_empty_window_has_no_way_to_it(business: Any, member: Member, client_for: Callable[..., Client]) -> None:
    assert WAY not in client_for(business).get("/en/").content.decode()
    phone = client_for(business, user_for(member=member))
    assert all(WAY not in phone.get(address).content.decode() for address in ("/me/", "/me/profile/"))


@pytest.mark.parametrize(("language", "words"), [("en", "Shop window"), ("zh-hans", "橱窗")])
def test_guests_find_it_in_the_menu_of_the_site_and_members_in_the_bar_of_every_page(
    business: Any, member: Member, selling: Sell, client_for: Callable[..., Client], language: str, words: str
) -> None:
    tea = selling()
    site = client_for(business, language=language).get(f"/{language}/").content.decode()
    assert WAY in site
    assert words in site
    phone = client_for(business, user_for(member=member), language=language)
    for address in ("/me/", "/me/rewards/", "/me/activity/", "/me/profile/"):
        page = phone.get(address).content.decode()
        assert page.count(WAY) == 1, address
        assert "橱窗" in page if language == "zh-hans" else ">Shop<" in page
    save_product(product=tea, sku=tea.sku, words=tea.words, price=tea.price, is_active=False)
    assert WAY not in phone.get("/me/").content.decode()


def test_what_is_for_some_alone_shows_its_way_to_them_alone(
    business: Any,
    member: Member,
    selling: Sell,
    level: DealerLevel,
    made_dealer: Make,
    client_for: Callable[..., Client],
) -> None:
    gold = Tier.objects.order_by("threshold")[1]
    selling("RESERVE", audience="tier", tier=gold)
    golden, dealer = new_member(contact="+8613800138031"), new_member(contact="+8613800138032")
    Standing.objects.filter(member=golden).update(tier=gold)
    made_dealer(dealer)
    seen = {}
    for name, who in (("golden", golden), ("dealer", dealer), ("plain", member)):
        phone = client_for(business, user_for(member=who))
        seen[name] = [WAY in phone.get(address).content.decode() for address in ("/me/", "/me/profile/")]
    assert seen == {"golden": [False, True], "dealer": [False, False], "plain": [False, False]}
    assert WAY not in client_for(business).get("/en/").content.decode()
