"""What cannot be, over the API: each is refused by its field in the caller's language, and nothing is posted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from regulars import clock
from regulars.api.models import Token
from regulars.api.services import hash_of_token, revoke_token
from regulars.ledger.models import Hold, Transaction
from regulars.ledger.selectors import balance, spendable
from regulars.ledger.services import adjust
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.organisation.models import Organisation, Staff
from regulars.organisation.services import change
from regulars.people.models import Member
from regulars.sales.models import Quote, Refund, Sale, SaleOnHold

pytestmark = [pytest.mark.clause("5.Bad input"), pytest.mark.clause("5.7")]
NOTHING = (0, 0, 0, 0, 0)


@pytest.fixture
def posted(business: Any) -> Callable[[], tuple[int, ...]]:
    """`posted()`: how much was posted since the fixture was asked for: sales, refunds, what waits, moves of value."""

    def counted() -> tuple[int, ...]:
        return tuple(model.objects.count() for model in (Sale, Refund, SaleOnHold, Transaction, Hold))

    before = counted()
    return lambda: tuple(now - then for now, then in zip(counted(), before, strict=True))


@pytest.fixture
def purse(member: Member, owner: Staff) -> Coupon:
    """A coupon of the member's, 10.00 off, and 1,000 points of which 100 pay 1.00."""
    from regulars.loyalty.points.gifts import change_points_settings

    change_points_settings(by="", hundred_worth=100)
    change(by="", payment_code="https://qr.example/1", payment_code_name="PayPay")
    adjust(wallet=member.wallet, asset="points", amount=1_000, key="some-points", reason="Gift", actor="test")
    template = save_template(terms=TemplateTerms(kind="amount", value=1_000, words={"en": "Ten off"}))
    return give(member=member, template=template, key="given-by-hand", by=owner)


def basket(member: Member | None = None, amount: int = 6_000, **more: Any) -> dict[str, Any]:
    """One line for somebody."""
    return {"member": member.public_id if member else "", "lines": [{"unit_price": amount}], **more}


def test_a_quote_that_grew_old_is_a_conflict_for_a_sale_and_for_a_hold(
    call: Any, member: Member, purse: Coupon, posted: Any
) -> None:
    price = call("/quotes", basket(member)).json()
    waits = {"quote": price["quote"], "payments": [{"source": "own_code", "amount": price["to_pay"]}]}
    with clock.turned_to(clock.now() + dt.timedelta(minutes=31)):
        for path, body in (("/sales", {"quote": price["quote"]}), ("/holds", waits)):
            english, chinese = call(path, body), call(path, body, language="zh-hans")
            assert (english.status_code, english.json()["field"]) == (409, "quote")
            assert "check the new price" in english.json()["detail"]
            assert english.json()["detail"] != chinese.json()["detail"]
    assert posted() == NOTHING


@pytest.mark.parametrize(("state", "words"), [("lost", "reported lost"), ("frozen", "This card is frozen")])
def test_a_card_lost_or_frozen_before_or_after_the_quote_spends_nothing_and_earns_on(
    call: Any, member: Member, purse: Coupon, posted: Any, state: str, words: str
) -> None:
    spending = [basket(member, coupons=[purse.code]), basket(member, points=500)]
    prices = [call("/quotes", body).json() for body in spending]
    member.cards.update(state=state)
    refused = [call("/quotes", body) for body in spending]
    for price in prices:
        waits = {"quote": price["quote"], "payments": [{"source": "own_code", "amount": price["to_pay"]}]}
        refused += [call("/sales", {"quote": price["quote"]}), call("/holds", waits)]
    for answer in refused:
        assert (answer.status_code, answer.json()["field"]) == (422, "card")
        assert words in answer.json()["detail"]
    purse.refresh_from_db()
    assert (posted(), purse.state, spendable(member.wallet)) == (NOTHING, CouponState.ISSUED, 1_000)
    done = call("/sales", {"quote": call("/quotes", basket(member)).json()["quote"]})
    assert done.status_code == 201
    assert balance(member.wallet) == 1_000 + done.json()["points_earned"]


def test_a_coupon_used_meanwhile_is_named_and_the_sale_goes_on_without_it(
    call: Any, member: Member, purse: Coupon
) -> None:
    named = basket(member, coupons=[purse.code])
    first, second = (call("/quotes", named).json()["quote"] for _ in range(2))
    assert call("/sales", {"quote": first}).status_code == 201
    late = call("/sales", {"quote": second})
    assert (late.status_code, late.json()["field"], Sale.objects.count()) == (422, "coupons", 1)
    assert "It was used already" in late.json()["detail"]
    assert late.json()["coupon"] == purse.public_id
    again = call("/quotes", named)
    assert (again.status_code, again.json()["coupon"]) == (422, purse.code)


@pytest.mark.parametrize(("currency", "price"), [("JPY", 1_200), ("KWD", 1_234)])
@pytest.mark.parametrize("wrong", [12.5, "12.5", "1.2345", "12.50 ¥", True, None])
def test_amounts_are_whole_minor_units_in_money_with_none_and_with_three_decimals(
    call: Any, business: Any, posted: Any, currency: str, price: int, wrong: Any
) -> None:
    Organisation.objects.update(currency=currency)
    cache.clear()
    refused = call("/quotes", {"lines": [{"unit_price": wrong}]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "lines.0.unit_price")
    told = call("/quotes", basket(amount=price)).json()
    assert (told["currency"], told["total"]) == (currency, price)
    part = call("/sales", {"quote": told["quote"], "payments": [{"source": "cash", "amount": wrong}]})
    short = call("/sales", {"quote": told["quote"], "payments": [{"source": "cash", "amount": price - 1}]})
    assert [part.status_code, short.status_code, posted()] == [422, 422, NOTHING]
    assert part.json()["errors"][0]["field"] == "payments.0.amount"
    assert call("/sales", {"quote": told["quote"]}).json()["total"] == price


def test_a_card_number_with_a_wrong_check_digit_is_nobodys(call: Any, member: Member) -> None:
    number = member.cards.get().number
    assert call(f"/members?text={number}").json()["member"]["member"] == member.public_id
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert call(f"/members?text={wrong}").json()["member"] is None


def test_the_key_of_a_sale_or_a_refund_with_another_body_is_a_conflict_and_posts_nothing_more(call: Any) -> None:
    one, other = (call("/quotes", basket(amount=amount)).json()["quote"] for amount in (1_000, 2_000))
    sale = call("/sales", {"quote": one}, key="sale-key-0001").json()["sale"]
    refused = [call("/sales", {"quote": other}, key="sale-key-0001")]
    assert call(f"/sales/{sale}/refunds", {"amount": 300, "reason": "cold"}, key="back-key-0001").status_code == 201
    refused.append(call(f"/sales/{sale}/refunds", {"amount": 301, "reason": "cold"}, key="back-key-0001"))
    refused.append(call("/sales", {"quote": other}, key="back-key-0001"))
    for answer in refused:
        assert (answer.status_code, answer.json()["field"]) == (409, "Idempotency-Key")
        assert "Use a new key" in answer.json()["detail"]
    assert [(each.total, each.refunded_total) for each in Sale.objects.all()] == [(1_000, 300)]


def test_a_revoked_token_posts_nothing_whatever_it_was_promised(
    call: Any, member: Member, purse: Coupon, owner: Staff, token_for: Callable[..., str], posted: Any
) -> None:
    secret = token_for()
    price = call("/quotes", basket(member, coupons=[purse.code]), token=secret).json()
    revoke_token(token=Token.objects.get(token_hash=hash_of_token(secret)), by=owner)
    waits = {"quote": price["quote"], "payments": [{"source": "own_code", "amount": price["to_pay"]}]}
    points = {"member": member.public_id, "points": 30, "reason": "sorry"}
    acts = [("/sales", {"quote": price["quote"]}), ("/holds", waits), ("/points/adjustments", points)]
    for path, body in acts:
        answer = call(path, body, token=secret)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert "The owner makes and revokes tokens" in answer.json()["detail"]
    assert (posted(), Quote.objects.count(), balance(member.wallet)) == (NOTHING, 1, 1_000)
