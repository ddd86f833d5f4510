"""Coupons from their terms to the receipt and back: given, claimed, used, given back, set aside, expired, void."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from regulars import clock
from regulars.errors import Gone, InvalidInput, KeyUsedBefore, RegularsError, StaleQuote, UsedUp
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import adjust
from regulars.loyalty.coupons.applying import CouponLine, apply, fitting
from regulars.loyalty.coupons.batches import make_codes, make_some, share_code, void_batch
from regulars.loyalty.coupons.codes import new_code, read_code, shown_code
from regulars.loyalty.coupons.ending import expire_due, next_end, next_release, release_due
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponMove, CouponState, CouponTemplate
from regulars.loyalty.coupons.reading import CouponRefused
from regulars.loyalty.coupons.services import claim, give, pass_on, release, reserve, take, void, welcome
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.services import cancel, redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, Terminal
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.capability(88), pytest.mark.django_db]
Make = Callable[..., CouponTemplate]
TEN = {"en": "¥10 off", "zh-hans": "立减10元"}
DAY = dt.timedelta(days=1)


@pytest.fixture
def made(branch: Branch) -> Make:
    """`made(value=…, days=…)`: a coupon in use, ten yuan off where nothing else is said."""

    def make(template: CouponTemplate | None = None, **over: Any) -> CouponTemplate:
        values: dict[str, Any] = {"kind": "amount", "value": 1_000, "words": TEN}
        return save_template(template=template, terms=TemplateTerms(**{**values, **over}), by="test")

    return make


@pytest.fixture
def other(branch: Branch) -> Member:
    """Another member."""
    return new_member(contact="+8613900139000", name="Wang Min")


@pytest.fixture
def given(made: Make, member: Member, owner: Staff) -> Callable[..., Coupon]:
    """`given(value=…)`: a coupon in the wallet of the member."""

    def hand(template: CouponTemplate | None = None, to: Member | None = None, **over: Any) -> Coupon:
        template = template or made(**over)
        return give(member=to or member, template=template, key=f"given-by-hand-{Coupon.objects.count()}", by=owner)

    return hand


def basket(*amounts: int, category: str = "") -> list[CouponLine]:
    """Lines at their list price."""
    return [
        CouponLine(position=place, amount=amount, list_amount=amount, category=category)
        for place, amount in enumerate(amounts, start=1)
    ]


def applied(coupon: Coupon | str, member: Member | None, branch: Branch, *amounts: int, **over: Any) -> Any:
    """What one coupon takes off."""
    told = coupon if isinstance(coupon, str) else coupon.code
    lines = over.pop("lines", None) or basket(*(amounts or (5_000,)))
    at = over.pop("at", None) or clock.now()
    return apply([told], member=member, branch=branch, terminal=over.pop("terminal", ""), lines=lines, at=at, **over)[0]


def refused(coupon: Coupon | str, member: Member | None, branch: Branch, *amounts: int, **over: Any) -> str:
    """Why a coupon does not fit, in English; in Chinese it says something else."""
    with pytest.raises(InvalidInput) as why:
        applied(coupon, member, branch, *amounts, **over)
    assert why.value.field == "coupons"
    with translation.override("zh-hans"), pytest.raises(InvalidInput) as chinese:
        applied(coupon, member, branch, *amounts, **over)
    assert any("\u4e00" <= char <= "\u9fff" for char in str(chinese.value).replace("立减10元", "")), str(chinese.value)
    return str(why.value)


def sold(branch: Branch, member: Member | None, cashier: Staff, *coupons: str, amount: int = 5_000) -> Sale:
    """A purchase with coupons."""
    lines = [LineRequest("Tea", amount)]
    told = quote(branch=branch, member=member, lines=lines, coupons=coupons)
    return confirm(quote=told, key=f"sale-{Sale.objects.count()}-key", cashier=cashier)


# From the wallet to the receipt and back ------------------------------------------------------------------------------


def test_a_coupon_is_used_by_a_sale_and_comes_back_with_a_full_refund(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    coupon = given()
    sale = sold(branch, member, cashier, shown_code(coupon.code).lower())
    assert (sale.total, sale.discount_total) == (4_000, 1_000)
    coupon.refresh_from_db()
    assert (coupon.state, coupon.sale_id, coupon.amount) == (CouponState.USED, sale.pk, 1_000)
    assert "used already" in refused(coupon, member, branch)
    refund(sale=sale, key="refund-a-half", amount=2_000, reason="cold", cashier=cashier)
    coupon.refresh_from_db()
    assert coupon.state == CouponState.USED, "a part of a refund gives no coupon back"
    refund(sale=sale, key="refund-the-rest", reason="cold", cashier=cashier)
    coupon.refresh_from_db()
    assert (coupon.state, coupon.sale_id, coupon.amount) == (CouponState.ISSUED, None, 0)
    assert list(CouponMove.objects.order_by("pk").values_list("act", flat=True)) == ["used", "given_back"]
    assert applied(coupon, member, branch).amount == 1_000
    assert unbalanced() == []


def test_a_coupon_used_meanwhile_makes_the_quote_stale_and_nothing_is_posted(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    coupon = given()
    told = quote(branch=branch, member=member, lines=[LineRequest("Tea", 5_000)], coupons=[coupon.code])
    sold(branch, member, cashier, coupon.code)
    with pytest.raises(RegularsError):
        confirm(quote=told, key="too-late-key", cashier=cashier)
    assert Sale.objects.count() == 1


def test_the_database_refuses_a_second_use_whatever_was_read_before(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    from regulars.sql_functions import call

    coupon = given()
    sale = sold(branch, member, cashier, coupon.code)
    document = {
        "sale": sale.pk,
        "member": member.pk,
        "at": clock.now().isoformat(),
        "day": clock.today().isoformat(),
        "coupons": [{"coupon": coupon.public_id, "amount": 5}],
    }
    with pytest.raises(StaleQuote), transaction.atomic():
        call("loyalty_use_coupons", document)
    coupon.refresh_from_db()
    assert coupon.amount == 1_000


def test_a_coupon_whose_end_is_past_comes_back_for_its_days_of_grace_and_only_once(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon], noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        coupon = given(days=2, grace_days=7)
        sale = sold(branch, member, cashier, coupon.code)
        ends = clock.start_of(clock.today() + 2 * DAY)
        coupon.refresh_from_db()
        assert coupon.ends_at == ends
    with clock.turned_to(noon + 4 * DAY):
        refund(sale=sale, key="refund-in-grace", reason="cold", cashier=cashier)
        coupon.refresh_from_db()
        assert (coupon.state, coupon.ends_at) == (CouponState.ISSUED, ends + 7 * DAY)
        again = sold(branch, member, cashier, coupon.code)
    with clock.turned_to(noon + 12 * DAY):
        refund(sale=again, key="refund-once-more", reason="cold", cashier=cashier)
        coupon.refresh_from_db()
        assert coupon.state == CouponState.EXPIRED


def test_a_refund_after_the_days_of_grace_gives_an_expired_coupon_back(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon], noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        coupon = given(days=2, grace_days=0)
        sale = sold(branch, member, cashier, coupon.code)
    with clock.turned_to(noon + 3 * DAY):
        refund(sale=sale, key="refund-too-late", reason="cold", cashier=cashier)
    coupon.refresh_from_db()
    assert (coupon.state, coupon.sale_id) == (CouponState.EXPIRED, None)


# What does not fit, in words ------------------------------------------------------------------------------------------


@pytest.mark.clause("5.Bad input")
def test_a_mistyped_code_is_told_from_one_that_nobody_has(member: Member, branch: Branch) -> None:
    code = new_code()
    wrong = code[:-1] + next(char for char in "23456789" if char != code[-1])
    assert "letter of the coupon code" in refused(wrong, member, branch)
    assert "No coupon has the code" in refused(code, member, branch)
    assert "No coupon has the code" in refused("NOSUCH", member, branch)
    with pytest.raises(InvalidInput):
        read_code("CP-123")


@pytest.mark.clause("5.Bad input")
def test_one_void_expired_or_of_another_day_says_so(
    member: Member, branch: Branch, given: Callable[..., Coupon], made: Make, noon: dt.datetime
) -> None:
    gone = void(coupon=given(), reason="printed twice", by="test")
    assert "declared void" in refused(gone, member, branch)
    with clock.turned_to(noon):
        short, later = given(days=1), given(starts_on=clock.today() + 3 * DAY)
        assert "can be used from" in refused(later, member, branch)
        assert "does not count on this weekday" in refused(
            given(weekdays=[(clock.today().weekday() + 1) % 7]), member, branch
        )
        today = clock.today()
        assert "does not count on" in refused(given(excluded_days=[(today - DAY, today)]), member, branch)
        assert "does not count on" in refused(given(excluded_days=[today]), member, branch)
        assert applied(given(excluded_days=[today + DAY]), member, branch).amount == 1_000
    with clock.turned_to(noon + DAY):
        assert "has expired" in refused(short, member, branch)


@pytest.mark.clause("5.Bad input")
def test_one_for_another_branch_or_till_says_where_it_counts(
    member: Member, branch: Branch, given: Callable[..., Coupon]
) -> None:
    lake = Branch.objects.create(name="West Lake")
    till = Terminal.objects.filter(branch=branch).first()
    assert "It is for West Lake, not for here" in refused(given(branches=[lake.public_id]), member, branch)
    assert applied(given(branches=[branch.public_id]), member, branch).amount == 1_000
    assert till is not None
    own = given(terminals=[till.public_id])
    assert "other tills" in refused(own, member, branch, terminal="ter_another")
    assert applied(own, member, branch, terminal=till.public_id).amount == 1_000


def test_one_from_a_spending_of_says_how_much_is_missing(
    member: Member, branch: Branch, given: Callable[..., Coupon]
) -> None:
    coupon = given(least_spend=10_000, categories=["Tea"])
    assert "¥20.00 is missing" in refused(coupon, member, branch, lines=basket(8_000, category="tea"))
    assert "what it is for: Tea" in refused(coupon, member, branch, lines=basket(20_000, category="Cake"))
    assert applied(coupon, member, branch, lines=basket(10_000, category="TEA")).by_line == (1_000,)


def test_one_is_for_whom_its_condition_holds(member: Member, branch: Branch, given: Callable[..., Coupon]) -> None:
    coupon = given(condition={"field": "ledger.points", "is": "at_least", "value": 50})
    assert "For those of whom this holds" in refused(coupon, member, branch)
    adjust(wallet=member.wallet, asset="points", amount=60, key="points-to-it", reason="gift", actor="test")
    assert applied(coupon, member, branch).amount == 1_000


def test_one_of_another_member_counts_only_where_it_may_be_passed_on(
    member: Member, other: Member, branch: Branch, given: Callable[..., Coupon]
) -> None:
    own, free = given(), given(is_transferable=True)
    assert "another member" in refused(own, other, branch)
    assert "Add the member" in refused(own, None, branch)
    assert applied(free, other, branch).amount == 1_000
    assert applied(free, None, branch).amount == 1_000


def test_by_itself_one_goes_with_no_other(member: Member, branch: Branch, given: Callable[..., Coupon]) -> None:
    first, second = given(), given()
    at = clock.now()
    with pytest.raises(InvalidInput) as why:
        apply([first.code, second.code], member=member, branch=branch, terminal="", lines=basket(5_000), at=at)
    assert "used alone" in str(why.value)
    with pytest.raises(InvalidInput) as why:
        apply([first.code, first.public_id], member=member, branch=branch, terminal="", lines=basket(5_000), at=at)
    assert "already in this purchase" in str(why.value)


def stays(codes: list[str], member: Member, branch: Branch) -> tuple[list[str], list[str]]:
    """Which coupons stay when each that is refused is taken off, and why the others do not."""
    left, why = list(codes), []
    while True:
        try:
            apply(left, member=member, branch=branch, terminal="", lines=basket(50_000), at=clock.now())
        except CouponRefused as refusal:
            left.remove(refusal.coupon)
            why.append(str(refusal))
        else:
            return left, why


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("wrong", ["void", "mistyped", "of nobody"])
def test_only_the_coupon_that_cannot_be_used_is_refused_wherever_it_stands(
    member: Member, branch: Branch, given: Callable[..., Coupon], made: Make, place: int, wrong: str
) -> None:
    template = made(stacking="joint", most_per_sale=5)
    good = [given(template).code, given(template).public_id]
    sound = new_code()
    bad = {
        "void": void(coupon=given(template), reason="printed twice", by="test").code,
        "mistyped": sound[:-1] + next(char for char in "23456789" if char != sound[-1]),
        "of nobody": sound,
    }[wrong]
    left, why = stays([*good[:place], bad, *good[place:]], member, branch)
    assert (left, len(why)) == (good, 1)


@pytest.mark.parametrize("place", [1, 2, 3], ids=["second", "middle", "last"])
@pytest.mark.parametrize("stacking", ["exclusive", "joint"])
def test_only_the_coupon_that_clashes_is_refused_and_those_before_and_after_it_stay(
    member: Member, branch: Branch, given: Callable[..., Coupon], place: int, stacking: str
) -> None:
    good = [given(stacking="joint", stacking_group=name).code for name in ("money", "percent", "delivery")]
    clashing = given(stacking=stacking, stacking_group="money", words={"en": "Odd", "zh-hans": "单"}).code
    left, why = stays([*good[:place], clashing, *good[place:]], member, branch)
    assert left == good
    assert why == [
        "Coupon Odd: It is used alone. Take the other coupons off, or this one."
        if stacking == "exclusive"
        else "Coupon Odd: At most 1 of this sort fits in one purchase. Take one off."
    ]


def test_beside_one_that_is_used_alone_the_others_are_refused_by_its_name(
    member: Member, branch: Branch, given: Callable[..., Coupon]
) -> None:
    alone = given(words={"en": "Alone", "zh-hans": "独享"}).code
    others = [given(stacking="joint", stacking_group=name).code for name in ("money", "percent")]
    left, why = stays([alone, *others], member, branch)
    assert left == [alone]
    assert why == ["Coupon ¥10 off: Alone is used alone. Take that one off, or this one."] * 2
    with translation.override("zh-hans"):
        _left, why = stays([alone, *others], member, branch)
    assert set(why) == {"优惠券“立减10元”：“独享”不可与其他券同用，请去掉那张券或此券。"}


def test_of_two_of_which_a_day_allows_one_the_second_is_refused_before_anything_is_posted(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon], made: Make
) -> None:
    template = made(stacking="joint", most_per_sale=3, most_per_day=2)
    first, second, third = (given(template).code for _ in range(3))
    other = given(stacking="joint", stacking_group="percent").code
    left, why = stays([first, second, third, other], member, branch)
    assert left == [first, second, other]
    assert why == [
        "Coupon ¥10 off: It is one more of these than this day allows. Take one off; tomorrow it can be used."
    ]
    assert sold(branch, member, cashier, *left).total == 2_000


def test_of_the_codes_of_a_leaflet_the_one_beyond_what_a_member_may_have_is_refused_before_anything_is_posted(
    member: Member, branch: Branch, cashier: Staff, owner: Staff, made: Make
) -> None:
    template = made(stacking="joint", most_per_sale=3, most_per_member=2)
    batch, _job = make_codes(template=template, name="Leaflets", codes=3, by=owner)
    make_some(batch=batch.public_id, codes=[1, 2, 3])
    first, second, third = Coupon.objects.filter(batch=batch).order_by("pk").values_list("code", flat=True)
    left, why = stays([first, second, third], member, branch)
    assert left == [first, second]
    assert why == ["Coupon ¥10 off: It is one more of these than one member may have. Take one off."]
    with translation.override("zh-hans"):
        _left, why = stays([first, second, third], member, branch)
    assert why == ["优惠券“立减10元”：加上它就超过了每位会员可用的数量，请去掉一张。"]
    assert sold(branch, member, cashier, *left).total == 3_000
    assert "as many of these as one member" in refused(third, member, branch)


def test_what_the_others_take_off_is_what_they_take_off_without_the_refused(
    member: Member, branch: Branch, given: Callable[..., Coupon]
) -> None:
    ten = given(stacking="joint", stacking_group="money", order=1).code
    half = given(kind="percent", value=5_000, stacking="joint", stacking_group="percent", order=2).code
    alone = given().code
    left, _why = stays([half, alone, ten], member, branch)
    told = apply(left, member=member, branch=branch, terminal="", lines=basket(5_000), at=clock.now())
    assert [(each.code.replace("-", ""), each.amount) for each in told] == [(half, 2_000), (ten, 1_000)]


def test_joint_coupons_go_together_in_one_sale(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    ten = given(stacking="joint", stacking_group="money", order=1)
    half = given(kind="percent", value=5_000, stacking="joint", stacking_group="percent", order=2)
    assert sold(branch, member, cashier, half.code, ten.code).total == 2_000
    assert Coupon.objects.filter(state=CouponState.USED).count() == 2


def test_so_many_on_one_day_and_not_one_more(
    member: Member, other: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon], made: Make
) -> None:
    template = made(most_per_day=1)
    first, second = given(template), given(template, to=other)
    sold(branch, member, cashier, first.code)
    assert "one day allows" in refused(second, other, branch)
    with clock.turned_to(clock.now() + DAY):
        assert applied(second, other, branch).amount == 1_000


def test_a_gift_takes_nothing_off_and_is_handed_over(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    coupon = given(kind="gift", value=0, words={"en": "A mooncake", "zh-hans": "月饼一枚"})
    told = applied(coupon, member, branch)
    assert (told.amount, told.gift) == (0, "A mooncake")
    assert sold(branch, member, cashier, coupon.code).total == 5_000
    coupon.refresh_from_db()
    assert coupon.state == CouponState.USED


def test_one_item_free_is_one_piece_of_a_sale(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    coupon = given(kind="service", value=0, categories=["Cake"])
    lines = [LineRequest("Cake", 2_000, 3, "Cake"), LineRequest("Tea", 9_000, 1, "Tea")]
    told = quote(branch=branch, member=member, lines=lines, coupons=[coupon.code])
    assert confirm(quote=told, key="a-piece-is-free", cashier=cashier).total == 13_000


def test_the_counter_hears_which_coupons_fit_and_why_others_do_not(
    member: Member, branch: Branch, given: Callable[..., Coupon]
) -> None:
    small, large, far = given(value=500), given(value=2_000), given(least_spend=90_000)
    found = fitting(member=member, branch=branch, terminal="", lines=basket(5_000), at=clock.now())
    assert [each.coupon for each in found] == [large.public_id, small.public_id, far.public_id]
    assert [each.amount for each in found] == [2_000, 500, 0]
    assert found[2].why_not
    assert not found[2].fits


def test_more_coupons_ask_no_more_questions(member: Member, branch: Branch, given: Callable[..., Coupon]) -> None:
    at, lines = clock.now(), basket(50_000)
    codes = [given(stacking="joint", most_per_sale=9, least_spend=5, most_per_day=50).code for _ in range(6)]

    def questions(wanted: list[str]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            apply(wanted, member=member, branch=branch, terminal="", lines=lines, at=at)
        return len(asked)

    assert questions(codes) == questions(codes[:1]) <= 3
    assert questions([]) == 0


# Given, claimed, passed on --------------------------------------------------------------------------------------------


def test_staff_give_a_coupon_once_for_a_key(member: Member, other: Member, owner: Staff, made: Make) -> None:
    template = made(days=30)
    first = give(member=member, template=template, key="compensation-1", by=owner, reason="Waited long")
    assert give(member=member, template=template, key="compensation-1", by=owner).pk == first.pk
    with pytest.raises(KeyUsedBefore):
        give(member=other, template=template, key="compensation-1", by=owner)
    assert (first.number, first.given_by, first.reason) == (1, owner.public_id, "Waited long")
    assert first.ends_at == clock.start_of(clock.today() + 30 * DAY)
    entry = TrailEntry.objects.get(act="coupon.given")
    assert (entry.actor, entry.subject) == (owner.public_id, member.public_id)


def test_one_member_has_no_more_than_one_may(member: Member, given: Callable[..., Coupon], made: Make) -> None:
    template = made(most_per_member=2)
    given(template), given(template)
    with pytest.raises(UsedUp):
        given(template)
    with pytest.raises(IntegrityError), transaction.atomic():
        Coupon.objects.filter(number=2).update(number=1)


def test_of_a_limited_coupon_no_more_are_issued(
    member: Member, other: Member, given: Callable[..., Coupon], made: Make
) -> None:
    template = made(most_total=1)
    given(template)
    with pytest.raises(Gone):
        given(template, to=other)
    with pytest.raises(InvalidInput) as why:
        made(template, most_total=None, value=9)
    assert why.value.field == "value"
    with pytest.raises(IntegrityError), transaction.atomic():
        CouponTemplate.objects.filter(pk=template.pk).update(issued=2)


def test_a_code_of_a_batch_is_claimed_by_whoever_is_first(
    member: Member, other: Member, owner: Staff, branch: Branch, made: Make
) -> None:
    batch, job = make_codes(template=made(days=10), name="Flyer", codes=3, by=owner)
    assert job.total == 3
    assert make_some(batch=batch.public_id, codes=[1, 2, 3]) == 3
    code = Coupon.objects.filter(batch=batch).order_by("pk")[0].code
    own = claim(member=member, code=shown_code(code))
    assert (own.member, own.ends_at) == (member, clock.start_of(clock.today() + 10 * DAY))
    assert claim(member=member, code=code).pk == own.pk
    with pytest.raises(Gone):
        claim(member=other, code=code)
    batch.refresh_from_db()
    assert (batch.made, batch.claimed) == (3, 1)


def test_a_code_of_a_batch_can_be_used_without_being_claimed(
    member: Member, owner: Staff, branch: Branch, cashier: Staff, made: Make
) -> None:
    batch, _job = make_codes(template=made(), name="Flyer", codes=2, by=owner)
    make_some(batch=batch.public_id, codes=[1, 2])
    one, two = Coupon.objects.filter(batch=batch)
    assert sold(branch, None, cashier, one.code).total == 4_000
    sold(branch, member, cashier, two.code)
    two.refresh_from_db()
    assert (two.member, two.number) == (member, 1)


def test_a_code_that_nobody_claimed_in_time_is_over(
    member: Member, owner: Staff, branch: Branch, made: Make, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        until = clock.today() + DAY
        batch, _job = make_codes(template=made(), name="Flyer", codes=1, by=owner, claim_until=until)
        make_some(batch=batch.public_id, codes=[1])
        code = Coupon.objects.get().code
        assert applied(code, member, branch).amount == 1_000
    with clock.turned_to(noon + 2 * DAY):
        assert "has expired" in refused(code, member, branch)
        with pytest.raises(InvalidInput) as why:
            claim(member=member, code=code)
    assert why.value.field == "code"


def test_a_shared_code_is_claimed_once_by_each_and_not_more_often_than_it_may(
    member: Member, other: Member, owner: Staff, branch: Branch, made: Make
) -> None:
    batch = share_code(template=made(), name="Spring", code="spring 20", by=owner, most_claims=1)
    own = claim(member=member, code="SPRING20")
    assert claim(member=member, code="Spring-20").pk == own.pk
    with pytest.raises(Gone):
        claim(member=other, code="SPRING20")
    with pytest.raises(InvalidInput) as why:
        share_code(template=batch.template, name="Again", code="SPRING20", by=owner)
    assert why.value.field == "code"
    with pytest.raises(IntegrityError), transaction.atomic():
        CouponBatch.objects.update(claimed=2)


def test_a_shared_code_at_the_till_makes_a_coupon_and_counts_it(
    member: Member, other: Member, owner: Staff, branch: Branch, cashier: Staff, made: Make
) -> None:
    batch = share_code(template=made(most_per_member=1), name="Spring", code="SPRING20", by=owner, most_claims=2)
    assert "for members" in refused("SPRING20", None, branch)
    sale = sold(branch, member, cashier, "spring20")
    assert sale.total == 4_000
    assert "as many of these as one member" in refused("SPRING20", member, branch)
    refund(sale=sale, key="refund-it-all", reason="cold", cashier=cashier)
    own = Coupon.objects.get(batch=batch)
    assert (own.state, own.member) == (CouponState.ISSUED, member)
    assert sold(branch, member, cashier, "SPRING20").total == 4_000, "the one that came back"
    sold(branch, other, cashier, "SPRING20")
    batch.refresh_from_db()
    assert batch.claimed == 2


def test_a_shared_code_without_members_ends_with_its_purchase(
    owner: Staff, branch: Branch, cashier: Staff, made: Make
) -> None:
    batch = share_code(template=made(), name="Spring", code="SPRING20", by=owner)
    sale = sold(branch, None, cashier, "SPRING20")
    refund(sale=sale, key="refund-a-guest", reason="cold", cashier=cashier)
    assert Coupon.objects.get(batch=batch).state == CouponState.VOID
    assert sold(branch, None, cashier, "SPRING20").total == 4_000


def test_a_voided_batch_takes_its_unused_coupons_along(
    member: Member, owner: Staff, branch: Branch, cashier: Staff, made: Make
) -> None:
    batch, _job = make_codes(template=made(), name="Flyer", codes=3, by=owner)
    make_some(batch=batch.public_id, codes=[1, 2])
    used, open_one = Coupon.objects.filter(batch=batch).order_by("pk")
    sale = sold(branch, member, cashier, used.code)
    assert void_batch(batch=batch, reason="Printed twice", by=owner.public_id) == 1
    assert make_some(batch=batch.public_id, codes=[3]) == 0
    assert "declared void" in refused(open_one.code, member, branch)
    with pytest.raises(InvalidInput):
        claim(member=member, code=open_one.code)
    with pytest.raises(InvalidInput):
        void_batch(batch=batch, reason="Printed twice", by=owner.public_id)
    refund(sale=sale, key="refund-of-void", reason="cold", cashier=cashier)
    used.refresh_from_db()
    assert used.state == CouponState.VOID


def test_what_may_be_passed_on_goes_to_whoever_opens_the_link(
    member: Member, other: Member, given: Callable[..., Coupon]
) -> None:
    with pytest.raises(InvalidInput):
        pass_on(coupon=given(), member=member)
    mine = given(is_transferable=True, days=5)
    before = mine.code
    free = pass_on(coupon=mine, member=member)
    assert (free.member, free.code != before) == (None, True)
    theirs = claim(member=other, code=free.code)
    assert (theirs.pk, theirs.member) == (mine.pk, other)
    assert theirs.ends_at == mine.ends_at, "passing on makes no coupon younger"
    with pytest.raises(InvalidInput):
        claim(member=member, code=before)


def test_one_that_lies_open_is_taken_in_the_portal(member: Member, made: Make) -> None:
    template = made(is_open=True, most_per_member=1)
    assert take(member=member, template=template, key="take-one-1").member == member
    with pytest.raises(UsedUp):
        take(member=member, template=template, key="take-one-2")
    with pytest.raises(Gone):
        take(member=member, template=made(), key="take-one-3")


def test_whoever_joins_is_welcomed_once(made: Make, branch: Branch) -> None:
    made(occasion="welcome", is_given_by_itself=True)
    made(occasion="welcome")
    guest = new_member(contact="+8613900139001")
    assert len(welcome(member=guest)) == 1
    assert len(welcome(member=guest)) == 1
    assert Coupon.objects.filter(member=guest).count() == 1


# Set aside, expired, redeemed -----------------------------------------------------------------------------------------


def test_set_aside_for_one_quote_no_other_purchase_has_it(
    member: Member, branch: Branch, cashier: Staff, given: Callable[..., Coupon]
) -> None:
    coupon, until = given(), clock.now() + dt.timedelta(minutes=10)
    reserve(codes=[coupon.code], holder="quo_first", until=until, member=member)
    reserve(codes=[coupon.code], holder="quo_first", until=until, member=member)
    assert "set aside" in refused(coupon, member, branch)
    assert applied(coupon, member, branch, holder="quo_first").amount == 1_000
    with pytest.raises(StaleQuote):
        reserve(codes=[coupon.code], holder="quo_second", until=until, member=member)
    assert next_release(now=clock.now()) == until
    release(holder="quo_first")
    assert sold(branch, member, cashier, coupon.code).total == 4_000


def test_what_is_set_aside_too_long_is_let_go(member: Member, branch: Branch, given: Callable[..., Coupon]) -> None:
    coupon, until = given(), clock.now() + dt.timedelta(minutes=10)
    reserve(codes=[coupon.code], holder="quo_first", until=until, member=member)
    assert release_due(now=clock.now(), limit=10) == until
    assert release_due(now=until, limit=10) is None
    coupon.refresh_from_db()
    assert (coupon.state, coupon.reserved_for) == (CouponState.ISSUED, "")


def test_a_shared_code_set_aside_for_a_guest_is_counted_and_let_go(owner: Staff, made: Make) -> None:
    batch = share_code(template=made(), name="Spring", code="SPRING20", by=owner, most_claims=1)
    until = clock.now() + dt.timedelta(minutes=10)
    reserve(codes=["SPRING20"], holder="quo_first", until=until, member=None)
    with pytest.raises(StaleQuote):
        reserve(codes=["SPRING20"], holder="quo_second", until=until, member=None)
    release_due(now=until, limit=10)
    batch.refresh_from_db()
    assert batch.claimed == 0
    reserve(codes=["SPRING20"], holder="quo_second", until=until, member=None)


def test_coupons_expire_in_one_statement_however_many(
    member: Member, given: Callable[..., Coupon], made: Make, noon: dt.datetime
) -> None:
    with clock.turned_to(noon):
        template = made(days=1)
        coupons = [given(template) for _ in range(5)]
        ends = coupons[0].ends_at
    assert ends is not None
    assert expire_due(now=noon, limit=10) == ends == next_end(now=noon)
    with CaptureQueriesContext(connection) as asked:
        assert expire_due(now=ends, limit=10) is None
    assert Coupon.objects.filter(state=CouponState.EXPIRED).count() == 5
    assert len([each for each in asked if "UPDATE" in each["sql"]]) == 1


@pytest.mark.capability(70)
def test_a_reward_that_is_a_coupon_is_issued_at_redemption_and_void_with_its_cancellation(
    member: Member, branch: Branch, cashier: Staff, made: Make
) -> None:
    adjust(wallet=member.wallet, asset="points", amount=250, key="points-to-it", reason="gift", actor="test")
    reward = save_reward(kind="coupon", words=TEN, details={}, points=100, coupon=made(days=30), stock=5)
    first = redeem(member=member, reward=reward, key="redeem-one")
    coupon = Coupon.objects.get(member=member)
    assert (first.state, coupon.state, balance(member.wallet)) == ("handed_over", CouponState.ISSUED, 150)
    cancel(redemption=Redemption.objects.get(pk=first.pk), reason="Changed my mind", actor=member.public_id)
    coupon.refresh_from_db()
    assert (coupon.state, balance(member.wallet)) == (CouponState.VOID, 250)
    second = redeem(member=member, reward=reward, key="redeem-two")
    used = Coupon.objects.get(member=member, state=CouponState.ISSUED)
    sold(branch, member, cashier, used.code)
    with pytest.raises(InvalidInput) as why:
        cancel(redemption=Redemption.objects.get(pk=second.pk), reason="Too late", actor=member.public_id)
    assert "used or is over" in str(why.value)
    reward.refresh_from_db()
    assert reward.stock == 4
    assert unbalanced() == []


# Terms ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"words": {}}, "words"),
        ({"value": 0}, "value"),
        ({"kind": "percent", "value": 10_001}, "value"),
        ({"kind": "gift", "value": 5}, "value"),
        ({"kind": "shipping", "value": 0}, "categories"),
        ({"least_spend": -1}, "least_spend"),
        ({"most_off": 0}, "most_off"),
        ({"days": 0}, "days"),
        ({"most_total": 0}, "most_total"),
        ({"most_per_sale": 0}, "most_per_sale"),
        ({"grace_days": 999}, "grace_days"),
        ({"weekdays": [7]}, "weekdays"),
        ({"starts_on": dt.date(2026, 3, 2), "ends_on": dt.date(2026, 3, 1)}, "ends_on"),
        ({"excluded_days": [(dt.date(2026, 3, 2), dt.date(2026, 3, 1))]}, "excluded_days"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_their_field(made: Make, over: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as why:
        made(**over)
    assert why.value.field == field
    assert not CouponTemplate.objects.filter(kind="magic").exists()


def test_what_is_out_keeps_what_it_promised(made: Make, given: Callable[..., Coupon]) -> None:
    template = made()
    made(template, value=2_000)
    given(template)
    with pytest.raises(InvalidInput) as why:
        made(template, value=100)
    assert why.value.field == "value"
    assert made(template, value=2_000, words={"en": "Twenty off"}, is_active=False).is_active is False
