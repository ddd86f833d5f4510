"""Products and coupons over the API: each at the price of whoever buys, each refusal with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regulars.catalogue.models import Product
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_product
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.organisation.models import Branch, Staff
from regulars.organisation.places.services import open_branch
from regulars.people.models import Member
from regulars.sales.models import Quote, Sale

pytestmark = [pytest.mark.clause("5.7"), pytest.mark.capability(147), pytest.mark.capability(149)]


@pytest.fixture
def tea(business: Any) -> Product:
    """A product for 100.00."""
    words = {"en": "Longjing", "zh-hans": "龙井"}
    return save_product(sku="TEA", barcode="6901234567892", words=words, price=10_000, tax_rate=1_300)


@pytest.fixture
def own_price(tea: Product, member: Member) -> int:
    """What the tea costs one member alone."""
    set_prices(book=save_book(kind="member", words={"en": "Friends"}, member=member), product=tea, prices={1: 8_000})
    return 8_000


@pytest.fixture
def ten_off(member: Member, owner: Staff) -> Coupon:
    """A coupon in the member's wallet: ten yuan off from fifty on."""
    terms = TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}, least_spend=5_000)
    return give(member=member, template=save_template(terms=terms), key="given-by-hand", by=owner)


@pytest.mark.parametrize("text", ["6901234567892", "tea", "ongji", "龙井"])
def test_a_product_is_found_at_the_price_of_whoever_buys(
    call: Any, tea: Product, member: Member, own_price: int, text: str
) -> None:
    [guest] = call(f"/products?text={text}").json()["products"]
    [own] = call(f"/products?text={text}&member={member.public_id}").json()["products"]
    assert (guest["product"], guest["price"], guest["list_price"]) == (tea.public_id, 10_000, 10_000)
    assert (own["price"], own["list_price"]) == (own_price, 10_000)
    assert own["reason"]
    assert "8000" not in call(f"/products?text={text}").content.decode()


def test_products_come_in_pages_and_only_those_of_the_branch(call: Any, branch: Branch, owner: Staff) -> None:
    lake = open_branch(name="West Lake", by=owner)
    for number in range(5):
        save_product(sku=f"CUP-{number}", words={"en": f"Cup {number}"}, price=900, branches=[branch])
    save_product(sku="FAR", words={"en": "Far away"}, price=900, branches=[lake])
    first = call("/products?limit=2").json()
    second = call(f"/products?limit=2&cursor={first['next']}").json()
    third = call(f"/products?limit=2&cursor={second['next']}").json()
    found = [product["sku"] for page in (first, second, third) for product in page["products"]]
    assert found == [f"CUP-{number}" for number in range(5)]
    assert third["next"] is None
    assert call("/products?cursor=WyJ4IiwgInkiXQ").status_code == 422
    assert call("/products?text=FAR").json()["products"] == []


def test_a_product_is_sold_at_its_own_price_whatever_the_till_says(
    call: Any, tea: Product, member: Member, own_price: int
) -> None:
    line = {"product": tea.public_id, "quantity": 2, "unit_price": 1}
    price = call("/quotes", {"member": member.public_id, "lines": [line]}).json()
    assert (price["list_total"], price["total"]) == (20_000, 2 * own_price)
    assert (price["lines"][0]["product"], price["lines"][0]["description"]) == (tea.public_id, "Longjing")
    assert price["lines"][0]["reason"]
    assert call("/sales", {"quote": price["quote"]}).json()["total"] == 2 * own_price


@pytest.mark.clause("5.Bad input")
def test_a_price_changed_between_quote_and_confirm_is_a_conflict(call: Any, tea: Product) -> None:
    price = call("/quotes", {"lines": [{"product": tea.public_id}]}).json()
    save_product(product=tea, sku="TEA", words=tea.words, price=11_000)
    answer = call("/sales", {"quote": price["quote"]})
    assert (answer.status_code, answer.json()["field"], Sale.objects.count()) == (409, "quote", 0)


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize("product", ["prd_nothing", "1", "x" * 40])
def test_a_product_that_is_none_is_refused_by_its_field(call: Any, tea: Product, product: str) -> None:
    answer = call("/quotes", {"lines": [{"product": product}]})
    assert (answer.status_code, answer.json()["field"], Quote.objects.count()) == (422, "lines", 0)


def test_coupons_are_checked_without_being_used_and_used_with_the_sale(
    call: Any, member: Member, ten_off: Coupon
) -> None:
    basket = {"member": member.public_id, "lines": [{"unit_price": 6_000}]}
    looked = call("/coupons/validate", basket, key=None).json()
    assert (looked["total"], looked["coupons"]) == (6_000, [])
    assert [(each["coupon"], each["amount"], each["why_not"]) for each in looked["wallet"]] == [
        (ten_off.public_id, 1_000, "")
    ]
    named = {**basket, "coupons": [ten_off.code]}
    fits = call("/coupons/validate", named, key=None).json()
    assert (fits["total"], [each["amount"] for each in fits["coupons"]]) == (5_000, [1_000])
    assert Coupon.objects.get().state == CouponState.ISSUED
    price = call("/quotes", named).json()
    assert (price["total"], price["coupons"][0]["coupon"]) == (5_000, ten_off.public_id)
    assert call("/sales", {"quote": price["quote"]}).status_code == 201
    assert Coupon.objects.get().state == CouponState.USED


@pytest.mark.clause("5.Bad input")
def test_a_coupon_used_meanwhile_is_refused_and_nothing_is_posted(call: Any, member: Member, ten_off: Coupon) -> None:
    named = {"member": member.public_id, "lines": [{"unit_price": 6_000}], "coupons": [ten_off.code]}
    first, second = (call("/quotes", named).json()["quote"] for _ in range(2))
    assert call("/sales", {"quote": first}).status_code == 201
    late = call("/sales", {"quote": second})
    assert (late.status_code in (409, 422), Sale.objects.count()) == (True, 1)
    again = call("/coupons/validate", named, key=None)
    assert (again.status_code, again.json()["field"]) == (422, "coupons")


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("path", ["/quotes", "/coupons/validate"])
def test_of_several_coupons_the_one_that_does_not_go_with_the_others_is_named_and_those_stay(
    call: Any, member: Member, owner: Staff, ten_off: Coupon, path: str, place: int
) -> None:
    def joint(value: int, **over: Any) -> str:
        terms = TemplateTerms(
            kind="amount", value=value, words={"en": "Joint"}, stacking="joint", stacking_group=str(value), **over
        )
        return give(member=member, template=save_template(terms=terms), key=f"joint-{value}-off", by=owner).code

    good = [joint(500), joint(200)]
    bad = ten_off.public_id if place else joint(100, least_spend=90_000)
    named = [*good[:place], bad, *good[place:]]
    basket = {"member": member.public_id, "lines": [{"unit_price": 6_000}]}
    refused = call(path, {**basket, "coupons": named})
    assert (refused.status_code, refused.json()["field"], refused.json()["coupon"]) == (422, "coupons", bad)
    assert ("It is used alone" if place else "is missing") in refused.json()["detail"]
    assert Quote.objects.count() == 0
    taken = call(path, {**basket, "coupons": [each for each in named if each != refused.json()["coupon"]]}).json()
    assert (taken["total"], [each["amount"] for each in taken["coupons"]]) == (5_300, [500, 200])


@pytest.mark.clause("5.Bad input")
def test_a_wrong_check_digit_and_too_small_a_purchase_say_why(
    call: Any, member: Member, ten_off: Coupon, client_for: Callable[..., Any]
) -> None:
    basket = {"member": member.public_id, "lines": [{"unit_price": 4_000}]}
    wrong = ten_off.code[:-1] + ("2" if ten_off.code[-1] != "2" else "3")
    for code in (wrong, ten_off.code):
        english = call("/coupons/validate", {**basket, "coupons": [code]}, key=None)
        chinese = call("/coupons/validate", {**basket, "coupons": [code]}, key=None, language="zh-hans")
        assert (english.status_code, english.json()["field"]) == (422, "coupons")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.json()["detail"])
