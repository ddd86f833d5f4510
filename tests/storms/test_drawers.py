"""A drawer under ten hands at once: opened once, moved once, closed once, and two counts do not both close it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from regulars.counter.models import CashMovement, Shift
from regulars.counter.shifts.services import Count, close_shift, move_cash, open_shift
from tenants.context import business_context
from tests.crowd import Crowd, refusals, successes

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("5.Speed and sureness"), pytest.mark.clause("5.6")]
TOGETHER = 10


@dataclass(frozen=True)
class Till:
    """A till of an open business with somebody at it."""

    business: Business
    branch: Branch
    staff: Staff

    def opened(self, key: str = "open-the-drawer") -> Shift:
        """Its drawer, opened."""
        return open_shift(branch=self.branch, terminal=None, opening_float=5_000, by=self.staff, key=key)


@pytest.fixture
def till(open_business: Callable[..., Business]) -> Till:
    """A till of its own, committed for real."""
    from regulars.organisation.models import Branch, Staff

    business = open_business()
    with business_context(business):
        return Till(business, Branch.objects.get(), Staff.objects.select_related("user").get())


def ten(act: Callable[[], Any]) -> list[Callable[[], Any]]:
    """The same act ten times."""
    return [act] * TOGETHER


def test_one_key_opens_one_drawer_and_moves_cash_once(till: Till) -> None:
    with Crowd(till.business, TOGETHER) as crowd:
        opened = crowd.at_once(ten(till.opened))
        assert refusals(opened) == []
        assert len({shift.public_id for shift in opened}) == 1
        asked = {"shift": opened[0], "amount": 700, "reason": "Change", "by": till.staff, "key": "into-the-drawer"}
        assert refusals(crowd.at_once(ten(lambda: move_cash(**asked)))) == []
    with business_context(till.business):
        assert (Shift.objects.count(), CashMovement.objects.count()) == (1, 1)


def test_of_ten_who_open_a_drawer_one_does(till: Till) -> None:
    with Crowd(till.business, TOGETHER) as crowd:
        answers = crowd.at_once([lambda n=n: till.opened(f"another-key-{n}") for n in range(TOGETHER)])  # type: ignore[misc]
    assert len(successes(answers)) == 1
    assert refusals(answers) == ["ShiftOpen"] * (TOGETHER - 1)


def test_a_drawer_is_closed_once_by_one_of_two_counts(till: Till) -> None:
    with business_context(till.business):
        shift = till.opened()
    asked = {"shift": shift, "expected": 5_000, "kept": 0, "by": till.staff, "reason": "Miscounted"}

    def closing(loose: int) -> Shift:
        return close_shift(count=Count(pieces={}, loose=loose), key=f"close-{loose}-key", **asked)

    with Crowd(till.business, TOGETHER) as crowd:
        answers = crowd.at_once([lambda n=n: closing(5_000 + n % 2) for n in range(TOGETHER)])  # type: ignore[misc]
    assert len(successes(answers)) == TOGETHER // 2
    assert set(refusals(answers)) == {"ShiftClosed"}
    with business_context(till.business):
        shift.refresh_from_db()
        assert {each.counted for each in successes(answers)} == {shift.counted}
