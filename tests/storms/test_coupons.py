"""S2, the coupon: many tills use one coupon in the same instant, many members claim one code, and one has it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from regulars import clock
from regulars.ledger.selectors import unbalanced
from regulars.loyalty.coupons.batches import make_codes, make_some, share_code
from regulars.loyalty.coupons.models import Coupon, CouponBatch, CouponState, CouponTemplate
from regulars.loyalty.coupons.services import claim, give, reserve, take
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.organisation.models import Branch, Staff
from regulars.people.models import Member
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("5.Speed"), pytest.mark.capability(88)]
CLIENTS = sized(8, 32)
ROUNDS = sized(4, 100)
SQL = "loyalty/sql/coupons.sql"

NO_STATE = (
    """               OR (coupon.state = 'issued' OR coupon.state = 'reserved' AND coupon.reserved_until <= instant)
                  AND (coupon.starts_at IS NULL OR coupon.starts_at <= instant)
                  AND (coupon.ends_at IS NULL OR coupon.ends_at > instant)
                  AND (coupon.member_id""",
    """               OR (coupon.member_id""",
)
NO_LIMIT = ("voided_at IS NULL AND (most_claims IS NULL OR claimed < most_claims)", "voided_at IS NULL")
NO_CLAIMS = "loyalty_couponbatch.loyalty_couponbatch_claimed"


def somebody() -> Member:
    """A member nobody has seen before."""
    return new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")


def ten_off(**over: Any) -> CouponTemplate:
    """A new coupon."""
    values: dict[str, Any] = {"kind": "amount", "value": 1_000, "words": {"en": "Ten off"}}
    return save_template(terms=TemplateTerms(**{**values, **over}))


def given(**over: Any) -> Coupon:
    """A coupon in the wallet of somebody new."""
    return give(member=somebody(), template=ten_off(**over), key=secrets.token_hex(8), by=Staff.objects.all()[0])


def offered(coupon: str, member: Member | None) -> Any:
    """A purchase with a coupon, as a till has it on its screen."""
    branch = Branch.objects.order_by("pk")[0]
    return quote(branch=branch, member=member, lines=[LineRequest("Tea", 5_000)], coupons=[coupon])


def pay(waiting: Any) -> Sale:
    """One till confirms."""
    return confirm(quote=waiting, key=secrets.token_hex(8), cashier=None)


def use_at_many_tills(crowd: Crowd, coupon: Coupon) -> list[Any]:
    """Every till has the coupon on its screen, and all confirm."""
    with business_context(crowd.business):
        waiting = [offered(coupon.code, coupon.member) for _ in range(crowd.size)]
    return crowd.at_once([partial(pay, each) for each in waiting])


def test_of_many_tills_that_use_one_coupon_exactly_one_succeeds(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            with business_context(crowd.business):
                coupon = given()
            answers = use_at_many_tills(crowd, coupon)
            assert len(successes(answers)) == 1
            assert len(refusals(answers)) == CLIENTS - 1
            assert set(refusals(answers)) <= {"StaleQuote", "CouponRefused"}
            with business_context(crowd.business):
                coupon.refresh_from_db()
                assert (coupon.state, coupon.amount) == (CouponState.USED, 1_000)
                assert coupon.sale_id == successes(answers)[0].pk
        with business_context(crowd.business):
            assert Sale.objects.count() == ROUNDS
            assert unbalanced() == []


def test_without_its_guard_one_coupon_is_used_at_several_tills(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with switched_off(business, SQL, NO_STATE), Crowd(business, CLIENTS) as crowd:
        with business_context(business):
            coupon = given()
        answers = use_at_many_tills(crowd, coupon)
    assert len(successes(answers)) > 1


def test_of_many_who_claim_one_code_exactly_one_has_it(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            members = [somebody() for _ in range(CLIENTS)]
            batch, _job = make_codes(
                template=ten_off(), name="Flyer", codes=ROUNDS, by=Staff.objects.all()[0], key=secrets.token_hex(8)
            )
            with transaction.atomic():
                make_some(batch=batch.public_id, codes=list(range(ROUNDS)))
            codes = list(Coupon.objects.filter(batch=batch).values_list("code", flat=True))
        for code in codes:
            answers = crowd.at_once([partial(claim, member=member, code=code) for member in members])
            assert len(successes(answers)) == 1
            assert refusals(answers) == ["Gone"] * (CLIENTS - 1)
        with business_context(crowd.business):
            batch.refresh_from_db()
            assert batch.claimed == ROUNDS


def claim_the_last(crowd: Crowd) -> tuple[list[Any], int, int]:
    """One is left of a shared code and everybody claims it; the answers, the count kept and the coupons there are."""
    with business_context(crowd.business):
        members = [somebody() for _ in range(crowd.size)]
        code = f"LAST{secrets.token_hex(4)}X"
        batch = share_code(template=ten_off(), name="Last", code=code, by=Staff.objects.all()[0], most_claims=1)
    answers = crowd.at_once([partial(claim, member=member, code=code) for member in members])
    with business_context(crowd.business):
        kept = CouponBatch.objects.get(pk=batch.pk).claimed
        return answers, kept, Coupon.objects.filter(batch=batch).count()


def test_of_many_who_claim_the_last_of_a_shared_code_exactly_one_has_it(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            answers, kept, there = claim_the_last(crowd)
            assert len(successes(answers)) == kept == there == 1
            assert refusals(answers) == ["Gone"] * (CLIENTS - 1)


def test_without_its_guards_more_is_claimed_than_there_is(open_business: Callable[..., Business]) -> None:
    business = open_business()
    with switched_off(business, SQL, NO_LIMIT, constraints=[NO_CLAIMS]), Crowd(business, CLIENTS) as crowd:
        answers, _kept, there = claim_the_last(crowd)
    assert len(successes(answers)) == there > 1


def test_many_windows_of_one_member_take_what_one_may_have(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            member, template = somebody(), ten_off(is_open=True, most_per_member=1)
        answers = crowd.at_once([lambda: take(member=member, template=template, key=secrets.token_hex(8))] * crowd.size)
        with business_context(crowd.business):
            assert Coupon.objects.filter(member=member).count() == 1
    assert len(successes(answers)) == 1
    assert refusals(answers) == ["UsedUp"] * (CLIENTS - 1)


def test_of_many_quotes_that_set_one_coupon_aside_exactly_one_has_it(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            with business_context(crowd.business):
                coupon = given()
                owner = coupon.member
            until = clock.now().replace(year=clock.now().year + 1)
            acts = [
                partial(reserve, codes=[coupon.public_id], holder=f"quo_{n}", until=until, member=owner)
                for n in range(crowd.size)
            ]
            answers = crowd.at_once(acts)
            assert refusals(answers) == ["StaleQuote"] * (CLIENTS - 1)


def test_a_refund_that_comes_many_times_gives_the_coupon_back_once(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            coupon = given()
            sale = pay(offered(coupon.code, coupon.member))
        acts = [lambda: refund(sale=sale, key=secrets.token_hex(8), reason="cold", cashier=None)] * crowd.size
        answers = crowd.at_once(acts)
        assert len(successes(answers)) == 1
        with business_context(crowd.business):
            coupon.refresh_from_db()
            assert coupon.state == CouponState.ISSUED
            assert list(coupon.moves.values_list("act", flat=True)) == ["used", "given_back"]
            assert unbalanced() == []


def test_one_click_that_comes_many_times_gives_one_coupon(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        with business_context(crowd.business):
            member, template, owner = somebody(), ten_off(), Staff.objects.all()[0]
        acts = [lambda: give(member=member, template=template, key="the-same-key", by=owner)] * crowd.size
        answers = crowd.at_once(acts)
        with business_context(crowd.business):
            assert Coupon.objects.filter(member=member).count() == 1
    assert len({answer.pk for answer in successes(answers)}) == 1
    assert refusals(answers) == []
