"""A member's coupons in the portal: the wallet, the code to show, taking, claiming a link, passing on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from django.test import Client

from regulars import visitors
from regulars.ledger.services import adjust
from regulars.loyalty.coupons.batches import make_codes, make_some, share_code
from regulars.loyalty.coupons.codes import new_code, shown_code
from regulars.loyalty.coupons.models import Coupon, CouponState, CouponTemplate
from regulars.loyalty.coupons.services import give, void
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.shelving import save_reward
from regulars.portal.own_data import member_data
from tests.conftest import new_member

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.capability(88)]
WALLET = "/me/coupons/"


def template(**over: Any) -> CouponTemplate:
    """Ten yuan off."""
    values: dict[str, Any] = {"kind": "amount", "value": 1_000, "words": {"en": "Ten off", "zh-hans": "减十元"}}
    return save_template(terms=TemplateTerms(**{**values, **over}))


@pytest.fixture
def own(member: Member, owner: Staff) -> Coupon:
    """A coupon of the member."""
    return give(member=member, template=template(days=30, least_spend=5_000), key="given-by-hand", by=owner)


def test_an_empty_wallet_says_what_will_stand_there(phone: Client) -> None:
    page = phone.get(WALLET).content.decode()
    assert "No coupons at the moment" in page
    assert "0" in phone.get("/me/").content.decode()


def test_a_coupon_shows_its_code_its_terms_and_until_when(phone: Client, chinese_phone: Client, own: Coupon) -> None:
    assert "¥10 off" in phone.get(WALLET).content.decode()
    page = phone.get(f"{WALLET}{own.public_id}/").content.decode()
    assert shown_code(own.code) in page
    assert "QR code of your coupon" in page
    assert "From a spending of ¥50." in page
    chinese = chinese_phone.get(f"{WALLET}{own.public_id}/").content.decode()
    assert "消费满 ¥50 可用。" in chinese
    assert "减十元" in chinese


def test_the_card_counts_what_can_be_used(phone: Client, own: Coupon) -> None:
    page = phone.get("/me/").content.decode()
    assert re.search(r'href="/me/coupons/"[^>]*>.*?tile-figure">1<', page, re.S)


def test_nobody_sees_the_coupon_of_another(phone: Client, owner: Staff, own: Coupon) -> None:
    other = give(member=new_member(contact="+8613900139000"), template=own.template, key="to-another", by=owner)
    assert phone.get(f"{WALLET}{other.public_id}/").status_code == 404
    assert phone.post(f"{WALLET}{other.public_id}/pass-on/").status_code == 404


def test_what_lies_open_is_taken_once(phone: Client, member: Member) -> None:
    offered = template(is_open=True, most_per_member=1)
    page = phone.get(WALLET).content.decode()
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    first = phone.post(f"{WALLET}{offered.public_id}/take/", {"key": key[1]})
    again = phone.post(f"{WALLET}{offered.public_id}/take/", {"key": key[1]})
    assert (first.status_code, first["location"]) == (302, again["location"])
    assert "Yours to take" not in phone.get(WALLET).content.decode()
    refused = phone.post(f"{WALLET}{offered.public_id}/take/", {"key": "another-key"})
    assert refused.status_code == 422
    assert "one member may have" in refused.content.decode()


def test_a_link_shows_the_coupon_and_only_the_button_takes_it(phone: Client, member: Member, owner: Staff) -> None:
    batch, _job = make_codes(template=template(), name="Flyer", codes=1, by=owner)
    make_some(batch=batch.public_id, codes=[1])
    coupon = Coupon.objects.get()
    page = phone.get(f"{WALLET}claim/?code={coupon.code}").content.decode()
    assert "¥10 off" in page
    coupon.refresh_from_db()
    assert coupon.member is None
    answer = phone.post(f"{WALLET}claim/", {"code": coupon.code})
    assert answer["location"] == f"{WALLET}{coupon.public_id}/"
    coupon.refresh_from_db()
    assert coupon.member == member


def test_a_guest_signs_in_first_and_comes_back_to_the_link(business: Any, client_for: Callable[..., Client]) -> None:
    answer = client_for(business).get(f"{WALLET}claim/?code=SPRING20")
    assert answer["location"] == "/me/sign-in/?next=%2Fme%2Fcoupons%2Fclaim%2F%3Fcode%3DSPRING20"


@pytest.mark.clause("5.Bad input")
def test_a_code_that_cannot_be_had_says_why(phone: Client, chinese_phone: Client, member: Member, owner: Staff) -> None:
    spring = template(ends_on=None)
    batch, _job = make_codes(template=spring, name="Flyer", codes=2, by=owner)
    make_some(batch=batch.public_id, codes=[1, 2])
    gone, theirs = Coupon.objects.order_by("pk")
    void(coupon=gone, reason="Lost", by="test")
    Coupon.objects.filter(pk=theirs.pk).update(member=new_member(contact="+8613900139000"), number=1)
    code = new_code()
    mistyped = code[:-1] + ("2" if code[-1] != "2" else "3")
    for told, english, chinese in (
        (gone.code, "declared void", "已作废"),
        (theirs.code, "Somebody has this coupon already", "已被领取"),
        (code, "No coupon has this code", "没有这个券码"),
        (mistyped, "A letter of the coupon code", "有一个字符不对"),
        ("NOSUCH", "No coupon has this code", "没有这个券码"),
        ("", "No coupon has this code", "没有这个券码"),
        ("\0", "No coupon has this code", "没有这个券码"),
    ):
        for browser, words in ((phone, english), (chinese_phone, chinese)):
            answer = browser.post(f"{WALLET}claim/", {"code": told})
            assert (answer.status_code, words in answer.content.decode()) == (422, True), told
    assert phone.get(f"{WALLET}claim/?code={mistyped}").status_code == 200


def test_guessing_codes_ends_after_a_while(phone: Client, owner: Staff) -> None:
    share_code(template=template(), name="Spring", code="SPRING20", by=owner)
    with patch("regulars.portal.views.coupons.CLAIMS", visitors.Limit("coupon", 3)):
        answers = [phone.post(f"{WALLET}claim/", {"code": f"GUESS{n}"}) for n in range(5)]
        assert "Too many attempts" in answers[-1].content.decode()
        assert "¥10 off" not in phone.get(f"{WALLET}claim/?code=SPRING20").content.decode()
        assert phone.post(f"{WALLET}claim/", {"code": "SPRING20"}).status_code == 422
    assert not Coupon.objects.exists()


def test_a_coupon_is_passed_on_by_a_link(phone: Client, member: Member, owner: Staff) -> None:
    mine = give(member=member, template=template(is_transferable=True), key="given-by-hand", by=owner)
    assert "Pass it on" in phone.get(f"{WALLET}{mine.public_id}/").content.decode()
    page = phone.post(f"{WALLET}{mine.public_id}/pass-on/").content.decode()
    mine.refresh_from_db()
    assert mine.member is None
    assert f"/me/coupons/claim/?code={mine.code}" in page
    assert phone.get(f"{WALLET}{mine.public_id}/").status_code == 404


@pytest.mark.capability(70)
def test_points_become_a_coupon_that_is_in_the_wallet_at_once(phone: Client, member: Member) -> None:
    adjust(wallet=member.wallet, asset="points", amount=250, key="rich-key", reason="gift", actor="test")
    reward = save_reward(kind="coupon", words={"en": "Ten off"}, details={}, points=100, coupon=template())
    done = phone.post(f"/me/rewards/{reward.public_id}/redeem/", {"key": "key-of-the-page", "points": 100})
    coupon = Coupon.objects.get()
    assert done["location"] == f"{WALLET}{coupon.public_id}/"
    redemption = Redemption.objects.get()
    page = phone.get(f"/me/rewards/redeemed/{redemption.public_id}/").content.decode()
    assert f"{WALLET}{coupon.public_id}/" in page
    assert "Give it back" in page
    assert phone.post(f"/me/rewards/redeemed/{redemption.public_id}/cancel/").status_code == 302
    coupon.refresh_from_db()
    assert coupon.state == CouponState.VOID


def test_ones_own_data_hold_the_coupons(member: Member, own: Coupon) -> None:
    told = member_data(member)["coupons"]
    assert [each["public_id"] for each in told] == [own.public_id]
