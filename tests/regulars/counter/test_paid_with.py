"""Products by scan and name, coupons by one key, points, and several ways of paying, at the till."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.catalogue.models import Product
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("5.6"), pytest.mark.capability(146)]


@pytest.fixture
def tea(branch: Branch) -> Product:
    """A product with a bar code, for 36.00."""
    from regulars.catalogue.services.products import save_product

    return save_product(sku="TEA-1", words={"en": "Longjing", "zh-hans": "龙井"}, price=3_600, barcode="6901234567892")


def of_product(product: Product, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A line of a product as the form sends it."""
    return {"description": "", "price": "", "quantity": str(quantity), "product": product.public_id, **more}


def test_a_scanned_product_becomes_a_line_and_scanned_again_one_piece_more(till: Any, tea: Product) -> None:
    page = till.enter("6901234567892").content.decode()
    assert "Longjing" in page
    assert "¥36.00" in page
    twice = till.enter("6901234567892", **of_product(tea)).content.decode()
    assert "¥72.00" in twice
    assert 'id="line-2-price"' not in twice


def test_a_product_is_found_by_its_name_and_several_are_asked_about(till: Any, tea: Product) -> None:
    from regulars.catalogue.services.products import save_product

    assert "¥36.00" in till.enter("longj").content.decode()
    save_product(sku="TEA-2", words={"en": "Longjing, large"}, price=6_000)
    asked = till.enter("longj").content.decode()
    assert "Which product?" in asked
    assert 'data-key="2"' in asked
    assert "¥36.00" in till.post(product_taken=tea.public_id).content.decode()


def test_what_the_catalogue_says_is_charged_whatever_the_page_sends(till: Any, tea: Product, carried: Any) -> None:
    from regulars.sales.models import Sale

    lines = of_product(tea, 2, price="0.01", description="Gold")
    assert till.post("pay/", **lines, **carried(till.post(**lines))).status_code == 302
    sale = Sale.objects.get()
    assert (sale.total, sale.lines.get().description, sale.lines.get().product) == (7_200, "Longjing", tea.public_id)


def test_a_product_that_is_none_is_refused_beside_the_field(till: Any) -> None:
    answer = till.post(product_taken="prd_zzzzzzzzzzzzzzzz")
    assert answer.status_code == 422
    assert 'id="counter-field_error"' in answer.content.decode()


@pytest.mark.capability(88)
def test_a_coupon_that_fits_is_used_by_one_key_and_taken_off_again(
    till: Any, member: Member, owner: Staff, basket: Any, carried: Any
) -> None:
    from regulars.loyalty.coupons.models import CouponState
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template
    from regulars.sales.models import Sale

    terms = TemplateTerms(kind="amount", value=1_000, words={"en": "¥10 off"}, least_spend=2_000)
    coupon = give(member=member, template=save_template(terms=terms, by="test"), key="given-by-hand", by=owner)
    small = till.post(**basket("10", member=member.public_id)).content.decode()
    assert f'name="coupon_on" value="{coupon.public_id}"' not in small, "it does not fit, and says why"
    lines = basket("30", member=member.public_id)
    assert 'data-key="F2"' in till.post(**lines).content.decode()
    used = till.post(**lines, coupon_on=coupon.public_id)
    assert "Take ¥20.00" in used.content.decode()
    off = till.post(**lines, coupon=coupon.public_id, coupon_off=coupon.public_id)
    assert "Take ¥30.00" in off.content.decode()
    assert till.post("pay/", **{**lines, **carried(used), "coupon": coupon.public_id}).status_code == 302
    coupon.refresh_from_db()
    assert (Sale.objects.get().total, coupon.state) == (2_000, CouponState.USED)


def test_a_coupon_that_clashes_comes_off_and_the_one_before_it_stays(
    till: Any, member: Member, owner: Staff, basket: Any
) -> None:
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template

    def given(value: int) -> str:
        terms = TemplateTerms(kind="amount", value=value, words={"en": f"{value} off"}, stacking="exclusive")
        template = save_template(terms=terms, by="test")
        return str(give(member=member, template=template, key=f"by-hand-{value}", by=owner).public_id)

    first, second = given(1_000), given(500)
    page = till.post(**basket("30", member=member.public_id, coupon=first, coupon_on=second)).content.decode()
    assert "Take ¥20.00" in page
    assert f'name="coupon_off" value="{first}"' in page
    assert f'name="coupon_off" value="{second}"' not in page


@pytest.fixture
def joint(member: Member, owner: Staff) -> list[str]:
    """Three coupons of the member's that go together: 10.00, 5.00 and 2.00 off."""
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template

    def given(value: int) -> str:
        terms = TemplateTerms(
            kind="amount", value=value, words={"en": f"{value} off"}, stacking="joint", stacking_group=str(value)
        )
        template = save_template(terms=terms, by="test")
        return str(give(member=member, template=template, key=f"by-hand-{value}", by=owner).public_id)

    return [given(value) for value in (1_000, 500, 200)]


@pytest.mark.parametrize(("place", "to_pay"), [(0, 2_300), (1, 1_800), (2, 1_500)], ids=["first", "middle", "last"])
def test_only_the_coupon_that_was_used_meanwhile_comes_off_wherever_it_stands(
    till: Any, member: Member, basket: Any, carried: Any, joint: list[str], place: int, to_pay: int
) -> None:
    from regulars.loyalty.coupons.models import Coupon, CouponState
    from regulars.loyalty.coupons.services import void
    from regulars.sales.models import Sale

    lines = basket("30", member=member.public_id, coupon=joint)
    sent = carried(till.post(**lines))
    void(coupon=Coupon.objects.get(public_id=joint[place]), reason="By mistake", by="")
    answer = till.post("pay/", **{**lines, **sent})
    page = answer.content.decode()
    assert (answer.status_code, Sale.objects.count()) == (422, 0)
    assert "It was declared void" in page
    stay = [each for each in joint if each != joint[place]]
    assert re.findall('name="coupon" value="([^"]*)"', page) == stay
    assert till.post("pay/", **{**lines, **carried(answer), "coupon": stay}).status_code == 302
    assert Sale.objects.get().total == to_pay
    assert Coupon.objects.filter(state=CouponState.USED).count() == 2


def test_each_coupon_that_comes_off_says_why_and_the_others_stay(
    till: Any, member: Member, owner: Staff, basket: Any, joint: list[str]
) -> None:
    from regulars.loyalty.coupons.models import Coupon
    from regulars.loyalty.coupons.services import give, void
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template

    template = save_template(terms=TemplateTerms(kind="amount", value=900, words={"en": "Lone"}), by="test")
    alone = give(member=member, template=template, key="by-hand-900", by=owner).public_id
    void(coupon=Coupon.objects.get(public_id=joint[0]), reason="By mistake", by="")
    page = till.post(**basket("30", member=member.public_id, coupon=[*joint[:2], alone, joint[2]])).content.decode()
    assert "Coupon 1000 off: It was declared void and cannot be used." in page
    assert "Coupon Lone: It is used alone." in page
    assert re.findall('name="coupon" value="([^"]*)"', page) == joint[1:]
    assert "Take ¥23.00" in page


def test_a_coupon_that_fits_no_more_comes_off_with_a_word(till: Any, member: Member, owner: Staff, basket: Any) -> None:
    from regulars.loyalty.coupons.services import give
    from regulars.loyalty.coupons.templating import TemplateTerms, save_template

    terms = TemplateTerms(kind="amount", value=1_000, words={"en": "¥10 off"}, least_spend=2_000)
    coupon = give(member=member, template=save_template(terms=terms, by="test"), key="given-by-hand", by=owner)
    page = till.post(**basket("15", member=member.public_id, coupon=coupon.public_id)).content.decode()
    assert "Take ¥15.00" in page
    assert f'name="coupon" value="{coupon.public_id}"' not in page


@pytest.mark.capability(71)
def test_points_pay_a_part(till: Any, member: Member, basket: Any, carried: Any) -> None:
    from regulars.ledger.selectors import balance
    from regulars.ledger.services import adjust
    from regulars.loyalty.points.gifts import change_points_settings
    from regulars.sales.models import Sale

    change_points_settings(by="", hundred_worth=100)
    adjust(wallet=member.wallet, asset="points", amount=1_000, key="some-points", reason="Gift", actor="test")
    lines = basket("30", member=member.public_id)
    assert "Use 1,000 points for ¥10.00" in till.post(**lines).content.decode()
    used = till.post(**lines, use_points="1000")
    assert "Take ¥20.00" in used.content.decode()
    paid = till.post("pay/", **{**lines, **carried(used), "points": "1000", "received": "50"})
    receipt = till.browser.get(paid["Location"]).content.decode()
    assert "¥10.00 (1,000)" in receipt
    assert "¥30.00" in receipt, "the change of 50.00 for 20.00"
    assert balance(member.wallet) == Sale.objects.get().points_earned


@pytest.mark.capability(151)
@pytest.mark.parametrize("pressed", ["split", "cash"], ids=["by its button", "by Enter in the field of a part"])
def test_a_sale_is_paid_in_several_ways_and_the_rest_is_cash(
    till: Any, basket: Any, carried: Any, branch: Any, pressed: str
) -> None:
    from regulars.counter.shifts.selectors import figures_of, shift_at
    from regulars.counter.shifts.services import open_shift
    from regulars.organisation.models import Staff as People
    from regulars.sales.models import Sale

    cashier = People.objects.get(name="Xiao Cashier")
    open_shift(branch=branch, terminal=None, opening_float=0, by=cashier, key="opening-key")
    lines = basket("30")
    sent = {**lines, **carried(till.post(**lines)), "payment_source": pressed, "part_card": "12"}
    too_much = till.post("pay/", **{**sent, "part_card": "31"})
    assert (too_much.status_code, b"more than is to be paid" in too_much.content) == (422, True)
    paid = till.post("pay/", **sent, received="20")
    sale = Sale.objects.get()
    assert {part.source: part.amount for part in sale.payments.all()} == {"cash": 1_800, "card": 1_200}
    assert "¥2.00" in till.browser.get(paid["Location"]).content.decode(), "the change of 20.00 for 18.00"
    shift = shift_at(branch, None)
    assert shift is not None
    figures = figures_of(shift)
    assert (figures.sources, figures.expected) == ({"cash": 1_800, "card": 1_200}, 1_800)
