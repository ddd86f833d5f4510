"""What cannot be at the till: each is refused in words, what was typed stays, and nothing is posted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from regulars.ledger.models import Hold, Transaction
from regulars.ledger.selectors import balance, spendable
from regulars.ledger.services import adjust
from regulars.loyalty.coupons.models import Coupon, CouponState
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.organisation.models import Organisation
from regulars.sales.models import Sale, SaleOnHold
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("5.Bad input"), pytest.mark.clause("5.6")]


@pytest.fixture
def ten_off(member: Member, owner: Staff) -> Coupon:
    """A coupon of the member's: 10.00 off."""
    template = save_template(terms=TemplateTerms(kind="amount", value=1_000, words={"en": "¥10 off"}), by="test")
    return give(member=member, template=template, key="given-by-hand", by=owner)


@pytest.fixture
def points(member: Member) -> int:
    """1,000 points of the member's; 100 of them pay 1.00."""
    from regulars.loyalty.points.gifts import change_points_settings

    change_points_settings(by="", hundred_worth=100)
    adjust(wallet=member.wallet, asset="points", amount=1_000, key="some-points", reason="Gift", actor="test")
    return 1_000


@pytest.fixture
def posted() -> Callable[[], tuple[int, ...]]:
    """`posted()`: how much was posted since the fixture was asked for: sales, what waits, and moves of value."""

    def counted() -> tuple[int, ...]:
        return tuple(model.objects.count() for model in (Sale, SaleOnHold, Transaction, Hold))

    before = counted()
    return lambda: tuple(now - then for now, then in zip(counted(), before, strict=True))


NOTHING = (0, 0, 0, 0)


def test_a_coupon_used_meanwhile_comes_off_with_a_word_and_nothing_is_posted(
    till: Any, branch: Branch, member: Member, ten_off: Coupon, basket: Any, carried: Any
) -> None:
    lines = basket("30", member=member.public_id, coupon=ten_off.public_id)
    sent = carried(till.post(**lines))
    elsewhere = quote(branch=branch, member=member, lines=[LineRequest("Tea", 5_000)], coupons=[ten_off.code])
    other = confirm(quote=elsewhere, key="used-elsewhere", cashier=None)
    answer = till.post("pay/", **{**lines, **sent})
    assert (answer.status_code, list(Sale.objects.all())) == (422, [other])
    page = answer.content.decode()
    assert "It was used already" in page
    assert "Take ¥30.00" in page
    assert f'name="coupon" value="{ten_off.public_id}"' not in page


@pytest.mark.parametrize(("state", "words"), [("lost", "reported lost"), ("frozen", "This card is frozen")])
def test_a_card_lost_or_frozen_meanwhile_spends_nothing_and_says_what_to_do(
    till: Any,
    member: Member,
    ten_off: Coupon,
    points: int,
    basket: Any,
    carried: Any,
    posted: Any,
    state: str,
    words: str,
) -> None:
    lines = basket("30", member=member.public_id, coupon=ten_off.public_id, points="1000")
    sent = carried(till.post(**lines))
    member.cards.update(state=state)
    answer = till.post("pay/", **{**lines, **sent})
    page = answer.content.decode()
    assert (answer.status_code, posted()) == (422, NOTHING)
    assert words in page
    ten_off.refresh_from_db()
    assert (ten_off.state, spendable(member.wallet)) == (CouponState.ISSUED, points)
    assert "Take ¥30.00" in page, "without what rests the sale goes on, and earns"
    assert 'name="coupon" value=' not in page
    plain = basket("30", member=member.public_id)
    assert till.post("pay/", **{**plain, **carried(answer)}).status_code == 302
    assert balance(member.wallet) == points + Sale.objects.get().points_earned


def test_a_member_of_another_branch_is_served_but_what_they_bought_there_is_not_given_back_here(
    till: Any, second_branch: Branch, sell: Callable[..., Sale], basket: Any, carried: Any
) -> None:
    from tests.conftest import new_member

    far = new_member(contact="+8613900139000", name="Wang Min", branch=second_branch)
    there = sell(second_branch, far, 20_000)
    found = till.enter("13900139000", **basket("30"))
    assert carried(found)["member"] == far.public_id
    assert "13900139000" not in found.content.decode(), "only in part"
    for path in (f"sales/{there.public_id}/refund/", f"sales/{there.public_id}/void/"):
        refused = till.post(path, amount="5", reason="x", confirm="1", key="k" * 12)
        assert refused.status_code == 404
    there.refresh_from_db()
    assert (there.refunded_total, balance(far.wallet)) == (0, there.points_earned)
    lines = basket("30", member=far.public_id)
    assert till.post("pay/", **{**lines, **carried(found)}).status_code == 302
    assert Sale.objects.filter(member=far).count() == 2


def test_a_price_of_a_product_changed_between_quote_and_payment_is_shown_first(
    till: Any, branch: Branch, carried: Any, posted: Any
) -> None:
    from regulars.catalogue.services.products import save_product

    tea = save_product(sku="TEA-1", words={"en": "Longjing"}, price=3_600)
    lines = {"description": "", "price": "", "quantity": "1", "product": tea.public_id}
    sent = carried(till.post(**lines))
    save_product(product=tea, sku="TEA-1", words={"en": "Longjing"}, price=4_200)
    answer = till.post("pay/", **{**lines, **sent})
    page = answer.content.decode()
    assert (answer.status_code, posted()) == (409, NOTHING)
    assert "check the new price" in page
    assert "Take ¥42.00" in page


@pytest.mark.parametrize(
    ("currency", "wrong", "right", "total"), [("JPY", "12.5", "1200", 1_200), ("KWD", "1.2345", "1.234", 1_234)]
)
def test_amounts_have_as_many_decimals_as_their_money(
    till: Any,
    branch: Branch,
    basket: Any,
    carried: Any,
    posted: Any,
    currency: str,
    wrong: str,
    right: str,
    total: int,
) -> None:
    Organisation.objects.update(currency=currency)
    cache.clear()
    typed = till.enter(wrong)
    assert (typed.status_code, 'aria-invalid="true"' in typed.content.decode()) == (422, True)
    marked = till.post("change/", **basket(wrong)).content.decode()
    assert "decimals" in marked
    page = till.post(**basket(right))
    sent = {**basket(right), **carried(page)}
    short = till.post("pay/", **sent, received=wrong)
    assert (short.status_code, posted()) == (422, NOTHING)
    assert "decimals" in short.content.decode()
    assert till.post("pay/", **sent, received=right).status_code == 302
    assert Sale.objects.get().total == total


def test_a_coupon_or_card_with_a_wrong_check_digit_is_said_so_and_takes_nothing(
    till: Any, member: Member, ten_off: Coupon, basket: Any, posted: Any
) -> None:
    code = ten_off.code[:-1] + ("2" if ten_off.code[-1] != "2" else "3")
    page = till.enter(code, **basket("30", member=member.public_id)).content.decode()
    assert "A letter of the coupon code" in page
    assert "Take ¥30.00" in page
    assert f'name="coupon" value="{code}"' not in page
    number = member.cards.get().number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    asked = till.enter(wrong, **basket("30"))
    assert (asked.status_code, posted()) == (422, NOTHING)
    assert "Neither a member nor a product" in asked.content.decode()


@pytest.mark.parametrize("count", [61, 200, 1_000])
def test_too_many_lines_are_refused_and_none_is_left_out_in_silence(
    till: Any, basket: Any, carried: Any, posted: Any, count: int
) -> None:
    lines = basket(*["1"] * count)
    page = till.post(**lines)
    if count * 3 > 2_000:
        assert page.status_code == 400, "so many fields are no form at all"
        return
    shown = page.content.decode()
    assert "at most 60 lines" in shown
    assert shown.count('name="price"') == count
    answer = till.post("pay/", **{**lines, **carried(page), "quote": "quo_none", "key": "k" * 12})
    assert (answer.status_code, posted()) == (422, NOTHING)
    fewer = till.post(**basket(*["1"] * 60))
    assert "Take ¥60.00" in fewer.content.decode()


@pytest.mark.parametrize("typed", ["-2*5", "2*-5", "0*5", "-5"])
def test_negative_quantities_and_amounts_are_refused_beside_the_field(till: Any, posted: Any, typed: str) -> None:
    answer = till.enter(typed)
    page = answer.content.decode()
    assert (answer.status_code, posted()) == (422, NOTHING)
    assert 'aria-invalid="true"' in page
    assert f'value="{typed}"' in page


def test_who_was_dismissed_while_the_till_stood_open_posts_nothing(
    till: Any, cashier: Staff, owner: Staff, member: Member, basket: Any, carried: Any, posted: Any
) -> None:
    from regulars.organisation.team.services import dismiss

    lines = basket("30", member=member.public_id)
    sent = carried(till.post(**lines))
    dismiss(staff=cashier, by=owner)
    answer = till.post("pay/", **{**lines, **sent})
    assert (answer["HX-Redirect"], posted()) == ("/account/login/?next=/counter/", NOTHING)


def test_an_eleventh_coupon_is_refused_and_the_ten_stay(
    till: Any, member: Member, owner: Staff, basket: Any, posted: Any
) -> None:
    terms = TemplateTerms(kind="amount", value=100, words={"en": "¥1 off"}, stacking="joint", most_per_sale=20)
    template = save_template(terms=terms, by="test")
    codes = [give(member=member, template=template, key=f"by-hand-{number}", by=owner).code for number in range(11)]
    lines = basket("30", member=member.public_id, coupon=codes[:10])
    for answer in (till.enter(codes[10], **lines), till.post(**lines, coupon_on=codes[10])):
        page = answer.content.decode()
        assert (answer.status_code, posted()) == (422, NOTHING)
        assert "At most 10 coupons fit in one purchase." in page
        assert re.findall('name="coupon" value="([^"]*)"', page) == codes[:10]
        assert "Take ¥20.00" in page
