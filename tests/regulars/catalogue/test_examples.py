"""The examples of each trade: taken into an empty catalogue by one press, away by another, never beside real things."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client

from regulars.catalogue.examples import SHELVES, WARES, likely_price
from regulars.catalogue.models import Category, Product
from regulars.catalogue.services.examples import examples_here, remove_examples, take_examples
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_product
from regulars.errors import InvalidInput
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Organisation, Staff, Trade
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund

if TYPE_CHECKING:
    from regulars.organisation.models import Branch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1")]
OFFICE = "/office/catalogue/"


def of_trade(trade: str, **over: Any) -> None:
    Organisation.objects.update(trade=trade, **over)
    cache.clear()


@pytest.mark.parametrize("trade", Trade.values)
def test_every_trade_has_a_handful_with_category_tax_and_price_in_both_languages(business: Any, trade: str) -> None:
    of_trade(trade, country="CN", currency="CNY")
    taken = take_examples(by="test")
    assert 5 <= len(taken) <= 8
    assert {product.category.words["zh-hans"] for product in taken if product.category} == {
        chinese for _english, chinese in SHELVES[trade]
    }
    assert {product.tax_rate for product in taken} <= {1300, 600}
    assert all(product.words["en"] and product.words["zh-hans"] and product.price >= 1_000 for product in taken)
    assert {product.kind for product in taken} == {"goods", "service"}


def test_no_trade_is_without() -> None:
    assert WARES.keys() == SHELVES.keys() == set(Trade.values)


@pytest.mark.parametrize(
    ("currency", "price"), [("CNY", 6_800), ("USD", 900), ("JPY", 1_360), ("KRW", 12_920), ("KWD", 9_000)]
)
def test_prices_look_like_prices_in_currencies_with_two_no_and_three_decimals(currency: str, price: int) -> None:
    assert likely_price(68, currency) == price


def test_a_business_opens_without_products_and_takes_them_once_by_one_press(
    business: Any, owner: Staff, client_for: Callable[..., Client]
) -> None:
    office = client_for(business, owner.user)
    assert Product.objects.count() == 0
    assert "Take examples" in office.get(OFFICE).content.decode()
    assert office.get(f"{OFFICE}examples/").status_code == 200
    assert Product.objects.count() == 0
    for _press in range(2):
        assert office.post(f"{OFFICE}examples/").status_code == 302
    assert Product.objects.count() == len(WARES[business.trade])
    page = office.get(OFFICE).content.decode()
    assert "Take the examples away" in page
    assert office.get(f"{OFFICE}examples/remove/").status_code == 200
    assert office.post(f"{OFFICE}examples/remove/").status_code == 302
    assert (Product.objects.count(), Category.objects.count()) == (0, 0)
    assert TrailEntry.objects.filter(act="product.removed").count() == len(WARES[business.trade])


def test_what_was_changed_priced_or_sold_stays_when_the_rest_goes(branch: Branch, owner: Staff) -> None:
    of_trade("restaurant")
    lunch, dinner, dessert, *_rest = take_examples(by="test")
    save_product(product=lunch, sku=lunch.sku, words={"en": "Our lunch"}, price=7_000, category=lunch.category)
    set_prices(book=save_book(kind="list", words={"en": "Today"}), product=dinner, prices={1: 10_000})
    sale = confirm(
        quote=quote(branch=branch, lines=[LineRequest(product=dessert.public_id)]), key="a-dessert", cashier=owner
    )
    assert remove_examples(by="test") == 3
    assert list(Product.objects.order_by("sku")) == [lunch, dinner, dessert]
    assert [category.words["en"] for category in Category.objects.all()] == ["Dishes"]
    assert remove_examples(by="test") == 0
    assert refund(sale=sale, key="dessert-back", reason="cold", cashier=owner).amount == dessert.price


def test_beside_what_is_real_there_are_no_examples(business: Any, owner: Staff, client_for: Any) -> None:
    save_product(sku="TEA", words={"en": "Longjing"}, price=6_800)
    with pytest.raises(InvalidInput, match="for an empty catalogue"):
        take_examples(by="test")
    answer = client_for(business, owner.user).post(f"{OFFICE}examples/")
    assert (answer.status_code, Product.objects.count(), examples_here()) == (422, 1, [])
    assert "for an empty catalogue" in answer.content.decode()


def test_somebodys_own_product_of_the_same_sku_is_no_example(business: Any) -> None:
    save_product(sku="EX-01", words={"en": "Longjing"}, price=6_800)
    assert examples_here() == []
    assert remove_examples(by="test") == 0
