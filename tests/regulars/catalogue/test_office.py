"""The catalogue in the back office: products, many at once, price books, the grid, the calendar and the box to try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars.catalogue.models import Category, Holiday, PriceBook, PriceEntry, Product
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import add_many, restock, save_category, save_product
from regulars.errors import InvalidInput
from regulars.loyalty.models import Tier
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, Staff
from regulars.organisation.team.services import appoint

if TYPE_CHECKING:
    from regulars.people.models import Member
    from tests.regulars.catalogue.conftest import Open, Sell

pytestmark = [pytest.mark.clause("5.1"), pytest.mark.django_db]
OFFICE = "/office/catalogue/"


@pytest.fixture
def office(business: Any, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser."""
    return client_for(business, owner.user)


def product_form(**over: Any) -> dict[str, Any]:
    """What the form of a product sends."""
    return {
        "name_en": "Longjing", "name_zh": "龙井", "sku": "t-01", "kind": "goods", "price": "68",
        "audience": "everybody", "tax_rate": "13", "tax_included": "on", "is_active": "on", **over,
    }  # fmt: skip


def test_a_product_is_made_and_changed_over_its_form(office: Client, branch: Branch) -> None:
    gold = Tier.objects.order_by("threshold")[1]
    sent = product_form(
        audience="tier", tier=gold.code, stock="5", per_member="2", branches=[branch.pk],
        phase_from_1="2026-11-25", phase_from_2="2026-11-23", phase_tier_2=gold.code,
    )  # fmt: skip
    assert office.post(f"{OFFICE}products/new/", sent).status_code == 302
    made = Product.objects.get()
    assert (made.sku, made.price, made.tax_rate, made.tier, made.stock, made.per_member) == (
        "T-01",
        6_800,
        1_300,
        gold,
        5,
        2,
    )
    assert made.phases == [{"from": "2026-11-23", "tier": gold.code}, {"from": "2026-11-25", "tier": ""}]
    assert made.branches == [branch.public_id]
    address = f"{OFFICE}products/{made.public_id}/"
    assert b"2026-11-23" in office.get(address).content
    assert office.post(address, product_form(price="72.5")).status_code == 302
    made.refresh_from_db()
    assert (made.price, made.tier, made.stock, made.version) == (7_250, None, 5, 2)
    assert TrailEntry.objects.filter(act="product.saved", subject=made.public_id).count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("price", "-1"), ("price", "0"), ("price", "cheap"), ("sku", ""), ("tax_rate", "101"), ("per_member", "0")],
)
def test_what_is_wrong_is_said_beside_its_field(office: Client, field: str, value: str) -> None:
    answer = office.post(f"{OFFICE}products/new/", product_form(**{field: value}))
    assert (answer.status_code, Product.objects.count()) == (422, 0)
    assert answer.context["form"].errors.get(field)


def test_two_products_never_share_an_sku_or_a_bar_code(office: Client, selling: Sell) -> None:
    selling("T-01", barcode="690")
    for over, field in (({}, "sku"), ({"sku": "T-02", "barcode": "690"}, "barcode")):
        answer = office.post(f"{OFFICE}products/new/", product_form(**over))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_stock_is_counted_in_and_out(office: Client, selling: Sell) -> None:
    cake = selling("CAKE", stock=5)
    address = f"{OFFICE}products/{cake.public_id}/stock/"
    assert office.post(address, {"stock": "-3"}).status_code == 302
    assert office.post(address, {"stock": "-3"}).status_code == 422
    cake.refresh_from_db()
    assert cake.stock == 2
    assert restock(product=cake, by_how_many=None, actor="test").stock is None


def test_many_products_come_from_lines_all_or_none(office: Client) -> None:
    good = "T1, Longjing, 68, Tea\nT2\t普洱\t88.50\t茶水\t6901\n\n"
    assert office.post(f"{OFFICE}products/many/", {"lines": good}).status_code == 302
    found = {product.sku: product for product in Product.objects.select_related("category")}
    assert (found["T1"].price, str(found["T1"].category)) == (6_800, "Tea")
    assert (found["T2"].price, found["T2"].words, found["T2"].barcode) == (8_850, {"en": "", "zh-hans": "普洱"}, "6901")
    with pytest.raises(InvalidInput, match=r"^Line 2: Another product has this SKU"):
        add_many(lines="T3,Cup,5,Ware\nT1,Again,5")
    assert (Product.objects.count(), Category.objects.filter(kind="Ware").count()) == (2, 0)
    with pytest.raises(InvalidInput, match=r"^Line 1: Enter an amount"):
        add_many(lines="T4,Cup,dear")


def test_a_kind_of_goods_is_one_category(business: Any) -> None:
    save_category(kind="Tea", words={"en": "Tea"})
    with pytest.raises(InvalidInput) as refused:
        save_category(kind="TEA", words={"en": "Other"})
    assert refused.value.field == "kind"


def test_a_book_is_opened_and_filled_in_its_grid(office: Client, tea: Product, selling: Sell) -> None:
    cup = selling("CUP", price=500)
    tier = Tier.objects.order_by("threshold")[0]
    sent = {"name_en": "Member day", "kind": "tier", "tier": tier.code, "month_days": "8, 18", "is_active": "on"}
    answer = office.post(f"{OFFICE}prices/new/", sent)
    book = PriceBook.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{OFFICE}prices/{book.public_id}/grid/")
    grid = answer["Location"]
    figures = {f"{tea.public_id}-price-1": "90", f"{tea.public_id}-from-2": "10", f"{tea.public_id}-price-2": "85.5"}
    assert office.post(grid, figures).status_code == 302
    assert list(PriceEntry.objects.order_by("quantity_from").values_list("product", "quantity_from", "price")) == [
        (tea.pk, 1, 9_000), (tea.pk, 10, 8_550)
    ]  # fmt: skip
    entry = TrailEntry.objects.get(act="price_book.prices_set")
    assert (entry.before, entry.after) == ({}, {"TEA": "1: 9000, 10: 8550"})
    assert b"85.5" in office.get(grid).content
    assert office.post(grid, figures).status_code == 302
    assert TrailEntry.objects.filter(act="price_book.prices_set").count() == 1
    assert office.post(grid, {f"{cup.public_id}-price-1": "4"}).status_code == 302
    assert list(PriceEntry.objects.values_list("product", flat=True)) == [cup.pk]


@pytest.mark.parametrize(
    "figures",
    [
        {"price-1": "cheap"},
        {"price-2": "5"},
        {"from-2": "10"},
        {"price-1": "5", "from-2": "10", "price-2": "6"},
        {"price-1": "-1"},
    ],
)
def test_a_grid_with_something_wrong_saves_nothing(
    office: Client, tea: Product, book: Open, figures: dict[str, str]
) -> None:
    made = book("list", {tea: 9_000})
    sent = {f"{tea.public_id}-{name}": value for name, value in figures.items()}
    answer = office.post(f"{OFFICE}prices/{made.public_id}/grid/", sent)
    assert (answer.status_code, PriceEntry.objects.get().price) == (422, 9_000)


@pytest.mark.parametrize("kind", ["member", "dealer", "tier", "segment", "branch", "nobody"])
def test_a_book_without_whom_it_is_for_is_refused(business: Any, kind: str) -> None:
    with pytest.raises(InvalidInput):
        save_book(kind=kind, words={"en": "Prices"})


def test_of_the_owners_a_book_keeps_the_one_it_asks_for(business: Any, branch: Branch, member: Member) -> None:
    made = save_book(kind="branch", words={"en": "Here"}, branch=branch, member=member, condition={})
    assert (made.branch, made.member, made.condition) == (branch, None, {})


def test_a_book_in_another_currency_takes_no_prices(tea: Product, book: Open) -> None:
    made = book("list", {})
    PriceBook.objects.update(currency="JPY")
    with pytest.raises(InvalidInput, match="are in JPY"):
        set_prices(book=made, product=tea, prices={1: 5})


@pytest.mark.clause("5.5")
@pytest.mark.capability(93)
def test_a_holiday_is_written_changed_and_taken_out(office: Client) -> None:
    assert office.post(f"{OFFICE}holidays/new/", {"name_zh": "春节", "starts_on": "2027-02-05"}).status_code == 302
    holiday = Holiday.objects.get()
    assert (holiday.starts_on, holiday.ends_on) == (dt.date(2027, 2, 5), dt.date(2027, 2, 5))
    address = f"{OFFICE}holidays/{holiday.public_id}/"
    wrong = {"name_zh": "春节", "starts_on": "2027-02-05", "ends_on": "2027-02-01"}
    assert office.post(address, wrong).status_code == 422
    assert office.post(address, {**wrong, "ends_on": "2027-02-11", "removes": "on"}).status_code == 302
    assert Holiday.objects.count() == 0


def test_the_box_says_what_this_person_would_pay(office: Client, tea: Product, book: Open, member: Member) -> None:
    book("member", {tea: {10: 8_000}}, name="For Li", member=member)
    alone = office.get(f"{OFFICE}prices/?try=1&who={member.phone[3:]}&quantity=10").context["tried"]
    assert [(one.price, one.reason) for one in alone] == [(8_000, "For Li, from 10 pieces on")]
    guest = office.get(f"{OFFICE}prices/?try=1&quantity=10").context["tried"]
    assert [(one.price, one.reason) for one in guest] == [(10_000, "")]
    nobody = office.get(f"{OFFICE}prices/?try=1&who=13900000000")
    assert (nobody.status_code, nobody.context["tried"]) == (200, None)
    assert b"Nobody is known by this" in nobody.content


def test_a_branch_knows_no_prices_of_members_of_another(
    business: Any, owner: Staff, tea: Product, book: Open, client_for: Callable[..., Client]
) -> None:
    from tests.conftest import new_member

    away = Branch.objects.create(name="Far away")
    far = new_member(contact="+8613800138044", name="Far Wang", branch=away)
    book("member", {tea: 8_000}, name="For Wang", member=far)
    book("branch", {tea: 8_000}, name="At the far branch", branch=away)
    here = Branch.objects.order_by("id")[0]
    person = appoint(name="Mei", email="mei@tea.example", role="manager", branch=here, appointed_by=owner)
    said = client_for(business, person.user).get(f"{OFFICE}prices/?try=1&who=13800138044").content
    assert [words in said for words in (b"For Wang", b"At the far branch", b"Far Wang")] == [False] * 3
    assert b"Nobody is known by this" in said


def test_a_product_that_is_changed_keeps_its_picture_and_version_grows(selling: Sell) -> None:
    made = selling("CAKE")
    again = save_product(product=made, sku="CAKE", words={"en": "Cake"}, price=1)
    assert (again.version, again.public_id) == (2, made.public_id)


@pytest.mark.parametrize("path", ["", "?q=lon", "?q=%00", "?category=x", "prices/", "dealers/", "products/many/"])
def test_the_pages_draw(office: Client, tea: Product, path: str) -> None:
    assert office.get(OFFICE + path).status_code == 200


def test_the_search_of_the_office_finds_products(office: Client, tea: Product) -> None:
    said = office.get("/office/search/?q=Longj").content.decode()
    assert f"{OFFICE}products/{tea.public_id}/" in said


def test_the_menu_leads_to_the_catalogue(office: Client) -> None:
    assert f'"{OFFICE}"' in office.get("/office/").content.decode().replace("&quot;", '"')
