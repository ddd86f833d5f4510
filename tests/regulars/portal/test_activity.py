"""What happened: points with their running balance, purchases with their refunds, and nobody else's receipts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale
    from tenants.models import Business


@pytest.fixture
def stranger(branch: Branch) -> Member:
    """Another member of the same business."""
    from regulars.people.contacts import normal_contact
    from regulars.people.services import join

    return join(contact=normal_contact("stranger@example.com"), name="Stranger", language="en", source="site")


@pytest.mark.capability(72)
@pytest.mark.capability(73)
@pytest.mark.clause("2.5")
def test_each_change_of_points_has_its_reason_its_sale_and_its_balance(
    phone: Client, member: Member, sell: Callable[..., Sale]
) -> None:
    from regulars.portal.history import changes_of
    from regulars.sales.services import refund

    sale = sell(member, 30_000)
    refund(sale=sale, key="refund-key-1", amount=10_000, reason="Cold tea", cashier=None)
    sale.refresh_from_db()
    taken, earned = sale.points_taken_back, sale.points_earned
    assert earned > taken > 0
    changes = changes_of(member).items
    assert [(c.title, c.entry.amount, c.entry.balance_after) for c in changes] == [
        ("Refund", -taken, earned - taken),
        ("Purchase", earned, earned),
    ]
    assert [c.sale.public_id for c in changes] == [sale.public_id, sale.public_id]
    page = phone.get("/me/activity/").content.decode()
    assert page.count(f'href="/me/activity/{sale.public_id}/"') == 2
    assert "Cold tea" in page
    assert f"−{taken}" in page


def test_older_changes_follow_without_a_gap_or_a_repetition(
    phone: Client, member: Member, sell: Callable[..., Sale]
) -> None:
    sales = [sell(member, 1_000 + number * 100, f"key-number-{number:02}") for number in range(23)]
    wanted = [sale.public_id for sale in reversed(sales)]
    for address in ("/me/activity/", "/me/activity/purchases/"):
        seen: list[str] = []
        page = phone.get(address).content.decode()
        while True:
            seen += re.findall(r'class="row" href="/me/activity/(sal_\w+)/"', page)
            older = re.search(r'href="(\?before=\w+)"', page)
            if older is None:
                break
            page = phone.get(address + older[1]).content.decode()
        assert seen == wanted, address


def test_the_history_takes_the_same_number_of_queries_for_one_line_and_for_twenty(
    phone: Client, member: Member, sell: Callable[..., Sale], django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for address in ("/me/activity/", "/me/activity/purchases/"):
        sell(member, 5_000, f"first-{address}"[:30])
        phone.get(address)
        with CaptureQueriesContext(connection) as few:
            phone.get(address)
        for number in range(6):
            sell(member, 5_000, f"more-{number}-{address}"[:30])
        with django_assert_num_queries(len(few)):
            phone.get(address)


@pytest.mark.capability(9)
@pytest.mark.capability(20)
def test_purchases_show_what_was_paid_and_what_was_refunded(
    chinese_phone: Client, member: Member, sell: Callable[..., Sale]
) -> None:
    from regulars.sales.services import refund

    sale = sell(member, 30_000)
    refund(sale=sale, key="refund-key-1", amount=10_000, reason="", cashier=None)
    page = chinese_phone.get("/me/activity/purchases/").content.decode()
    assert "Longjing" in page
    assert "已退 ¥100.00" in page


@pytest.mark.capability(9)
def test_a_member_reads_the_own_receipt(chinese_phone: Client, member: Member, sell: Callable[..., Sale]) -> None:
    from regulars.sales.services import refund

    sale = sell(member, 30_000)
    refund(sale=sale, key="refund-key-1", amount=10_000, reason="Cold tea", cashier=None)
    page = chinese_phone.get(f"/me/activity/{sale.public_id}/").content.decode()
    assert sale.number in page
    assert "Longjing" in page
    assert "¥300.00" in page
    assert "¥100.00" in page
    assert "Cold tea" in page


@pytest.mark.clause("2.5")
def test_a_receipt_of_somebody_else_does_not_exist(phone: Client, stranger: Member, sell: Callable[..., Sale]) -> None:
    foreign = sell(stranger, 30_000, description="Secret oolong")
    answer = phone.get(f"/me/activity/{foreign.public_id}/")
    assert answer.status_code == 404
    assert "Secret oolong" not in answer.content.decode()


def test_a_receipt_of_a_guest_does_not_exist_either(phone: Client, branch: Branch) -> None:
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    guest = confirm(quote=quote(branch=branch, lines=[LineRequest("Tea", 100)]), key="a-guest-key", cashier=None)
    assert phone.get(f"/me/activity/{guest.public_id}/").status_code == 404


@pytest.mark.parametrize("sale_id", ["sal_" + "x" * 16, "sal_1", "mem_2345678923456789"])
def test_an_unknown_receipt_is_a_plain_404(phone: Client, sale_id: str) -> None:
    assert phone.get(f"/me/activity/{sale_id}/").status_code == 404


@pytest.mark.parametrize("sale_id", ["sal_" + "x" * 5_000, "%00", "..%2f..", "1%27%20or%201=1", "sal_%F0%9F%98%80"])
def test_what_can_be_no_receipt_is_a_404_too(phone: Client, sale_id: str) -> None:
    assert phone.get(f"/me/activity/{sale_id}/", follow=True).status_code == 404


@pytest.mark.parametrize("before", ["", "0", "-1", "%00", "txn_" + "x" * 5_000, "1%20or%201=1", "sal_2345678923456789"])
def test_a_cursor_that_means_nothing_starts_at_the_newest(
    phone: Client, member: Member, sell: Callable[..., Sale], before: str
) -> None:
    sale = sell(member, 30_000)
    for address in ("/me/activity/", "/me/activity/purchases/"):
        answer = phone.get(f"{address}?before={before}")
        assert answer.status_code == 200
        assert sale.public_id in answer.content.decode()


def test_a_cursor_of_somebody_else_starts_at_the_newest(
    phone: Client, member: Member, stranger: Member, sell: Callable[..., Sale]
) -> None:
    from regulars.portal.history import changes_of

    foreign = sell(stranger, 30_000, "key-of-another")
    sale = sell(member, 30_000, "key-of-the-own")
    theirs = changes_of(stranger).items[0].entry.public_id
    page = phone.get(f"/me/activity/?before={theirs}").content.decode()
    assert sale.public_id in page
    assert foreign.public_id not in page
    page = phone.get(f"/me/activity/purchases/?before={foreign.public_id}").content.decode()
    assert f"/me/activity/{sale.public_id}/" in page
    assert f"/me/activity/{foreign.public_id}/" not in page


def test_without_purchases_the_page_teaches(phone: Client) -> None:
    assert "No points yet" in phone.get("/me/activity/").content.decode()
    assert "No purchases yet" in phone.get("/me/activity/purchases/").content.decode()


def test_a_member_of_another_business_finds_nothing_here(
    gym: Business, member: Member, sell: Callable[..., Sale], client_for: Any
) -> None:
    from regulars.people.services import user_for

    sale = sell(member, 30_000)
    user = user_for(member=member)
    browser = client_for(gym)
    assert browser.get(f"/me/activity/{sale.public_id}/").status_code == 302
    assert user.pk is not None
