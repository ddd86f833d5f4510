"""What a product costs for whom: the order of the books, quantity breaks, days, and refusals."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock
from regulars.catalogue.models import DealerLevel, PriceBook, Product
from regulars.catalogue.pricing import Candidate, Priced, Wanted, decide, prices_of
from regulars.catalogue.selectors import shop_window
from regulars.catalogue.services.dealers import save_level
from regulars.catalogue.services.price_books import save_book, save_holiday, set_prices
from regulars.catalogue.services.products import save_category, save_product
from regulars.errors import InvalidInput
from regulars.loyalty.models import Standing, Tier
from regulars.organisation.models import Branch

if TYPE_CHECKING:
    from regulars.people.models import Member
    from tests.regulars.catalogue.conftest import Make, Open, Sell

pytestmark = [pytest.mark.clause("5.1"), pytest.mark.capability(123), pytest.mark.django_db]

ORDER = ("member", "dealer", "tier", "segment", "branch", "list")


def price(product: Product, member: Member | None = None, quantity: int = 1, **over: Any) -> Priced:
    """What it costs at the first branch."""
    branch = over.get("branch") or Branch.objects.order_by("id")[0]
    return prices_of(
        [Wanted(product.public_id, quantity)], branch=branch, member=member, at=over.get("at", clock.now())
    )[0]


@pytest.fixture
def lowest(business: Any) -> Tier:
    """The tier on which everybody stands."""
    return Tier.objects.order_by("threshold")[0]


@pytest.fixture
def of_all_kinds(
    tea: Product, book: Open, member: Member, level: DealerLevel, lowest: Tier, branch: Branch, made_dealer: Make
) -> dict[str, PriceBook]:
    """A book of each kind that holds for the member, the one asked first with the highest price."""
    made_dealer(member)
    whose: dict[str, dict[str, Any]] = {
        "member": {"member": member},
        "dealer": {"level": level},
        "tier": {"tier": lowest},
        "segment": {"condition": {"field": "loyalty.tier", "is": "any_of", "value": [lowest.code]}},
        "branch": {"branch": branch},
        "list": {},
    }
    return {kind: book(kind, {tea: 9_600 - 100 * place}, **whose[kind]) for place, kind in enumerate(ORDER)}


def test_without_a_book_it_is_the_list_price_and_needs_no_reason(tea: Product, member: Member) -> None:
    found = price(tea, member)
    assert (found.list_price, found.price, found.reason) == (10_000, 10_000, "")
    assert (found.product, found.name, found.category, found.version) == (tea.public_id, "Longjing", "", "1")


def test_books_are_asked_in_the_order_of_the_house(
    tea: Product, member: Member, of_all_kinds: dict[str, PriceBook]
) -> None:
    for place, kind in enumerate(ORDER):
        found = price(tea, member)
        assert (found.price, found.reason) == (9_600 - 100 * place, f"{kind} price")
        PriceBook.objects.filter(pk=of_all_kinds[kind].pk).update(is_active=False)
    assert price(tea, member).price == 10_000


def test_a_guest_pays_what_the_branch_or_the_list_says(tea: Product, of_all_kinds: dict[str, PriceBook]) -> None:
    assert (price(tea).price, price(tea).reason) == (9_200, "branch price")
    elsewhere = Branch.objects.create(name="Far away")
    assert price(tea, branch=elsewhere).price == 9_100


def test_of_two_books_of_a_kind_the_lower_price_holds(tea: Product, book: Open, member: Member) -> None:
    book("list", {tea: 9_000}, name="Autumn")
    book("list", {tea: 8_500}, name="Anniversary")
    assert (price(tea, member).price, price(tea, member).reason) == (8_500, "Anniversary")


def test_more_pieces_cost_less_and_the_pieces_of_all_lines_count(tea: Product, book: Open, branch: Branch) -> None:
    book("list", {tea: {1: 9_800, 10: 9_000, 100: 7_500}}, name="By the box")
    assert [price(tea, quantity=pieces).price for pieces in (1, 9, 10, 99, 100)] == [9_800, 9_800, 9_000, 9_000, 7_500]
    assert price(tea, quantity=10).reason == "By the box, from 10 pieces on"
    wanted = [Wanted(tea.public_id, 6), Wanted(tea.public_id, 4)]
    assert [each.price for each in prices_of(wanted, branch=branch, member=None, at=clock.now())] == [9_000, 9_000]


def test_the_window_names_the_quantities_from_which_on_it_is_cheaper(tea: Product, book: Open, branch: Branch) -> None:
    book("list", {tea: {1: 9_800, 10: 9_000, 100: 7_500}})
    book("branch", {tea: {50: 9_500}}, branch=branch)
    assert shop_window(None)[0].shown[0].priced.breaks == ((10, 9_000), (100, 7_500))
    assert shop_window(None, branch=branch)[0].shown[0].priced.breaks == ((10, 9_000),)
    assert price(tea, quantity=20).breaks == ()


def test_a_book_without_a_price_for_so_few_leaves_it_to_the_next(tea: Product, book: Open, member: Member) -> None:
    book("member", {tea: {50: 5_000}}, member=member)
    book("list", {tea: 9_000})
    assert [price(tea, member, quantity=pieces).price for pieces in (1, 50)] == [9_000, 5_000]


def test_a_price_above_the_list_is_shown_as_what_everybody_pays_there(tea: Product, book: Open, branch: Branch) -> None:
    book("branch", {tea: 12_000}, name="At the airport", branch=branch)
    found = price(tea)
    assert (found.list_price, found.price, found.reason) == (12_000, 12_000, "At the airport")


def test_a_higher_level_and_a_higher_tier_have_what_the_lower_has(
    tea: Product, book: Open, member: Member, level: DealerLevel, made_dealer: Make
) -> None:
    gold = save_level(words={"en": "Gold dealer"}, rank=20)
    book("dealer", {tea: 7_000}, level=level)
    book("dealer", {tea: 6_000}, name="Gold dealer price", level=gold)
    dealer = made_dealer(member)
    assert price(tea, member).price == 7_000
    dealer.level = gold
    dealer.save()
    assert price(tea, member).price == 6_000
    second, third = Tier.objects.order_by("threshold")[1:3]
    book("tier", {tea: 9_500}, tier=second)
    dealer.is_active = False
    dealer.save()
    assert price(tea, member).price == 10_000
    Standing.objects.filter(member=member).update(tier=third)
    assert price(tea, member).price == 9_500


@pytest.mark.clause("5.5")
@pytest.mark.capability(93)
def test_a_member_day_a_season_and_the_holidays_hold_on_their_days(
    tea: Product, book: Open, noon: dt.datetime, lowest: Tier, member: Member
) -> None:
    book("tier", {tea: 8_800}, name="Member day", tier=lowest, month_days=[18], on_holidays=False)
    book("list", {tea: 9_500}, name="June", starts_on=dt.date(2026, 6, 1), ends_on=dt.date(2026, 6, 30))
    book(
        "list",
        {tea: 9_000},
        name="Mondays in June",
        weekdays=[0],
        starts_on=dt.date(2026, 6, 1),
        ends_on=dt.date(2026, 6, 30),
    )
    book("list", {tea: 8_000}, name="Dragon boat", on_holidays=True)
    save_holiday(words={"en": "Dragon Boat Festival"}, starts_on=dt.date(2026, 6, 19), ends_on=dt.date(2026, 6, 21))
    days = {
        15: "Mondays in June",
        16: "June",
        18: "Member day",
        19: "Dragon boat",
        21: "Dragon boat",
        22: "Mondays in June",
    }
    assert {day: price(tea, member, at=noon + dt.timedelta(days=day - 15)).reason for day in days} == days
    assert price(tea, member, at=noon + dt.timedelta(days=16)).reason == ""
    assert price(tea, at=noon + dt.timedelta(days=3)).reason == "June"


def test_a_day_begins_at_midnight_of_the_business_and_of_the_branch(tea: Product, book: Open, branch: Branch) -> None:
    book("list", {tea: 9_000}, starts_on=dt.date(2026, 6, 15), ends_on=dt.date(2026, 6, 15))
    midnight = dt.datetime(2026, 6, 14, 16, 0, tzinfo=dt.UTC)  # in Shanghai
    second = dt.timedelta(seconds=1)
    assert [price(tea, at=at).price for at in (midnight - second, midnight)] == [10_000, 9_000]
    branch.zone = "Asia/Tokyo"
    branch.save()
    assert price(tea, at=midnight - second, branch=branch).price == 9_000


def test_the_order_of_a_basket_is_kept_and_its_kinds_of_goods_are_told(selling: Sell, branch: Branch) -> None:
    drinks = save_category(kind="茶水", words={"en": "Drinks", "zh-hans": "茶水"})
    cake, pot = selling("CAKE", price=2_600), selling("POT", category=drinks, tax_rate=1_300, tax_included=False)
    wanted = [Wanted(pot.public_id), Wanted(cake.public_id, 2), Wanted(pot.public_id, 3)]
    found = prices_of(wanted, branch=branch, member=None, at=clock.now())
    assert [each.product for each in found] == [pot.public_id, cake.public_id, pot.public_id]
    assert (found[0].category, found[0].tax_rate, found[0].tax_included) == ("茶水", 1_300, False)


def test_the_version_changes_with_the_product_and_with_its_book(tea: Product, book: Open) -> None:
    made = book("list", {tea: 9_000})
    versions = [price(tea).version]
    set_prices(book=made, product=tea, prices={1: 8_900})
    versions.append(price(tea).version)
    save_product(product=tea, sku="TEA", words={"en": "Longjing"}, price=10_000)
    versions.append(price(tea).version)
    assert len(set(versions)) == 3


@pytest.mark.parametrize("quantity", [0, -1, 100_001])
def test_no_pieces_are_refused(tea: Product, quantity: int) -> None:
    with pytest.raises(InvalidInput, match="quantity of 1 or more") as refused:
        price(tea, quantity=quantity)
    assert refused.value.field == "lines"


def test_what_is_not_sold_here_or_not_for_this_person_is_refused_in_words(
    selling: Sell, branch: Branch, member: Member
) -> None:
    elsewhere = Branch.objects.create(name="Far away")
    gone, away = selling("GONE", is_active=False), selling("AWAY", branches=[elsewhere])
    second = Tier.objects.order_by("threshold")[1]
    hidden = [
        selling("MEMBERS", audience="members"),
        selling("GOLD", audience="tier", tier=second),
        selling("DEALERS", audience="dealers"),
    ]
    with pytest.raises(InvalidInput, match="The GONE is no longer on sale"):
        price(gone)
    with pytest.raises(InvalidInput, match="The AWAY is not sold at"):
        price(away)
    for product in hidden:
        with pytest.raises(InvalidInput, match="not on sale for this customer") as refused:
            price(product)
        assert (product.sku in str(refused.value), refused.value.field) == (False, "lines")
    assert price(hidden[0], member).price == 10_000
    for product in hidden[1:]:
        with pytest.raises(InvalidInput, match="not on sale for this customer"):
            price(product, member)
    with pytest.raises(InvalidInput, match="not on sale for this customer"):
        prices_of([Wanted("prd_nothing")], branch=branch, member=None, at=clock.now())


def test_a_price_in_another_currency_is_nobodys_price(tea: Product, book: Open) -> None:
    made = book("list", {tea: 9_000})
    PriceBook.objects.filter(pk=made.pk).update(currency="JPY")
    assert price(tea).price == 10_000
    Product.objects.update(currency="JPY")
    with pytest.raises(InvalidInput, match="is in JPY"):
        price(tea)


def test_the_number_of_questions_does_not_grow_with_the_basket(
    selling: Sell, member: Member, branch: Branch, of_all_kinds: dict[str, PriceBook]
) -> None:
    many = [selling(f"P{number}", price=1_000 + number) for number in range(30)]
    for made in of_all_kinds.values():
        for product in many:
            set_prices(book=made, product=product, prices={1: 500, 10: 400})
    wanted = [Wanted(product.public_id, 2) for product in many]
    counts = []
    for part in (wanted[:1], wanted):
        prices_of(part, branch=branch, member=member, at=clock.now())  # what is kept for seconds is kept
        with CaptureQueriesContext(connection) as asked:
            prices_of(part, branch=branch, member=member, at=clock.now())
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 7


# Against an oracle ----------------------------------------------------------------------------------------------------

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        rank=st.integers(0, 5),
        book=st.integers(1, 6),
        quantity_from=st.sampled_from([1, 2, 5, 10]),
        price=st.integers(0, 12),
    ),
    unique_by=lambda one: (one.book, one.quantity_from),
    max_size=14,
).map(lambda found: [Candidate(one.book % 6, one.book, one.quantity_from, one.price) for one in found])


def _oracle(candidates: list[Candidate], pieces: int) -> int | None:
    """As a clerk would do it: kind by kind, book by book, line by line."""
    for rank in range(6):
        prices = []
        for each in sorted({one.book for one in candidates if one.rank == rank}):
            lines = [one for one in candidates if one.book == each and one.quantity_from <= pieces]
            if lines:
                prices.append(sorted(lines, key=lambda one: one.quantity_from)[-1].price)
        if prices:
            return min(prices)
    return None


@given(candidates=CANDIDATES, pieces=st.integers(1, 12))
def test_the_resolver_decides_as_a_clerk_would(candidates: list[Candidate], pieces: int) -> None:
    found = decide(candidates, pieces)
    assert (found.price if found else None) == _oracle(candidates, pieces)


BOOKS = st.lists(
    st.tuples(
        st.sampled_from(ORDER),
        st.dictionaries(st.sampled_from([1, 3, 10]), st.integers(1, 40), min_size=1),
        st.sampled_from(["always", "today", "yesterday", "other weekday", "off"]),
        st.booleans(),
    ),
    max_size=6,
)
DAY = dt.date(2026, 6, 15)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(books=BOOKS, pieces=st.sampled_from([1, 2, 3, 9, 10, 11]), who=st.sampled_from(["guest", "member", "dealer"]))
def test_whole_books_in_the_database_come_to_what_a_clerk_finds(
    oracle_shop: Any, noon: dt.datetime, books: list[Any], pieces: int, who: str
) -> None:
    PriceBook.objects.all().delete()
    tea, people, whose, branch = oracle_shop
    held: dict[str, list[int]] = {kind: [] for kind in ORDER}
    for kind, figures, days, is_mine in books:
        falling = dict(zip(sorted(figures), sorted(figures.values(), reverse=True), strict=True))
        made = save_book(kind=kind, words={"en": kind}, **{**whose[kind][is_mine], **_days(days)})
        set_prices(book=made, product=tea, prices=falling)
        reached = [figure for quantity, figure in falling.items() if quantity <= pieces]
        is_asked = is_mine and days in ("always", "today") and reached
        if is_asked and (
            who == "dealer" or kind in ("branch", "list") or (who == "member" and kind in ("tier", "segment"))
        ):
            held[kind].append(reached[-1])
    wanted = next((min(held[kind]) for kind in ORDER if held[kind]), 10_000)
    assert price(tea, people[who], pieces, at=noon, branch=branch).price == wanted


def _days(named: str) -> dict[str, Any]:
    return {
        "always": {},
        "today": {"starts_on": DAY, "ends_on": DAY, "weekdays": [0], "month_days": [15]},
        "yesterday": {"ends_on": DAY - dt.timedelta(days=1)},
        "other weekday": {"weekdays": [1, 2]},
        "off": {"is_active": False},
    }[named]


@pytest.fixture
def oracle_shop(
    tea: Product, member: Member, level: DealerLevel, branch: Branch, lowest: Tier, made_dealer: Make
) -> Any:
    """Of each kind of book one that is for the dealer and one that is not; who is no dealer has the same rights
    but the level.
    """
    made_dealer(member)
    highest, second = save_level(words={"en": "Far above"}, rank=99), Tier.objects.order_by("threshold")[1]
    away = Branch.objects.create(name="Far away")
    from tests.conftest import new_member

    other = new_member(contact="+8613800138009", name="Wang")
    plain = new_member(contact="+8613800138008", name="Zhao")

    def on(tier: Tier) -> dict[str, Any]:
        return {"condition": {"field": "loyalty.tier", "is": "any_of", "value": [tier.code]}}

    whose = {
        "member": ({"member": other}, {"member": member}),
        "dealer": ({"level": highest}, {"level": level}),
        "tier": ({"tier": second}, {"tier": lowest}),
        "segment": (on(second), on(lowest)),
        "branch": ({"branch": away}, {"branch": branch}),
        "list": ({"is_active": False}, {}),
    }
    return tea, {"guest": None, "member": plain, "dealer": member}, whose, branch
