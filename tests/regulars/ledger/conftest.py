"""Acts on a member's points, as sentences need them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from regulars.ledger.models import Transaction
    from regulars.people.models import Member


@pytest.fixture
def give(member: Member) -> Callable[..., Transaction]:
    """`give(points, **of_the_leg)`: the member is credited; returns the transaction."""
    return _moving(member, 1)


@pytest.fixture
def spend(member: Member) -> Callable[..., Transaction]:
    """`spend(points, **of_the_leg)`: the member pays with points; returns the transaction."""
    return _moving(member, -1)


def _moving(member: Member, sign: int) -> Callable[..., Transaction]:
    from regulars.ledger.models import Transaction
    from regulars.ledger.services import Leg, post

    numbers = count(1)

    def moving(points: int, *, key: str = "", kind: str = "", **of_the_leg: Any) -> Transaction:
        act = "gift" if sign > 0 else "spending"
        house = "points.issued" if sign > 0 else "points.spent"
        leg = Leg(wallet=member.wallet_id, asset="points", amount=sign * points, house=house, **of_the_leg)
        posted = post(key=key or f"{act}-{next(numbers)}", kind=kind or act, legs=[leg])
        return Transaction.objects.get(pk=posted.transaction)

    return moving
