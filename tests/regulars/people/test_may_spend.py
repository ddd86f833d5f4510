"""A card that was lost or is frozen: nothing leaves its wallet, and the refusal says why and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from regulars.errors import InvalidInput
from regulars.people.selectors import check_may_spend

if TYPE_CHECKING:
    from regulars.people.models import Member

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.6")]


@pytest.mark.parametrize(
    ("state", "english", "chinese"),
    [("lost", "reported lost", "已挂失"), ("frozen", "frozen", "已冻结"), ("cancelled", "No card", "没有可用的会员卡")],
)
def test_a_card_that_does_not_work_says_why_and_what_to_do(
    member: Member, state: str, english: str, chinese: str
) -> None:
    member.cards.update(state=state)
    with pytest.raises(InvalidInput) as refusal:
        check_may_spend(member)
    assert refusal.value.field == "card"
    assert english in str(refusal.value)
    with translation.override("zh-hans"):
        assert chinese in str(refusal.value)


def test_who_has_no_card_may_spend(member: Member) -> None:
    member.cards.all().delete()
    assert check_may_spend(member) is None
