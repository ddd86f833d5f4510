"""Whatever a sale moved, its refund in any parts moves back: every account, lot, coupon, cap and tier as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import clock
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_product
from regulars.ledger.books import faults
from regulars.ledger.models import Account, Lot
from regulars.ledger.services import Leg, post
from regulars.loyalty.coupons.models import Coupon
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import CapUse, PointsRule, Standing, Tier, Track
from regulars.loyalty.points.gifts import change_points_settings
from regulars.loyalty.tiers.standing import evaluate
from regulars.people.models import Member
from regulars.plugins import switch
from regulars.sales.models import Sale
from regulars.sales.offset import payable
from regulars.sales.paying import Payment
from regulars.sales.quoting import LineRequest, draft
from regulars.sales.services import confirm, quote, refund

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.clause("5.4"),
    pytest.mark.capability(85),
    pytest.mark.capability(167),
]


@pytest.fixture
def shop(business, branch, member, owner):
    """All that has a say: a module, the member's own prices, a limited edition, coupons, points, caps, tiers."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 1", points=1, per_amount=100)
    PointsRule.objects.create(name="3 for cakes", points=3, per_amount=1000, categories=["cake"], cap_day=40)
    change_points_settings(by="", hundred_worth=100, offset_least=1)
    Track.objects.filter(is_default=True).update(refunds="at_once", keep_months=0, grace_days=0, downgrade="base")
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", discount=0)
    Tier.objects.create(
        track=Track.objects.get(is_default=True), code="gold", words={"en": "Gold"}, threshold=30_000, discount=700
    )
    tea = save_product(sku="TEA", words={"en": "Longjing"}, price=9_990)
    pot = save_product(sku="POT", words={"en": "Teapot"}, price=12_345, stock=50, tax_rate=1300, tax_included=False)
    own = save_book(kind="member", words={"en": "Your price"}, member=member)
    set_prices(book=own, product=tea, prices={1: 8_880, 3: 7_770})
    for points, days in ((700, 5), (900, None)):
        until = clock.now() + dt.timedelta(days=days) if days else None
        leg = Leg(wallet=member.wallet_id, asset="points", amount=points, house="points.issued", expires_at=until)
        post(key=f"given-{points}", kind="gift", legs=[leg])
    for name, kind, value in (("ten off", "amount", 1_000), ("a tenth off", "percent", 1_000)):
        template = save_template(
            terms=TemplateTerms(kind=kind, words={"en": name}, value=value, stacking="joint", most_per_sale=2)
        )
        give(member=member, template=template, key=f"given-{kind}", by=owner)
    switch.switch_on(name="specimen", by="Lin Owner")
    cache.clear()
    return {"tea": tea, "pot": pot}


def everything(member: Member) -> dict[str, Any]:
    """What a sale may move."""
    member.refresh_from_db()
    accounts = Account.objects.filter(wallet=member.wallet).order_by("asset")
    lots = Lot.objects.filter(account__wallet=member.wallet).order_by("pk")
    standing = Standing.objects.select_related("tier").get(member=member)
    return {
        "accounts": list(accounts.exclude(balance=0, held=0).values_list("asset", "balance", "held")),
        "lots": {lot.pk: (lot.remaining, lot.expires_at) for lot in lots if lot.remaining},
        "coupons": list(Coupon.objects.order_by("pk").values_list("pk", "state", "amount")),
        "caps": sum(CapUse.objects.values_list("used", flat=True)),
        "tier": standing.tier.code,
        "stock": list(type(member)._meta.apps.get_model("catalogue.Product").objects.values_list("sku", "stock")),
    }


LINES = st.lists(
    st.one_of(
        st.tuples(st.just("tea"), st.integers(1, 4)),
        st.tuples(st.just("pot"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["cake", ""]), st.integers(1, 20_000)),
    ),
    min_size=1,
    max_size=4,
)


def requests(lines: list[tuple[str, int]], shop: dict[str, Any]) -> list[LineRequest]:
    """Products by quantity, anything else by its price."""
    return [
        LineRequest(product=shop[what].public_id, quantity=number)
        if what in shop
        else LineRequest(what or "Thing", number, category=what)
        for what, number in lines
    ]


def sold(member: Member, branch: Any, lines: list[LineRequest], which: list[int], offset: int, cash: int) -> Sale:
    """Sell it with coupons, `offset` percent of the points that may pay, and `cash` percent of the money in cash."""
    coupons = list(Coupon.objects.order_by("pk").values_list("public_id", flat=True))
    chosen = [coupons[index] for index in which]
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    asked: dict[str, Any] = {"branch": branch, "member": buyer, "lines": lines, "coupons": chosen}
    may = payable(member=buyer, branch=branch, total=draft(**asked).total)
    offer = quote(**asked, points=may.most * offset // 100)
    to_pay = offer.content["total"] - offer.content["offset"]["amount"]
    paid = [Payment(source="cash", amount=to_pay * cash // 100)]
    paid.append(Payment(source="card", amount=to_pay - paid[0].amount))
    return confirm(quote=offer, key="the-one-sale", cashier=None, payments=paid)


@given(
    lines=LINES,
    which=st.lists(st.sampled_from([0, 1]), unique=True),
    offset=st.sampled_from([0, 0, 37, 100]),
    cash=st.sampled_from([0, 33, 100]),
    parts=st.lists(st.integers(1, 100), max_size=5),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_sale_refunded_in_any_parts_leaves_everything_as_it_was(
    shop, member, branch, lines, which, offset, cash, parts
):
    with transaction.atomic():
        before = everything(member)
        sale = sold(member, branch, requests(lines, shop), which, offset, cash)
        given_back = []
        for number, part in enumerate([*parts, 100]):
            sale.refresh_from_db()
            amount = (sale.total - sale.refunded_total) * part // 100
            if amount:
                done = refund(sale=sale, key=f"the-part-{number}", amount=amount, reason="", cashier=None)
                given_back += done.payments
                assert faults() == []
        if sale.total:
            assert everything(member) == before
            sale.refresh_from_db()
            assert (sale.refunded_total, sale.points_taken_back) == (sale.total, sale.points_earned)
            for payment in sale.payments.all():
                assert payment.refunded == payment.amount
                back = [each for each in given_back if each["source"] == payment.source]
                assert sum(each["units"] for each in back) == payment.units
        transaction.set_rollback(True)
    cache.clear()


def test_one_sale_refunded_by_thirds(shop, member, branch):
    before = everything(member)
    lines = requests([("tea", 3), ("pot", 1), ("cake", 5_000)], shop)
    sale = sold(member, branch, lines, [0, 1], 100, 50)
    # 299.70 + 139.50 + 50.00 at list price; 66.60 less for three of tea, 1.00 by the module, 10.00 and a tenth off
    assert (sale.list_total, sale.total) == (48_920, 37_044)
    assert Standing.objects.get(member=member).tier.code == "gold"
    assert [row.source for row in sale.payments.all()] == ["points", "cash", "card"]
    for number in range(3):
        sale.refresh_from_db()
        amount = (sale.total - sale.refunded_total) // (3 - number)
        refund(sale=sale, key=f"by-thirds-{number}", amount=amount, reason="", cashier=None)
        assert faults() == []
    assert everything(member) == before


def test_a_part_gives_no_coupon_back(shop, member, branch):
    sale = sold(member, branch, requests([("tea", 2)], shop), [0], 0, 100)
    refund(sale=sale, key="a-part-only", amount=sale.total - 1, reason="", cashier=None)
    assert Coupon.objects.order_by("pk")[0].state == "used"
    sale.refresh_from_db()
    refund(sale=sale, key="and-the-rest", reason="", cashier=None)
    assert Coupon.objects.order_by("pk")[0].state == "issued"


def test_an_evaluation_after_it_moves_nobody(shop, member, branch):
    sale = sold(member, branch, requests([("pot", 3)], shop), [], 0, 100)
    refund(sale=sale, key="the-whole-sale", reason="", cashier=None)
    assert evaluate(member=member, at="night") is None
