"""S2 and S3 on sales with everything on: goods of a limited edition, a coupon, points and money that pay for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from regulars import sql_functions
from regulars.catalogue.models import Product
from regulars.catalogue.services.products import save_product
from regulars.ledger.books import faults
from regulars.ledger.selectors import balance
from regulars.ledger.services import Leg, post
from regulars.loyalty.coupons.models import Coupon
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.points.gifts import change_points_settings
from regulars.organisation.models import Branch, Staff
from regulars.people.models import Member
from regulars.sales.models import Quote, Refund, Sale
from regulars.sales.paying import Payment
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off, waiting_for_each_other

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("5.4")]
SALES = sized(5, 500)
CLIENTS = sized(8, 32)
ROUNDS = sized(3, 100)
AT_ONCE = sized(6, 300)
GIVEN = 50_000
STOCK = 1_000

BEFORE_IS_FREE = ("AND refunded_total = (document->>'refunded_before')::bigint", "")
MORE_THAN_LEFT = ("AND refunded_total + (refund->>'amount')::bigint <= total", "")
PART_BEFORE = ("AND refunded = (part->>'before')::bigint;", ";")
AWARD_BEFORE = ("AND taken_back = part.before AND part.after BETWEEN part.before AND points", "")
ENOUGH_LEFT = ("(NOT sold.is_active OR sold.stock < wanted.pieces)", "NOT sold.is_active")
STOCK_NOT_BELOW = "catalogue_product.catalogue_product_stock"


@dataclass(frozen=True)
class Shop:
    """A shop with somebody who has points and a coupon, and with a product of which there are few."""

    business: Business
    buyer: Member
    product: Product

    def quoted(self, *, pieces: int = 1, coupon: bool = True, points: int = 1_000) -> Quote:
        """A basket with everything on."""
        with business_context(self.business):
            return quote(
                branch=Branch.objects.order_by("id")[0],
                member=Member.objects.select_related("standing__tier").get(pk=self.buyer.pk),
                lines=[LineRequest(product=self.product.public_id, quantity=pieces), LineRequest("Tea", 5_000)],
                coupons=[Coupon.objects.get().public_id] if coupon else [],
                points=points,
            )

    def sold(self, made: Quote) -> Sale:
        """A sale of it, paid with points, cash and card."""
        to_pay = made.content["total"] - made.content["offset"]["amount"]
        payments = [Payment(source="cash", amount=2_000), Payment(source="card", amount=to_pay - 2_000)]
        return confirm(quote=made, key=secrets.token_hex(8), cashier=None, payments=payments)

    def state(self) -> tuple[Any, ...]:
        """What sales and refunds move here."""
        with business_context(self.business):
            assert faults() == []
            product = Product.objects.get(pk=self.product.pk)
            return balance(self.buyer.wallet), Coupon.objects.get().state, product.stock


@pytest.fixture
def shop(open_business: Callable[..., Business]) -> Shop:
    """A shop of its own, committed for real."""
    business = open_business()
    with business_context(business):
        buyer = new_member()
        change_points_settings(by="", hundred_worth=100)
        leg = Leg(wallet=buyer.wallet_id, asset="points", amount=GIVEN, house="points.issued")
        post(key="given-for-the-storm", kind="gift", legs=[leg])
        template = save_template(terms=TemplateTerms(kind="amount", words={"en": "Ten off"}, value=1_000))
        give(member=buyer, template=template, key="given-for-the-storm", by=Staff.objects.order_by("id")[0])
        product = save_product(sku="POT", words={"en": "Teapot"}, price=8_000, stock=STOCK)
    return Shop(business, buyer, product)


def refund_twice(crowd: Crowd, sale: Sale, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two give the same sale back; both have looked at what is left before either acts."""
    with monkeypatch.context() as patch:
        patch.setattr("regulars.sales.services.call", waiting_for_each_other(sql_functions.call, 2))
        return crowd.at_once(
            [lambda: refund(sale=sale, key=secrets.token_hex(8), reason="returned", cashier=None) for _ in range(2)]
        )


def test_of_two_refunds_of_a_full_sale_one_wins_and_gives_everything_back_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.state()
    with Crowd(shop.business, 2) as crowd:
        for _ in range(SALES):
            made = shop.quoted()
            with business_context(shop.business):
                sale = shop.sold(made)
            answers = refund_twice(crowd, sale, monkeypatch)
            assert (len(successes(answers)), refusals(answers)) == (1, ["StaleQuote"])
            assert shop.state() == before
    with business_context(shop.business):
        assert Refund.objects.count() == Sale.objects.count() == SALES
    print(f"S3 full sales: {SALES} refunded twice at once, {SALES} done, {SALES} refused, 0 lots or coupons off")


def test_without_its_conditions_a_full_sale_is_refunded_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = shop.quoted()
    with business_context(shop.business):
        sale = shop.sold(made)
    limits = ["sales_sale.sales_sale_refunded", "sales_sale.sales_sale_points"]
    with (
        switched_off(
            shop.business, "sales/sql/sale.sql", BEFORE_IS_FREE, MORE_THAN_LEFT, PART_BEFORE, constraints=limits
        ),
        switched_off(shop.business, "loyalty/sql/awards.sql", AWARD_BEFORE),
        Crowd(shop.business, 2) as crowd,
    ):
        answers = refund_twice(crowd, sale, monkeypatch)
    assert len(successes(answers)) == 2


def last_piece(shop: Shop, crowd: Crowd) -> list[Any]:
    """Everybody buys the last piece, each with a price of their own."""
    with business_context(shop.business):
        Product.objects.filter(pk=shop.product.pk).update(stock=1)
    offers = [shop.quoted(coupon=False, points=0) for _ in range(crowd.size)]
    return crowd.at_once([lambda made=made: shop.sold(made) for made in offers])


@pytest.mark.clause("5.5")
@pytest.mark.capability(55)
def test_of_many_who_buy_the_last_piece_exactly_one_gets_it(shop: Shop) -> None:
    with Crowd(shop.business, CLIENTS) as crowd:
        for _ in range(ROUNDS):
            answers = last_piece(shop, crowd)
            assert len(successes(answers)) == 1
            assert set(refusals(answers)) <= {"StaleQuote", "InvalidInput"}
            assert shop.state()[2] == 0
    print(f"S2 limited edition: {CLIENTS} clients, {ROUNDS} rounds, one success each")


def test_without_looking_at_what_is_left_the_last_piece_is_sold_to_many(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regulars.sales.services.call", waiting_for_each_other(sql_functions.call, CLIENTS))
    with (
        switched_off(shop.business, "catalogue/sql/editions.sql", ENOUGH_LEFT, constraints=[STOCK_NOT_BELOW]),
        Crowd(shop.business, CLIENTS) as crowd,
    ):
        answers = last_piece(shop, crowd)
    assert len(successes(answers)) > 1


def test_sales_and_refunds_of_one_wallet_at_once_wait_for_each_other_and_never_for_ever(shop: Shop) -> None:
    before = shop.state()

    def buy_and_bring_back() -> None:
        for _ in range(AT_ONCE // 6 or 1):
            made = shop.quoted(coupon=False, points=200)
            with business_context(shop.business):
                sale = shop.sold(made)
                half = sale.total // 2
                refund(sale=sale, key=secrets.token_hex(8), amount=half, reason="", cashier=None)
                sale.refresh_from_db()
                refund(sale=sale, key=secrets.token_hex(8), reason="", cashier=None)

    with Crowd(shop.business, 6) as crowd:
        answers = crowd.at_once([buy_and_bring_back] * 6)
    assert refusals(answers) == []
    assert shop.state() == before
