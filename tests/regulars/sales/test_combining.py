"""Prices out of books, discounts and coupons together: as the business chose, said in words, and never stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from regulars.catalogue.combining import Combining, outcome
from regulars.catalogue.models import PriceBook, Product
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_product
from regulars.catalogue.views.combining import example
from regulars.errors import InvalidInput, StaleQuote
from regulars.loyalty.coupons.batches import share_code
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import PointsRule, Standing, Tier
from regulars.money import LARGEST_AMOUNT
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Organisation, Staff
from regulars.organisation.selectors import organisation
from regulars.organisation.services import change
from regulars.people.models import Member
from regulars.sales import quoting, services
from regulars.sales.models import Quote, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1"), pytest.mark.capability(49)]
POLICIES = ("best", "own", "both")


@pytest.fixture
def golden(business: Any, member: Member) -> Member:
    """A member of a tier with 20 % off."""
    PointsRule.objects.all().delete()
    tier = Tier.objects.order_by("threshold")[1]
    Tier.objects.filter(pk=tier.pk).update(words={"en": "Gold", "zh-hans": "金卡"}, discount=2000)
    Standing.objects.filter(member=member).update(tier=tier)
    cache.clear()
    return Member.objects.select_related("standing__tier").get(pk=member.pk)


@pytest.fixture
def tea(business: Any) -> Product:
    """Tea for 100.00."""
    return save_product(sku="TEA", words={"en": "Longjing"}, price=10_000)


@pytest.fixture
def yours(tea: Product, golden: Member) -> Callable[[int], PriceBook]:
    """`yours(9_000)`: what the member pays for tea by their own book."""
    book = save_book(kind="member", words={"en": "Yours"}, member=golden)
    return lambda price: set_prices(book=book, product=tea, prices={1: price})


@pytest.fixture
def pricings(monkeypatch: pytest.MonkeyPatch) -> list[Quote]:
    """The quotes whose basket was priced again at confirming."""
    counted: list[Quote] = []
    stock = quoting.read

    def read(asked: Quote) -> quoting.QuoteDraft:
        counted.append(asked)
        return stock(asked)

    monkeypatch.setattr(services, "read", read)
    return counted


def of(product: Product, quantity: int = 1) -> LineRequest:
    return LineRequest(product=product.public_id, quantity=quantity)


def steps_of(made: Quote) -> list[tuple[str, int]]:
    return [(step["reason"], step["amount"]) for step in made.content["steps"]]


def choose(policy: str, **over: Any) -> None:
    change(by="test", price_policy=policy, **over)


@pytest.mark.parametrize(
    ("policy", "own", "steps"),
    [
        ("best", 9_000, [("Gold discount 20% (better than Yours)", -2_000)]),
        ("best", 7_000, [("Yours (better than Gold discount 20%)", -3_000)]),
        ("own", 9_000, [("Yours (without Gold discount 20%)", -1_000)]),
        ("own", 7_000, [("Yours (without Gold discount 20%)", -3_000)]),
        ("both", 9_000, [("Yours", -1_000), ("Gold discount 20% (also on Yours)", -1_800)]),
        ("both", 7_000, [("Yours", -3_000), ("Gold discount 20% (also on Yours)", -1_400)]),
    ],
)
def test_the_policy_decides_and_the_quote_says_which_was_taken_and_why(
    branch: Any, golden: Member, tea: Product, yours: Any, policy: str, own: int, steps: list[tuple[str, int]]
) -> None:
    yours(own)
    choose(policy)
    made = quote(branch=branch, member=golden, lines=[of(tea)])
    assert steps_of(made) == steps
    assert made.content["total"] == 10_000 + sum(amount for _reason, amount in steps)


@given(
    price=st.integers(1, LARGEST_AMOUNT),
    share=st.integers(0, 10_000),
    discount=st.integers(0, 10_000),
)
def test_nobody_pays_more_for_more_that_counts_and_never_less_than_nothing(
    price: int, share: int, discount: int
) -> None:
    own, tier = price * share // 10_000, Tier(track_id=1, words={"en": "Gold"})
    best, alone, both = (
        outcome(
            Combining(policy=policy), list_amount=price, own_amount=own, name="Yours", tier=tier, discount=discount
        ).amount
        for policy in ("best", "own", "both")
    )
    assert 0 <= both <= best <= alone == own
    assert best <= price - price * discount // 10_000


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize("currency", ["JPY", "KWD"])
@pytest.mark.parametrize(("policy", "total"), [("best", 80), ("own", 91), ("both", 72)])
def test_without_decimals_and_with_three_the_rounding_is_in_the_customers_favour(
    branch: Any, golden: Member, tea: Product, currency: str, policy: str, total: int
) -> None:
    Organisation.objects.update(currency=currency, price_policy=policy)
    cache.clear()
    cup = save_product(sku="CUP", words={"en": "Cup"}, price=101)
    set_prices(book=save_book(kind="list", words={"en": "Today"}), product=cup, prices={1: 91})
    assert quote(branch=branch, member=golden, lines=[of(cup)]).content["total"] == total


@pytest.mark.parametrize("policy", POLICIES)
def test_lines_without_a_price_of_their_own_have_the_discount_whatever_the_policy(
    branch: Any, golden: Member, tea: Product, yours: Any, policy: str
) -> None:
    yours(7_000)
    choose(policy)
    made = quote(branch=branch, member=golden, lines=[of(tea), LineRequest("Cup", 1_000)])
    assert [line["amount"] for line in made.content["lines"]] == [5_600 if policy == "both" else 7_000, 800]


def test_who_has_no_discount_is_told_of_none(branch: Any, golden: Member, tea: Product, yours: Any) -> None:
    yours(9_000)
    Tier.objects.update(discount=0)
    cache.clear()
    golden = Member.objects.select_related("standing__tier").get(pk=golden.pk)
    for policy in POLICIES:
        choose(policy)
        assert steps_of(quote(branch=branch, member=golden, lines=[of(tea)])) == [("Yours", -1_000)]


@pytest.mark.capability(146)
def test_coupons_pass_prices_out_of_books_by_where_the_business_says_so(
    branch: Any, golden: Member, tea: Product, yours: Any, owner: Staff
) -> None:
    yours(7_000)
    template = save_template(terms=TemplateTerms(kind="percent", value=1000, words={"en": "Ten off"}))
    code = share_code(template=template, name="Spring", code="SPRING10", by=owner).code
    basket = [of(tea), LineRequest("Cup", 2_000)]
    made = quote(branch=branch, member=golden, lines=basket, coupons=[code])
    assert sum(line["amount"] for line in made.content["lines"]) == 7_000 + 1_600 - 860
    choose("best", coupons_on_book_prices=False)
    made = quote(branch=branch, member=golden, lines=basket, coupons=[code])
    assert [line["amount"] for line in made.content["lines"]] == [7_000, 1_440]
    with pytest.raises(InvalidInput, match="Coupons do not count on own prices here") as refused:
        quote(branch=branch, member=golden, lines=[of(tea)], coupons=[code])
    assert refused.value.field == "coupons"
    sale = confirm(quote=made, key="with-a-coupon", cashier=None)
    assert (sale.total, [line.amount for line in sale.lines.order_by("position")]) == (8_440, [7_000, 1_440])


@pytest.mark.clause("5.3")
@pytest.mark.parametrize("policy", ["own", "both"])
def test_a_quote_that_kept_its_price_is_stale_after_a_changed_policy(
    branch: Any, golden: Member, tea: Product, yours: Any, pricings: list[Quote], policy: str
) -> None:
    yours(9_000)
    made = quote(branch=branch, member=golden, lines=[of(tea)])
    assert made.content["kept"] is not None
    choose(policy)
    with pytest.raises(StaleQuote):
        confirm(quote=made, key="stale-policy", cashier=None)
    assert (len(pricings), Sale.objects.count()) == (1, 0)


def test_a_changed_policy_that_changes_no_price_only_has_it_priced_again(
    branch: Any, golden: Member, tea: Product, yours: Any, pricings: list[Quote]
) -> None:
    yours(7_000)
    made = quote(branch=branch, member=golden, lines=[of(tea)])
    choose("own")
    assert confirm(quote=made, key="same-price", cashier=None).total == 7_000
    assert len(pricings) == 1


def test_without_comparing_the_policy_an_old_price_would_be_taken(
    branch: Any, golden: Member, tea: Product, yours: Any
) -> None:
    yours(9_000)
    made = quote(branch=branch, member=golden, lines=[of(tea)])
    choose("own")
    kept = made.content["kept"]
    kept["goods"] = "own" + kept["goods"].removeprefix("best")  # as if it did not stand there
    Quote.objects.filter(pk=made.pk).update(content={**made.content, "kept": kept})
    assert confirm(quote=Quote.objects.get(pk=made.pk), key="negative", cashier=None).total == 8_000


def test_a_policy_changed_while_a_basket_is_priced_is_not_kept(
    branch: Any, golden: Member, tea: Product, yours: Any
) -> None:
    yours(9_000)
    organisation()  # remembered by this server
    Organisation.objects.update(price_policy="own")  # by another one, which cannot make this one forget
    assert quote(branch=branch, member=golden, lines=[of(tea)]).content["kept"] is None


def test_the_mark_in_python_and_in_the_database_are_the_same(branch: Any, tea: Product) -> None:
    for policy in POLICIES:
        for counts in (True, False):
            choose(policy, coupons_on_book_prices=counts)
            mark = Combining(policy=policy, coupons_count=counts).mark
            assert quote(branch=branch, lines=[of(tea)]).content["kept"]["goods"].startswith(mark)


def test_the_example_is_what_the_till_would_charge(branch: Any, golden: Member, tea: Product, yours: Any) -> None:
    shown = example()
    assert shown is not None
    assert (shown.tier.words["en"], shown.discount, shown.low, shown.high) == ("Gold", 2000, 7_000, 9_000)
    for policy, _label, outcomes in shown.rows:
        choose(policy)
        for one in outcomes:
            yours(one.own_amount)
            assert quote(branch=branch, member=golden, lines=[of(tea)]).content["total"] == one.amount


def test_the_owner_chooses_on_a_page_with_the_example_beside_it(
    business: Any, owner: Staff, golden: Member, client_for: Callable[..., Client]
) -> None:
    office = client_for(business, owner.user)
    address = "/office/catalogue/prices/together/"
    page = office.get(address).content.decode()
    assert "Gold takes off 20%" in page
    assert "Own price ¥70.00" in page
    assert office.post(address, {"price_policy": "none"}).status_code == 422
    assert office.post(address, {"price_policy": "both"}).status_code == 302
    kept = Organisation.objects.get()
    assert (kept.price_policy, kept.coupons_on_book_prices) == ("both", False)
    entry = TrailEntry.objects.filter(act="organisation.changed").latest("pk")
    assert entry.after == {"price_policy": "both", "coupons_on_book_prices": False}
    assert "Coupons pass own prices by" in office.get("/office/catalogue/prices/").content.decode()


def test_a_business_without_tiers_has_no_example_and_still_a_choice(
    business: Any, owner: Staff, client_for: Callable[..., Client]
) -> None:
    Tier.objects.all().delete()
    assert example() is None
    assert client_for(business, owner.user).get("/office/catalogue/prices/together/").status_code == 200
