"""Limited editions: whose turn it is, how many are left, how many one may have; looked at, then taken by one call."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars import clock
from regulars.catalogue import selectors
from regulars.catalogue.models import Product, Taking
from regulars.catalogue.pricing import Wanted, prices_of
from regulars.catalogue.services.products import restock
from regulars.errors import InvalidInput, StaleQuote
from regulars.loyalty.benefits.models import Benefit
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.models import Standing, Tier
from regulars.organisation.models import Branch
from regulars.organisation.places.services import open_branch
from regulars.people.models import Member
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from regulars.sql_functions import REFUSALS
from tests.conftest import new_member

if TYPE_CHECKING:
    from tests.regulars.catalogue.conftest import Sell

pytestmark = [pytest.mark.clause("5.5"), pytest.mark.capability(55), pytest.mark.django_db]
Early = Callable[..., Benefit]
_keys = itertools.count(1)


def sold(member: Member | None = None) -> Sale:
    """Any sale, to take goods with."""
    branch = Branch.objects.order_by("id")[0]
    asked = quote(branch=branch, member=member, lines=[LineRequest(description="Tea", unit_price=100)])
    return confirm(quote=asked, key=f"edition-sale-{next(_keys)}", cashier=None)


def ask(function: str, document: dict[str, Any]) -> None:
    """Call a function that answers nothing. Raises the refusal that its SQLSTATE stands for."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s::jsonb)", [json.dumps(document)])
    except DatabaseError as error:
        raise REFUSALS[error.__cause__.sqlstate] from error  # type: ignore[union-attr]


def take(sale: Sale, member: Member | None, **pieces: int) -> None:
    """What a sale does in its own transaction."""
    lines = [{"product": Product.objects.get(sku=sku).public_id, "quantity": count} for sku, count in pieces.items()]
    whose = member.pk if member else None
    ask("catalogue_take_stock", {"sale": sale.pk, "member": whose, "at": clock.now().isoformat(), "lines": lines})


def give_back(sale: Sale, **pieces: int) -> None:
    """What a refund does: so many pieces have come back in all; all of it for none named."""
    lines = [{"product": Product.objects.get(sku=sku).public_id, "quantity": count} for sku, count in pieces.items()]
    document: dict[str, Any] = {"sale": sale.pk, "at": clock.now().isoformat()}
    ask("catalogue_return_stock", {**document, "lines": lines} if pieces else document)


def stock(sku: str = "CAKE") -> int | None:
    """How many are left."""
    return Product.objects.get(sku=sku).stock


def asking(product: Product, member: Member | None, pieces: int = 1, at: dt.datetime | None = None) -> int:
    """What it costs, where it can be had."""
    branch = Branch.objects.order_by("id")[0]
    return prices_of([Wanted(product.public_id, pieces)], branch=branch, member=member, at=at or clock.now())[0].price


def first_day(product: Product, who: Member | None, noon: dt.datetime) -> int:
    """On which day after this one somebody can first have it."""
    for day in range(10):
        try:
            asking(product, Member.objects.get(pk=who.pk) if who else None, at=noon + dt.timedelta(days=day))
        except InvalidInput:
            continue
        return day
    raise AssertionError(product)


@pytest.fixture
def early(business: Any) -> Early:
    """`early(tier, days=3)`: members of a tier have early access."""

    def made(tier: Tier, *, days: int, benefit: Benefit | None = None, is_active: bool = True) -> Benefit:
        code = benefit.code if benefit else f"early-{tier.code}"
        saved = save_benefit(
            benefit=benefit, code=code, kind="early_access", words={"en": "Early access"}, details={}, uses=None,
            period="year", days=days, is_active=is_active, grants={tier: None},
        )  # fmt: skip
        cache.clear()
        return saved

    return made


def test_what_is_taken_is_gone_and_what_comes_back_is_there_again(selling: Sell, member: Member) -> None:
    selling("CAKE", stock=10, per_member=5)
    sale = sold(member)
    take(sale, member, CAKE=4)
    assert (stock(), Taking.objects.get().quantity) == (6, 4)
    give_back(sale, CAKE=1)
    give_back(sale, CAKE=1)  # the same refund told twice
    assert (stock(), Taking.objects.get().returned) == (7, 1)
    give_back(sale, CAKE=3)
    give_back(sale)
    give_back(sale)
    assert (stock(), Taking.objects.get().returned) == (10, 4)


def test_the_same_sale_takes_once(selling: Sell, member: Member) -> None:
    selling("CAKE", stock=10)
    sale = sold(member)
    take(sale, member, CAKE=4)
    take(sale, member, CAKE=4)
    assert stock() == 6


def test_all_of_a_sale_is_taken_or_nothing(selling: Sell, member: Member) -> None:
    selling("CAKE", stock=10)
    selling("POT", stock=1)
    with pytest.raises(StaleQuote):
        take(sold(member), member, CAKE=4, POT=2)
    assert (stock("CAKE"), stock("POT"), Taking.objects.count()) == (10, 1, 0)


def test_goods_without_an_end_are_not_counted(selling: Sell, member: Member) -> None:
    selling("TEA")
    take(sold(member), member, TEA=400)
    assert (stock("TEA"), Taking.objects.count()) == (None, 0)


def test_one_member_has_no_more_than_one_may_over_several_sales(selling: Sell, member: Member) -> None:
    cake = selling("CAKE", stock=10, per_member=2)
    first = sold(member)
    take(first, member, CAKE=2)
    with pytest.raises(StaleQuote):
        take(sold(member), member, CAKE=1)
    with pytest.raises(InvalidInput, match="One member may have 2 of The CAKE, and 2 were bought or set aside already"):
        asking(cake, member)
    give_back(first, CAKE=1)
    take(sold(member), member, CAKE=1)
    other = new_member(contact="+8613800138021", name="Wang")
    take(sold(other), other, CAKE=2)
    assert stock() == 10 - 2 + 1 - 1 - 2


def test_a_guest_has_none_of_what_is_limited_for_each_member(selling: Sell) -> None:
    cake = selling("CAKE", stock=10, per_member=2)
    with pytest.raises(InvalidInput, match="is for members: find or join the customer first"):
        asking(cake, None)
    with pytest.raises(StaleQuote):
        take(sold(), None, CAKE=1)


def test_what_was_taken_off_sale_meanwhile_is_not_taken(selling: Sell, member: Member) -> None:
    selling("CAKE", stock=10)
    Product.objects.update(is_active=False)
    with pytest.raises(StaleQuote):
        take(sold(member), member, CAKE=1)


def test_looking_says_how_many_are_left(selling: Sell, member: Member) -> None:
    cake = selling("CAKE", stock=3)
    assert asking(cake, member, 3) == 10_000
    with pytest.raises(InvalidInput, match="There are only 3 left of The CAKE") as refused:
        asking(cake, member, 4)
    assert refused.value.field == "lines"
    restock(product=cake, by_how_many=-3, actor="test")
    with pytest.raises(InvalidInput, match="The CAKE is sold out"):
        asking(cake, member)


def test_gold_first_from_monday_and_all_from_wednesday(selling: Sell, member: Member, noon: dt.datetime) -> None:
    first, gold = Tier.objects.order_by("threshold")[:2]
    phases = [{"from": "2026-06-17", "tier": ""}, {"from": "2026-06-15", "tier": gold.code}]
    cake = selling("CAKE", stock=10, phases=phases)
    golden = new_member(contact="+8613800138022", name="Golden")
    Standing.objects.filter(member=golden).update(tier=gold)
    monday = noon
    days = [monday + dt.timedelta(days=day) for day in (-1, 0, 1, 2)]

    def can(who: Member | None) -> list[bool]:
        answers = []
        for at in days:
            try:
                answers.append(asking(cake, who, at=at) > 0)
            except InvalidInput as refusal:
                answers.append("can be bought from" not in str(refusal))
        return answers

    assert can(golden) == [False, True, True, True]
    assert can(member) == can(None) == [False, False, False, True]
    assert first.threshold < gold.threshold


@pytest.mark.capability(56)
def test_who_has_early_access_buys_so_many_days_before_others_and_before_their_own_phase(
    selling: Sell, early: Early, member: Member, noon: dt.datetime
) -> None:
    base, gold = Tier.objects.order_by("threshold")[:2]
    phases = [{"from": "2026-06-20", "tier": ""}, {"from": "2026-06-17", "tier": gold.code}]
    cake = selling("CAKE", stock=10, phases=phases)
    golden = new_member(contact="+8613800138022", name="Golden")
    Standing.objects.filter(member=golden).update(tier=gold)
    assert [first_day(cake, who, noon) for who in (golden, member, None)] == [2, 5, 5]
    early(base, days=4)
    assert [first_day(cake, who, noon) for who in (golden, member, None)] == [2, 1, 5]
    early(gold, days=2)
    assert [first_day(cake, who, noon) for who in (golden, member, None)] == [0, 1, 5]


def test_early_access_opens_no_phase_of_another_tier_and_ends_with_the_benefit(
    selling: Sell, early: Early, member: Member, noon: dt.datetime
) -> None:
    base, gold = Tier.objects.order_by("threshold")[:2]
    benefit = early(base, days=30)
    cake = selling("CAKE", stock=10, phases=[{"from": "2026-06-17", "tier": gold.code}])
    with pytest.raises(InvalidInput, match="for members of another tier only"):
        asking(cake, member, at=noon)
    pot = selling("POT", stock=10, phases=[{"from": "2026-06-17", "tier": ""}])
    assert asking(pot, member, at=noon) == 10_000
    early(base, days=30, benefit=benefit, is_active=False)
    with pytest.raises(InvalidInput, match="can be bought from"):
        asking(pot, member, at=noon)
    early(base, days=30, benefit=benefit)
    Member.objects.filter(pk=member.pk).update(is_active=False)
    member.refresh_from_db()
    with pytest.raises(InvalidInput, match="can be bought from"):
        asking(pot, member, at=noon)


def test_a_quote_made_by_early_access_is_confirmed_and_one_after_its_end_is_not(
    selling: Sell, early: Early, member: Member, branch: Branch, noon: dt.datetime
) -> None:
    base = Tier.objects.order_by("threshold")[0]
    benefit = early(base, days=3)
    cake = selling("CAKE", stock=10, phases=[{"from": "2026-06-17", "tier": ""}])
    line = [LineRequest(product=cake.public_id)]
    with clock.turned_to(noon):
        sale = confirm(quote=quote(branch=branch, member=member, lines=line), key="early-sale-1", cashier=None)
        assert (sale.total, stock()) == (10_000, 9)
        made = quote(branch=branch, member=member, lines=line)
        early(base, days=3, benefit=benefit, is_active=False)
        with pytest.raises(InvalidInput, match="can be bought from"):
            confirm(quote=made, key="early-sale-2", cashier=None)
    assert stock() == 9


def test_the_window_tells_who_is_before_others_and_asks_the_same_for_one_and_for_many(
    selling: Sell, early: Early, member: Member, branch: Branch, noon: dt.datetime
) -> None:
    early(Tier.objects.order_by("threshold")[0], days=3)

    def asked() -> int:
        with clock.turned_to(noon), CaptureQueriesContext(connection) as found:
            selectors.shop_window(Member.objects.get(pk=member.pk), branch=branch)
        return len(found)

    selling("CAKE", stock=10, phases=[{"from": "2026-06-17", "tier": ""}])
    asked()
    one = asked()
    for number in range(8):
        selling(f"CAKE-{number}", stock=10, per_member=1, phases=[{"from": "2026-06-17", "tier": ""}])
    assert asked() <= one + 1  # the limits for one member, once for all
    with clock.turned_to(noon):
        shown = selectors.shop_window(member, branch=branch)[0].shown
        guests = selectors.shop_window(None, branch=branch)[0].shown
    assert {(one.why_not, one.others_from) for one in shown} == {("", dt.date(2026, 6, 17))}
    assert all("can be bought from" in one.why_not and one.others_from is None for one in guests)


def test_a_phase_begins_at_midnight_of_the_business_and_of_the_branch_and_never_of_utc(
    selling: Sell, branch: Branch
) -> None:
    cake = selling("CAKE", stock=10, phases=[{"from": "2026-06-17", "tier": ""}])
    for zone in ("Asia/Shanghai", "America/New_York", "Pacific/Auckland"):
        branch.zone = zone
        midnight = dt.datetime(2026, 6, 17, tzinfo=ZoneInfo(zone))
        wanted = [Wanted(cake.public_id)]
        assert prices_of(wanted, branch=branch, member=None, at=midnight)[0].price == 10_000
        with pytest.raises(InvalidInput, match="can be bought from"):
            prices_of(wanted, branch=branch, member=None, at=midnight - dt.timedelta(microseconds=1))


def test_every_branch_sells_from_the_one_stock_of_the_house(selling: Sell, branch: Branch, member: Member) -> None:
    cake = selling("CAKE", stock=2, per_member=1)
    line = [LineRequest(product=cake.public_id)]
    airport = open_branch(name="Airport")
    confirm(quote=quote(branch=airport, member=member, lines=line), key="at-the-airport", cashier=None)
    assert stock() == 1
    with pytest.raises(InvalidInput, match="One member may have 1"):
        quote(branch=branch, member=member, lines=line)


def test_a_phase_for_another_tier_alone_says_so(selling: Sell, member: Member) -> None:
    gold = Tier.objects.order_by("threshold")[1]
    cake = selling("CAKE", stock=10, phases=[{"from": "2026-01-01", "tier": gold.code}])
    with pytest.raises(InvalidInput, match="for members of another tier only"):
        asking(cake, member)


def test_the_window_shows_it_with_the_reason(selling: Sell, member: Member, branch: Branch) -> None:
    selling("CAKE", stock=0)
    shown = selectors.shop_window(member, branch=branch)[0].shown[0]
    assert (shown.priced.price, shown.why_not) == (10_000, "The CAKE is sold out.")
    assert selectors.find("CAKE", branch=branch, member=member)[0].why_not == "The CAKE is sold out."


@pytest.mark.parametrize("phases", [[{"tier": "nobody", "from": "2026-01-01"}], [{"from": "soon"}], [{}] * 11])
def test_phases_that_are_none_are_refused(selling: Sell, phases: list[dict[str, str]]) -> None:
    with pytest.raises(InvalidInput) as refused:
        selling("CAKE", phases=phases)
    assert refused.value.field == "phases"
