"""Goods of the catalogue in a sale: who buys pays the better of their own price and their tier's, tax contained."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache

from regulars.catalogue.models import PriceBook, Product
from regulars.catalogue.services.dealers import save_level
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_category, save_product
from regulars.errors import InvalidInput, StaleQuote
from regulars.loyalty.models import PointsRule, Standing, Tier, Track
from regulars.people.models import Member
from regulars.sales import services
from regulars.sales.models import Quote, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1"), pytest.mark.capability(49), pytest.mark.capability(123)]


@pytest.fixture
def shop(business):
    """One point per 10.00; gold at 20 %."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", discount=0)
    track = Track.objects.get(is_default=True)
    Tier.objects.create(track=track, code="gold", words={"en": "Gold"}, threshold=200_000, discount=2000)
    cache.clear()


@pytest.fixture
def tea(shop) -> Product:
    """Tea for 100.00."""
    return save_product(sku="TEA", words={"en": "Longjing"}, price=10_000)


@pytest.fixture
def own(tea, member) -> PriceBook:
    """This member has tea for 90.00."""
    return set_prices(
        book=save_book(kind="member", words={"en": "Yours"}, member=member), product=tea, prices={1: 9_000}
    )


@pytest.fixture
def pricings(monkeypatch) -> list[Quote]:
    """The quotes whose basket was priced again at confirming."""
    counted: list[Quote] = []
    stock = services.read

    def read(asked: Quote):
        counted.append(asked)
        return stock(asked)

    monkeypatch.setattr(services, "read", read)
    return counted


def of(product: Product, quantity: int = 1) -> LineRequest:
    return LineRequest(product=product.public_id, quantity=quantity)


def fresh(member: Member) -> Member:
    return Member.objects.select_related("standing__tier").get(pk=member.pk)


def steps_of(made: Quote) -> list[tuple[str, int]]:
    return [(step["reason"], step["amount"]) for step in made.content["steps"]]


class TestPrices:
    def test_a_guest_pays_the_list_price_and_the_member_their_own(self, branch, member, tea, own):
        assert quote(branch=branch, lines=[of(tea)]).content["total"] == 10_000
        made = quote(branch=branch, member=member, lines=[of(tea, 2)])
        assert (made.content["list_total"], made.content["total"], steps_of(made)) == (
            20_000,
            18_000,
            [("Yours", -2_000)],
        )

    def test_where_the_tier_makes_it_cheaper_the_tier_counts_and_not_both(self, branch, member, tea, own):
        Standing.objects.filter(member=member).update(tier=Tier.objects.get(code="gold"))
        made = quote(branch=branch, member=fresh(member), lines=[of(tea), LineRequest("Cup", 1_000)])
        assert made.content["total"] == 8_000 + 800
        assert [amount for _reason, amount in steps_of(made)] == [-2_200]

    def test_a_price_better_than_the_tier_stays_and_the_tier_counts_for_the_rest(self, branch, member, tea, own):
        Standing.objects.filter(member=member).update(tier=Tier.objects.get(code="gold"))
        set_prices(book=own, product=tea, prices={1: 7_000})
        made = quote(branch=branch, member=fresh(member), lines=[of(tea), LineRequest("Cup", 1_000)])
        assert made.content["total"] == 7_000 + 800
        assert [amount for _reason, amount in steps_of(made)] == [-3_000, -200]

    @pytest.mark.parametrize(
        ("included", "charged", "tax"), [(True, 10_000, 1_150), (False, 11_300, 1_300)], ids=["within", "on top"]
    )
    def test_each_line_knows_the_tax_it_contains(self, branch, member, shop, included, charged, tax):
        taxed = save_product(sku="CUP", words={"en": "Cup"}, price=10_000, tax_rate=1300, tax_included=included)
        sale = confirm(quote=quote(branch=branch, lines=[of(taxed)]), key="with-tax", cashier=None)
        line = sale.lines.get()
        assert (sale.total, line.amount, line.tax_rate, line.tax) == (charged, charged, 1300, tax)

    def test_the_kind_of_goods_is_that_of_the_catalogue(self, branch, member, shop):
        ware = save_category(kind="ware", words={"en": "Ware"})
        cup = save_product(sku="CUP", words={"en": "Cup"}, price=1_000, category=ware)
        line = confirm(quote=quote(branch=branch, lines=[of(cup)]), key="the-kind", cashier=None).lines.get()
        assert (line.description, line.category, line.product) == ("Cup", "ware", cup.public_id)

    def test_what_is_not_in_the_catalogue_is_refused(self, branch, member):
        with pytest.raises(InvalidInput) as refused:
            quote(branch=branch, member=member, lines=[LineRequest(product="prd_nothing")])
        assert refused.value.field == "lines"


class TestAQuoteOfGoods:
    def test_one_that_holds_is_not_priced_again(self, branch, member, tea, own, pricings):
        sale = confirm(quote=quote(branch=branch, member=fresh(member), lines=[of(tea)]), key="the-sale", cashier=None)
        assert (sale.total, pricings) == (9_000, [])

    @pytest.mark.parametrize(
        "change",
        [
            lambda tea, own: save_product(product=tea, sku="TEA", words={"en": "Longjing"}, price=11_000),
            lambda tea, own: set_prices(book=own, product=tea, prices={1: 8_000}),
            lambda tea, own: PriceBook.objects.filter(pk=own.pk).update(is_active=False),
            lambda tea, own: Product.objects.filter(pk=tea.pk).update(is_active=False),
        ],
        ids=["list price", "own price", "book closed", "off sale"],
    )
    def test_a_price_changed_between_quote_and_confirm_is_refused(self, branch, member, tea, own, pricings, change):
        made = quote(branch=branch, member=fresh(member), lines=[of(tea, 2), LineRequest("Cup", 100)])
        change(tea, own)
        if tea.pk and (changed := Product.objects.get(pk=tea.pk)).price == 11_000:
            own.entries.all().delete()  # the list price counts for whoever has none of their own
            assert changed.price == 11_000
        with pytest.raises((StaleQuote, InvalidInput)):
            confirm(quote=made, key="the-sale", cashier=None)
        assert len(pricings) == 1
        assert not Sale.objects.exists()

    def test_who_becomes_a_dealer_meanwhile_is_asked_again(self, branch, member, tea, pricings, made_dealer):
        made = quote(branch=branch, member=fresh(member), lines=[of(tea)])
        made_dealer(member)
        sale = confirm(quote=made, key="the-sale", cashier=None)
        assert (len(pricings), sale.total) == (1, 10_000)

    def test_limited_editions_and_prices_under_a_condition_keep_nothing(self, branch, member, tea, shop):
        few = save_product(sku="POT", words={"en": "Pot"}, price=10_000, stock=2)
        assert quote(branch=branch, member=fresh(member), lines=[of(few)]).content["kept"] is None
        assert quote(branch=branch, member=fresh(member), lines=[of(tea)]).content["kept"] is not None


@pytest.fixture
def made_dealer() -> Callable[[Member], None]:
    """A member becomes a dealer."""
    from regulars import clock
    from regulars.catalogue.models import Dealer

    def made(member: Member) -> None:
        level = save_level(words={"en": "Dealer"}, rank=10)
        Dealer.objects.create(member=member, level=level, company="Tea & Sons", since=clock.now())

    return made
