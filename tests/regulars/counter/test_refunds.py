"""Giving money back: whole or in parts, seen before it is done, never more than is left, never twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = pytest.mark.clause("2.5")


@pytest.fixture
def sale(programme: None, branch: Branch, member: Member, sell: Callable[..., Sale]) -> Sale:
    """100.00 bought by a member, ten points earned."""
    return sell(branch, member, 10_000)


def test_a_part_is_shown_before_it_is_given_back(till: Any, sale: Sale) -> None:
    answer = till.post(f"sales/{sale.public_id}/refund/", amount="33.33", reason="Cold tea")
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("This will happen", "¥33.33", "¥66.67", "Cold tea"):
        assert words in page
    sale.refresh_from_db()
    assert sale.refunded_total == 0


@pytest.mark.capability(129)
def test_parts_follow_until_nothing_is_left_and_take_back_all_points(till: Any, sale: Sale, carried: Any) -> None:
    from regulars.ledger.selectors import balance

    for amount in ("33.33", "33.33", "33.34"):
        preview = till.post(f"sales/{sale.public_id}/refund/", amount=amount, reason="Cold tea")
        done = till.post(
            f"sales/{sale.public_id}/refund/",
            amount=amount,
            reason="Cold tea",
            confirm="1",
            key=carried(preview)["key"],
        )
        assert done.status_code == 302
    sale.refresh_from_db()
    assert (sale.refunded_total, sale.points_taken_back) == (10_000, 10)
    assert sale.member is not None
    assert balance(sale.member.wallet) == 0
    assert b"Nothing is left to refund" in till.get(f"sales/{sale.public_id}/").content


def test_after_it_is_done_it_says_what_to_hand_over(till: Any, sale: Sale) -> None:
    done = till.post(f"sales/{sale.public_id}/refund/", amount="40", reason="Cold tea", confirm="1", key="refund-key-1")
    page = till.browser.get(done["Location"]).content.decode()
    for words in ("Give ¥40.00 back to the customer.", "4 points were taken back.", "¥60.00 of this sale is left."):
        assert words in page


@pytest.mark.capability(167)
@pytest.mark.parametrize("amount", ["40", "100"])
def test_one_key_refunds_once(till: Any, sale: Sale, amount: str) -> None:
    sent = {"amount": amount, "reason": "Cold tea", "confirm": "1", "key": "refund-key-1"}
    answers = [till.post(f"sales/{sale.public_id}/refund/", **sent) for _ in range(3)]
    sale.refresh_from_db()
    assert sale.refunds.count() == 1
    assert sale.refunded_total == int(amount) * 100
    assert len({answer["Location"] for answer in answers}) == 1


@pytest.mark.capability(167)
def test_the_same_key_for_another_amount_is_refused(till: Any, sale: Sale) -> None:
    sent = {"reason": "Cold tea", "confirm": "1", "key": "refund-key-1"}
    till.post(f"sales/{sale.public_id}/refund/", amount="40", **sent)
    answer = till.post(f"sales/{sale.public_id}/refund/", amount="50", **sent)
    assert answer.status_code == 409
    sale.refresh_from_db()
    assert sale.refunded_total == 4_000


@pytest.mark.parametrize("step", [{}, {"confirm": "1", "key": "refund-key-1"}])
@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("100.01", "left"),
        ("0", "Enter an amount"),
        ("-5", "Enter an amount"),
        ("abc", "in figures"),
        ("", ""),
        ("1.234", "2 decimals"),
        ("9" * 13, "too large"),
        ("5" * 500, ""),
        ("<script>alert(1)</script>", "in figures"),
    ],
)
def test_an_amount_that_cannot_be_given_back_is_refused(
    till: Any, sale: Sale, step: dict[str, str], amount: str, says: str
) -> None:
    answer = till.post(f"sales/{sale.public_id}/refund/", amount=amount, reason="Cold tea", **step)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert 'aria-invalid="true"' in page
    assert "<script>alert" not in page
    sale.refresh_from_db()
    assert sale.refunded_total == 0


@pytest.mark.parametrize("step", [{}, {"confirm": "1", "key": "refund-key-1"}])
def test_a_refund_has_a_reason(till: Any, sale: Sale, step: dict[str, str]) -> None:
    answer = till.post(f"sales/{sale.public_id}/refund/", amount="5", reason="  ", **step)
    assert answer.status_code == 422
    assert 'id="refund-reason_error"' in answer.content.decode()


@pytest.mark.parametrize("public_id", ["sal_none", "x" * 300, "%00", "..%2f..", "'%20or%201=1"])
def test_a_sale_that_is_none_is_not_found(till: Any, public_id: str) -> None:
    assert till.get(f"sales/{public_id}/").status_code == 404
    assert till.get(f"receipt/{public_id}/").status_code == 404


def test_a_list_without_sales_teaches(till: Any) -> None:
    assert b"The first sale of this branch will stand here" in till.get("sales/").content


def test_the_list_shows_buyers_masked(till: Any, sale: Sale) -> None:
    page = till.get("sales/").content.decode()
    assert sale.number in page
    assert "L. H." in page
    assert "Li Hua" not in page
    assert "13800138000" not in page


def test_a_paper_receipt_is_one_key_away(till: Any, sale: Sale) -> None:
    page = till.get(f"receipt/{sale.public_id}/").content.decode()
    assert 'data-action="print#print"' in page
    assert 'class="receipt' in page
