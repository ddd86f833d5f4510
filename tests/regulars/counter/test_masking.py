"""What people at the till are shown of a member."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from regulars.counter.masking import birthday_mark

if TYPE_CHECKING:
    from regulars.people.models import Member

pytestmark = pytest.mark.clause("2.5")


@pytest.mark.parametrize(
    ("birthday", "today", "mark"),
    [
        (dt.date(1990, 6, 15), dt.date(2026, 6, 15), "today"),
        (dt.date(1990, 6, 22), dt.date(2026, 6, 15), "soon"),
        (dt.date(1990, 6, 23), dt.date(2026, 6, 15), ""),
        (dt.date(1990, 6, 14), dt.date(2026, 6, 15), ""),
        (dt.date(1990, 1, 2), dt.date(2026, 12, 29), "soon"),
        (dt.date(2000, 2, 29), dt.date(2027, 2, 28), "today"),
        (dt.date(2000, 2, 29), dt.date(2028, 2, 29), "today"),
        (None, dt.date(2026, 6, 15), ""),
    ],
)
def test_a_birthday_is_marked_on_its_day_and_a_week_before(birthday: dt.date | None, today: dt.date, mark: str) -> None:
    assert birthday_mark(birthday, today)[0] == mark


@pytest.mark.parametrize(
    ("name", "masked", "initials"),
    [("Li Hua", "L. H.", "LH"), ("李小明", "李••", "李"), ("Bob", "B.", "B"), ("", "", "·")],
)
def test_a_name_in_a_list_is_only_its_initials(member: Member, name: str, masked: str, initials: str) -> None:
    from regulars.counter.masking import initials_of, masked_name

    member.name = name
    assert (masked_name(member), initials_of(member)) == (masked, initials)
