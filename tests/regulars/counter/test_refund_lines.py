"""Giving back by line: lines are ticked with their parts, seen with points and tier before it is done, done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.capability(129)]
WHOLE = {"by": "lines", "line_2": "on", "part_2": "240", "reason": "Broken"}


@pytest.fixture
def sale(programme: None, branch: Branch, member: Member, cashier: Staff) -> Sale:
    """Tea for 360.00 and two cups for 240.00 on one receipt: 60 points, and with them silver."""
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    lines = [LineRequest("Tea", 36_000), LineRequest("Cup", 12_000, 2, "china")]
    done = confirm(quote=quote(branch=branch, member=member, lines=lines), key="tea-and-cups", cashier=cashier)
    assert (done.total, done.points_earned) == (60_000, 60)
    return done


@pytest.fixture
def counting_at_once(sale: Sale) -> None:
    """Refunds count towards tiers as soon as they happen."""
    from django.core.cache import cache

    from regulars.loyalty.models import Track

    Track.objects.update(refunds="at_once")
    cache.clear()


def address(sale: Sale) -> str:
    """Where a refund of the sale is sent to."""
    return f"sales/{sale.public_id}/refund/"


def test_the_page_offers_each_line_with_what_is_left_of_it(till: Any, sale: Sale) -> None:
    page = till.get(f"sales/{sale.public_id}/").content.decode()
    for words in (
        "Chosen lines",
        'name="line_1"',
        'name="part_2"',
        'value="240.00"',
        "Cup × 2",
        "¥120.00 each",
        "china",
    ):
        assert words in page


def test_a_receipt_of_one_line_asks_for_an_amount_only(till: Any, programme: None, branch: Branch, sell: Any) -> None:
    page = till.get(f"sales/{sell(branch, None, 500).public_id}/").content.decode()
    assert "Chosen lines" not in page
    assert 'name="amount"' in page


def test_what_goes_back_is_seen_by_line_with_points_and_tier_before_it_does(
    till: Any, sale: Sale, counting_at_once: None
) -> None:
    from regulars.loyalty.models import Standing, TierMove

    answer = till.post(address(sale), **WHOLE)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("This will happen", "Cup", "¥240.00", "¥360.00", "<dd>24</dd>", "Silver → <strong>Member</strong>"):
        assert words in page
    sale.refresh_from_db()
    assert sale.refunded_total == 0
    assert sale.member is not None
    assert Standing.objects.get(member=sale.member).tier.code == "silver"
    assert TierMove.objects.filter(member=sale.member).count() == 1  # only the way up: what was tried left nothing


def test_where_refunds_count_later_the_tier_is_said_to_stay_till_then(till: Any, sale: Sale) -> None:
    assert b"stays Silver for now" in till.post(address(sale), **WHOLE).content


def test_chosen_lines_go_back_once_and_take_their_points(till: Any, sale: Sale, carried: Any) -> None:
    key = carried(till.post(address(sale), **WHOLE))["key"]
    answers = [till.post(address(sale), **WHOLE, confirm="1", key=key) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    sale.refresh_from_db()
    assert (sale.refunded_total, sale.points_taken_back, sale.refunds.count()) == (24_000, 24, 1)
    assert list(sale.lines.order_by("position").values_list("refunded", flat=True)) == [0, 24_000]


def test_parts_of_two_lines_leave_the_rest_to_choose_from(till: Any, sale: Sale) -> None:
    sent = {"by": "lines", "line_1": "on", "part_1": "60", "line_2": "on", "part_2": "240", "reason": "Broken"}
    till.post(address(sale), **sent, confirm="1", key="refund-key-1")
    page = till.get(f"sales/{sale.public_id}/").content.decode()
    assert "¥300.00 of ¥360.00 is left" in page
    assert 'name="line_2"' not in page


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Tick at least one line."),
        ({"line_9": "on", "part_9": "1"}, "Tick at least one line."),
        ({"line_2": "on", "part_2": "240.01"}, "¥240.00"),
        ({"line_2": "on", "part_2": "-1"}, "Enter an amount"),
        ({"line_2": "on", "part_2": ""}, "required"),
        ({"line_2": "on", "part_2": "abc"}, "in figures"),
        ({"line_2": "on", "part_2": "9" * 13}, "too large"),
    ],
)
def test_a_part_that_cannot_go_back_is_refused_beside_its_line(
    till: Any, sale: Sale, sent: dict[str, str], says: str
) -> None:
    answer = till.post(address(sale), by="lines", reason="Broken", **sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    sale.refresh_from_db()
    assert sale.refunded_total == 0


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"line_9": "on", "part_9": "1"},
        {"line_2": "on", "part_2": "240.01"},
        {"line_2": "on", "part_2": "-1"},
        {"line_2": "on"},
        {"line_²": "on", "part_²": "1"},
        {"line_99999999999999999999": "on", "part_99999999999999999999": "1"},
    ],
)
def test_a_confirmation_that_was_made_up_gives_nothing_back(till: Any, sale: Sale, sent: dict[str, str]) -> None:
    answer = till.post(address(sale), by="lines", reason="Broken", confirm="1", key="refund-key-1", **sent)
    assert answer.status_code == 422
    sale.refresh_from_db()
    assert sale.refunded_total == 0


@pytest.mark.capability(34)
def test_lines_beyond_the_limit_wait_for_approval_and_go_back_as_they_were_chosen(
    till: Any, sale: Sale, owner: Staff
) -> None:
    from regulars.organisation.approvals import services
    from regulars.organisation.approvals.selectors import about
    from regulars.organisation.models import ApprovalLimit
    from regulars.sales.approvals import REFUND, preview

    ApprovalLimit.objects.filter(act=REFUND).delete()
    sent = {"by": "lines", "line_1": "on", "part_1": "360", "line_2": "on", "part_2": "200", "reason": "Broken"}
    asked = till.post(address(sale), **sent, confirm="1", key="refund-key-1")
    assert "asked=" in asked["Location"]
    waiting = about(sale.public_id, act=REFUND)[0]
    assert [(one.label, one.after) for one in preview(waiting.payload)][1:3] == [("Tea", "¥360.00"), ("Cup", "¥200.00")]
    services.approve(approval=waiting, by=owner)
    assert list(sale.lines.order_by("position").values_list("refunded", flat=True)) == [36_000, 20_000]
