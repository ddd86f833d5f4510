"""A quote that still holds is confirmed without pricing it again; one whose basis changed never is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.forms.models import model_to_dict

from regulars import clock, plugins
from regulars.errors import InvalidInput, StaleQuote
from regulars.ledger.selectors import balance, lots
from regulars.loyalty.models import PointsRule, Standing, Tier
from regulars.loyalty.tiers.standing import spending_changed
from regulars.people.models import Member
from regulars.sales import services
from regulars.sales.models import Quote, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote

pytestmark = pytest.mark.clause("4.3")


@pytest.fixture
def programme(business):
    """One point per 10.00; silver from 500.00 at 5 %, gold from 2,000.00 at 10 %."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", discount=0)
    Tier.objects.create(code="silver", words={"en": "Silver"}, threshold=50_000, discount=500)
    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=200_000, discount=1000)
    cache.clear()


@pytest.fixture
def pricings(monkeypatch):
    """How often a basket was priced again at confirming."""
    counted: list[Quote] = []

    def read(asked: Quote):
        counted.append(asked)
        return stock(asked)

    stock = services.read
    monkeypatch.setattr(services, "read", read)
    return counted


def quoted(branch, member, amount=10_000):
    return quote(branch=branch, member=member, lines=[LineRequest("Tea", amount)])


def test_a_quote_that_holds_is_not_priced_again(programme, branch, member, pricings):
    sale = confirm(quote=quoted(branch, member), key="first-sale", cashier=None)
    assert (pricings, sale.points_earned, balance(member.wallet)) == ([], 10, 10)


def test_the_sale_that_is_returned_is_the_one_that_was_written(programme, branch, member):
    sale = confirm(quote=quoted(branch, member), key="first-sale", cashier=None, received=20_000)
    written = Sale.objects.get(pk=sale.pk)
    assert model_to_dict(sale) == model_to_dict(written)
    assert (sale.number, sale.confirmed_at, sale.business_date, sale.transaction_id) == (
        written.number,
        written.confirmed_at,
        written.business_date,
        written.transaction_id,
    )


def test_the_same_key_gives_the_same_sale_without_pricing(programme, branch, member, pricings):
    made = quoted(branch, member)
    first, again = (confirm(quote=made, key="the-same-key", cashier=None) for _ in range(2))
    assert (first.pk, pricings, Sale.objects.count()) == (again.pk, [], 1)


def test_too_little_cash_is_refused_as_ever(programme, branch, member):
    with pytest.raises(InvalidInput):
        confirm(quote=quoted(branch, member), key="first-sale", cashier=None, received=9_999)


def test_a_discount_that_changed_meanwhile_is_noticed(programme, branch, member, pricings):
    confirm(quote=quoted(branch, member, 60_000), key="first-sale", cashier=None)
    made = quoted(branch, Member.objects.select_related("standing__tier").get(pk=member.pk))
    Tier.objects.filter(code="silver").update(discount=700)
    with pytest.raises(StaleQuote):
        confirm(quote=made, key="second-sale", cashier=None)
    assert len(pricings) == 1


def test_a_member_who_rose_meanwhile_is_asked_again(programme, branch, member, pricings):
    made = quoted(branch, Member.objects.select_related("standing__tier").get(pk=member.pk))
    confirm(quote=quoted(branch, member, 60_000), key="first-sale", cashier=None)
    with pytest.raises(StaleQuote):
        confirm(quote=made, key="second-sale", cashier=None)
    assert len(pricings) == 1


def test_without_comparing_its_basis_an_old_price_would_be_taken(programme, branch, member):
    """The guard's negative control: with the basis of today written into it, the quote of yesterday's rules counts."""
    made = quoted(branch, member)
    PointsRule.objects.update(points=5)
    cache.clear()
    made.content["kept"]["basis"] = quoted(branch, member).content["kept"]["basis"]
    assert confirm(quote=made, key="first-sale", cashier=None).points_earned == 10


def test_a_rule_that_is_switched_off_meanwhile_is_noticed(programme, branch, member):
    made = quoted(branch, member)
    PointsRule.objects.update(is_active=False)
    cache.clear()
    with pytest.raises(StaleQuote):
        confirm(quote=made, key="first-sale", cashier=None)


def test_after_midnight_a_quote_is_priced_again_and_its_points_live_by_the_new_day(
    programme, branch, member, pricings, noon
):
    PointsRule.objects.update(expiry={"kind": "days", "count": 10})
    cache.clear()
    late = dt.datetime(2026, 6, 14, 15, 50, tzinfo=dt.UTC)  # ten to midnight in Shanghai
    with clock.turned_to(late):
        made = quoted(branch, member)
    with clock.turned_to(late + dt.timedelta(minutes=20)):
        sale = confirm(quote=made, key="night-sale", cashier=None)
    (lot,) = lots(member.wallet)
    assert (len(pricings), sale.business_date) == (1, dt.date(2026, 6, 15))
    assert clock.day_of(lot.expires_at - dt.timedelta(seconds=1), branch.zone) == dt.date(2026, 6, 25)


def test_where_a_module_has_a_say_in_prices_nothing_is_kept(programme, branch, member, monkeypatch):
    monkeypatch.setattr(plugins, "is_asked", lambda *specs: True)
    assert quoted(branch, member).content["kept"] is None


def test_a_rule_that_asks_about_the_member_is_asked_again(programme, branch, member):
    PointsRule.objects.create(name="First", points=50, kind="fixed", trigger="first_purchase")
    cache.clear()
    assert quoted(branch, member).content["kept"] is None


def test_a_tier_set_by_hand_between_two_sales_is_never_outrun_by_what_was_noted(programme, branch, member):
    """What must still be spent is noted for one tier; on another it is counted again."""
    confirm(quote=quoted(branch, member, 60_000), key="first-sale", cashier=None)
    standing = Standing.objects.get(member=member)
    assert (standing.tier.code, standing.room) == ("silver", 140_000)
    Standing.objects.filter(member=member).update(tier=Tier.objects.get(code="base"))
    fresh = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(quote=quoted(branch, fresh, 100), key="second-sale", cashier=None)
    assert Standing.objects.get(member=member).tier.code == "silver"


def test_sale_by_sale_the_tier_is_the_one_a_sum_would_give(programme, branch, member):
    spent = 0
    for number in range(14):
        fresh = Member.objects.select_related("standing__tier").get(pk=member.pk)
        spent += confirm(quote=quoted(branch, fresh, 17_000), key=f"sale-number-{number}", cashier=None).total
        wanted = "gold" if spent >= 200_000 else "silver" if spent >= 50_000 else "base"
        standing = Standing.objects.select_related("tier").get(member=member)
        assert standing.tier.code == wanted
        if wanted != "gold":
            assert standing.room == (200_000 if wanted == "silver" else 50_000) - spent


def test_a_threshold_lowered_between_two_sales_counts_at_once(programme, branch, member):
    confirm(quote=quoted(branch, member, 30_000), key="first-sale", cashier=None)
    Tier.objects.filter(code="silver").update(threshold=30_500)
    cache.clear()
    fresh = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(quote=quoted(branch, fresh, 1_000), key="second-sale", cashier=None)
    assert Standing.objects.select_related("tier").get(member=member).tier.code == "silver"


def test_a_rule_changed_by_another_server_counts_for_the_very_next_quote(programme, branch, member):
    assert quoted(branch, member).content["points"] == 10
    PointsRule.objects.update(points=3)  # nobody here was told to forget what is cached
    made = quoted(branch, member)
    assert (made.content["points"], confirm(quote=made, key="next-sale", cashier=None).points_earned) == (30, 30)
    PointsRule.objects.create(name="Tea", points=7, kind="fixed")
    assert quoted(branch, member).content["points"] == 37
    PointsRule.objects.filter(name="Tea").update(is_active=False)
    assert quoted(branch, member).content["points"] == 30


@pytest.mark.parametrize("change", ["another rule", "another figure"])
def test_a_rule_changed_while_a_basket_is_priced_is_not_honoured_for_half_an_hour(
    programme, branch, member, pricings, monkeypatch, change
):
    price = services.draft

    def while_the_owner_saves(**asked):
        priced = price(**asked)
        if change == "another rule":
            PointsRule.objects.create(name="Tea", points=7, kind="fixed")
        else:
            PointsRule.objects.update(points=3)
        return priced

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(services, "draft", while_the_owner_saves)
        made = quoted(branch, member)
    assert made.content["kept"] is None
    with pytest.raises(StaleQuote):
        confirm(quote=made, key="late-sale", cashier=None)
    assert (len(pricings), Sale.objects.count()) == (1, 0)


def test_spending_that_no_sale_posted_counts_at_the_next_sale_once_it_was_told(programme, branch, member):
    confirm(quote=quoted(branch, member, 30_000), key="first-sale", cashier=None)
    assert Standing.objects.get(member=member).room == 20_000
    Sale.objects.update(list_total=49_900, total=49_900)  # as an import of old purchases would
    spending_changed(members=[member.pk])
    fresh = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(quote=quoted(branch, fresh, 200), key="second-sale", cashier=None)
    assert Standing.objects.select_related("tier").get(member=member).tier.code == "silver"


def test_without_being_told_it_would_be_missed_until_tomorrow(programme, branch, member):
    """The negative control: what was noted holds for the day."""
    confirm(quote=quoted(branch, member, 30_000), key="first-sale", cashier=None)
    Sale.objects.update(list_total=49_900, total=49_900)
    fresh = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(quote=quoted(branch, fresh, 200), key="second-sale", cashier=None)
    assert Standing.objects.select_related("tier").get(member=member).tier.code == "base"


def test_a_refund_makes_the_way_to_the_next_tier_longer_and_no_sale_outruns_it(programme, branch, member):
    sale = confirm(quote=quoted(branch, member, 30_000), key="first-sale", cashier=None)
    services.refund(sale=sale, key="refund-of-it", reason="", cashier=None)
    for number, tier in enumerate(["base", "base", "silver"]):
        fresh = Member.objects.select_related("standing__tier").get(pk=member.pk)
        confirm(quote=quoted(branch, fresh, 20_000), key=f"later-sale-{number}", cashier=None)
        assert Standing.objects.select_related("tier").get(member=member).tier.code == tier
