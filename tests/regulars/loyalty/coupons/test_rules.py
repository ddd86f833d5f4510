"""What the rules of coupons say, at the till: each kind, its days, for whom, what goes together, what comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars import clock
from regulars.errors import InvalidInput
from regulars.ledger.selectors import unbalanced
from regulars.loyalty.coupons.ending import expire_due
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import Standing, Tier
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.capability(88), pytest.mark.django_db]
Give = Callable[..., Coupon]
DAY = dt.timedelta(days=1)
TICK = dt.timedelta(seconds=1)
TEA, CAKE, DELIVERY = LineRequest("Tea", 6_000, 2, "Tea"), LineRequest("Cake", 2_000, 1, "Cake"), "Delivery"


@pytest.fixture
def given(member: Member, owner: Staff, branch: Branch) -> Give:
    """`given(value=…)`: a coupon of its own kind in the wallet of the member, ten yuan off where nothing is said."""

    def hand(to: Member | None = None, **over: Any) -> Coupon:
        values: dict[str, Any] = {"kind": "amount", "value": 1_000, "words": {"en": "A coupon"}}
        template = save_template(terms=TemplateTerms(**{**values, **over}))
        return give(member=to or member, template=template, key=f"given-{template.public_id}", by=owner)

    return hand


def asked(branch: Branch, member: Member | None, *coupons: Coupon, lines: list[LineRequest] | None = None) -> Any:
    """The quote of a pot of tea for two, a cake and the way there."""
    goods = [TEA, CAKE, LineRequest("Delivery", 800, 1, DELIVERY)] if lines is None else lines
    return quote(branch=branch, member=member, lines=goods, coupons=[one.code for one in coupons])


def to_pay(branch: Branch, member: Member | None, *coupons: Coupon) -> int:
    """What the same comes to."""
    return int(asked(branch, member, *coupons).content["total"])


def sold(branch: Branch, member: Member | None, *coupons: Coupon, key: str = "sold-with-it") -> Sale:
    """The same, paid: 148.00 without coupons."""
    return confirm(quote=asked(branch, member, *coupons), key=key, cashier=None)


# One model ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "total"),
    [
        ({"kind": "amount", "value": 1_000}, 13_800),
        ({"kind": "percent", "value": 1_250}, 12_950),
        ({"kind": "percent", "value": 5_000, "most_off": 3_000}, 11_800),
        ({"kind": "percent", "value": 5_000, "categories": ["Cake"]}, 13_800),
        ({"kind": "gift", "value": 0}, 14_800),
        ({"kind": "service", "value": 0}, 8_800),
        ({"kind": "service", "value": 0, "categories": ["Cake"]}, 12_800),
        ({"kind": "shipping", "value": 0, "categories": [DELIVERY]}, 14_000),
        ({"kind": "amount", "value": 99_900}, 0),
    ],
)
def test_each_kind_takes_off_what_it_promises(
    member: Member, branch: Branch, given: Give, terms: dict[str, Any], total: int
) -> None:
    coupon = given(**terms)
    sale = sold(branch, member, coupon)
    coupon.refresh_from_db()
    assert (sale.total, coupon.state, coupon.amount) == (total, CouponState.USED, 14_800 - total)


def test_one_for_a_tier_is_for_who_stands_on_it(member: Member, branch: Branch, given: Give) -> None:
    gold = Tier.objects.order_by("-threshold")[0]
    coupon = given(condition={"field": "loyalty.tier", "is": "any_of", "value": [gold.code]})
    with pytest.raises(InvalidInput, match="For those of whom this holds"):
        asked(branch, member, coupon)
    Standing.objects.filter(member=member).update(tier=gold)
    buyer = type(member).objects.get(pk=member.pk)
    assert to_pay(branch, buyer, coupon) == 14_800 * (10_000 - gold.discount) // 10_000 - 1_000


# Its days -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Auckland"])
def test_its_last_day_is_a_day_of_the_business_and_counts_in_full(
    member: Member, branch: Branch, given: Give, zone: str
) -> None:
    """A day cut in UTC would end it at eight in the morning in Shanghai."""
    with timezone.override(zone):
        first = dt.date(2026, 3, 10)
        with clock.turned_to(clock.start_of(first)):
            coupon = given(days=3)
        ends = clock.start_of(first + 3 * DAY)
        assert coupon.ends_at == ends
        with clock.turned_to(ends - TICK):
            assert to_pay(branch, member, coupon) == 13_800
            assert expire_due(now=clock.now(), limit=10) == ends
        with clock.turned_to(ends), pytest.raises(InvalidInput, match="has expired"):
            asked(branch, member, coupon)
        expire_due(now=ends, limit=10)
    coupon.refresh_from_db()
    assert coupon.state == CouponState.EXPIRED


@pytest.mark.parametrize(
    ("terms", "last"),
    [
        ({"ends_on": dt.date(2026, 3, 31)}, dt.date(2026, 3, 31)),
        ({"days": 7}, dt.date(2026, 3, 16)),
        ({"days": 7, "ends_on": dt.date(2026, 3, 12)}, dt.date(2026, 3, 12)),
        ({"days": 7, "ends_on": dt.date(2026, 3, 31)}, dt.date(2026, 3, 16)),
    ],
    ids=["a fixed window", "days from receipt", "both, the window first", "both, the days first"],
)
def test_it_is_good_for_a_fixed_window_or_for_days_from_receipt(
    branch: Branch, given: Give, terms: dict[str, Any], last: dt.date
) -> None:
    with clock.turned_to(clock.start_of(dt.date(2026, 3, 10)) + DAY / 2):
        assert given(**terms).ends_at == clock.start_of(last + DAY)


def test_so_many_on_one_day_begins_anew_with_the_businesss_midnight(
    member: Member, branch: Branch, given: Give, owner: Staff
) -> None:
    midnight = clock.start_of(dt.date(2026, 3, 11))
    other = new_member(contact="+8613900139000")
    with clock.turned_to(midnight - TICK):
        first = given(most_per_day=1)
        second = give(member=other, template=first.template, key="given-to-another", by=owner)
        sold(branch, member, first)
        with pytest.raises(InvalidInput, match="one day allows"):
            asked(branch, other, second)
    with clock.turned_to(midnight):
        assert sold(branch, other, second, key="sold-the-next-day").total == 13_800


# What goes together ---------------------------------------------------------------------------------------------------


def test_a_percent_counts_from_the_list_price_or_from_what_the_tier_left(
    member: Member, branch: Branch, given: Give
) -> None:
    gold = Tier.objects.order_by("-threshold")[0]
    Tier.objects.filter(pk=gold.pk).update(discount=1_000)
    cache.clear()
    Standing.objects.filter(member=member).update(tier=gold)
    from_list = given(kind="percent", value=2_000, basis="initial")
    from_rest = given(kind="percent", value=2_000)
    buyer = type(member).objects.select_related("standing__tier").get(pk=member.pk)
    assert to_pay(branch, buyer) == 13_320
    assert to_pay(branch, buyer, from_list) == 13_320 - 2_960
    assert to_pay(branch, buyer, from_rest) == 13_320 - 2_664


def test_one_coupon_a_sale_unless_they_are_joint(member: Member, branch: Branch, given: Give) -> None:
    with pytest.raises(InvalidInput, match="used alone"):
        asked(branch, member, given(), given())
    joint = {"stacking": "joint", "stacking_group": "ten"}
    assert sold(branch, member, given(**joint, most_per_sale=2), given(**joint, most_per_sale=2)).total == 12_800
    with pytest.raises(InvalidInput, match="At most 1 of this sort"):
        asked(branch, member, given(**joint), given(**joint))


# What comes back ------------------------------------------------------------------------------------------------------


def test_refunded_three_times_a_third_the_coupon_comes_back_with_the_last(
    member: Member, branch: Branch, given: Give
) -> None:
    coupon = given(kind="percent", value=1_000)
    sale = sold(branch, member, coupon)
    states = []
    for number, amount in enumerate((4_440, 4_440, 4_440)):
        refund(sale=sale, key=f"a-third-{number}", amount=amount, reason="cold", cashier=None)
        coupon.refresh_from_db()
        states.append(coupon.state)
    assert (sale.total, states) == (13_320, ["used", "used", "issued"])
    assert (coupon.sale_id, coupon.amount, unbalanced()) == (None, 0, [])


def test_a_repeated_refund_changes_nothing_about_a_coupon_that_is_used_again(
    member: Member, branch: Branch, given: Give
) -> None:
    coupon = given()
    first = sold(branch, member, coupon)
    refund(sale=first, key="given-back-once", reason="cold", cashier=None)
    second = sold(branch, member, coupon, key="sold-once-more")
    refund(sale=first, key="given-back-once", reason="cold", cashier=None)
    coupon.refresh_from_db()
    assert (coupon.state, coupon.sale_id) == (CouponState.USED, second.pk)
    assert list(coupon.moves.order_by("pk").values_list("act", flat=True)) == ["used", "given_back", "used"]
