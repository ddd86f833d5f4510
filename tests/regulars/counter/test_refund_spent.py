"""Giving money back where the points of the sale are spent: the cashier reads what that means before it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars.ledger.services import adjust
from regulars.loyalty.points.gifts import change_points_settings

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale

pytestmark = pytest.mark.clause("4.3")


@pytest.fixture
def sale(programme: None, branch: Branch, member: Member, sell: Callable[..., Sale]) -> Sale:
    """100.00 bought by a member; of the ten points earned, eight are spent."""
    made = sell(branch, member, 10_000)
    adjust(wallet=member.wallet, asset="points", amount=-8, key="spent-on-cake", reason="cake", actor="test")
    return made


def test_the_money_kept_back_for_spent_points_is_shown_before_and_after(till: Any, sale: Sale, carried: Any) -> None:
    change_points_settings(by="", if_spent="charge", hundred_worth=1_000)
    address = f"sales/{sale.public_id}/refund/"
    preview = till.post(address, amount="100", reason="Cold tea")
    page = preview.content.decode()
    for words in ("¥99.20", "Give ¥99.20 back", "8 more points are spent already. For them, ¥0.80 is kept back"):
        assert words in page
    done = till.post(address, amount="100", reason="Cold tea", confirm="1", key=carried(preview)["key"])
    shown = till.browser.get(done["Location"]).content.decode()
    for words in ("Give ¥99.20 back to the customer.", "2 points were taken back.", "¥0.80 kept back for points"):
        assert words in shown


def test_what_is_let_off_is_said(till: Any, sale: Sale) -> None:
    change_points_settings(by="", if_spent="clamp")
    page = till.post(f"sales/{sale.public_id}/refund/", amount="100", reason="Cold tea").content.decode()
    assert "8 more points are spent already and are let off." in page
    assert "Give ¥100.00 back" in page
