"""The ways that a member sees on the first page: that of all members, and those of further tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from regulars.loyalty.tiers.overriding import set_by_hand
from regulars.loyalty.tiers.services import save_tier, save_track

if TYPE_CHECKING:
    from django.test import Client

    from regulars.people.models import Member

pytestmark = [pytest.mark.clause("4.7"), pytest.mark.capability(40)]


def track(code: str, words: str, measures: list[str], *, is_manual: bool = False) -> None:
    """A track with two tiers."""
    made = save_track(code=code, words={"en": words}, measures=measures, is_manual=is_manual)
    for rung, threshold in (("guest", 0), ("friend", 5)):
        save_tier(
            code=f"{code}-{rung}",
            words={"en": f"{words} {rung}"},
            benefits={},
            threshold=threshold,
            discount=0,
            colour="#123456",
            track=made,
        )
    cache.clear()


def test_a_business_with_one_track_shows_one_way(phone: Client, member: Member) -> None:
    page = phone.get("/me/").content.decode()
    assert 'id="path"' in page
    assert page.count("path-sentence") == 1


def test_a_further_track_says_what_is_missing_on_it(phone: Client, member: Member) -> None:
    track("visits", "Breakfast club", ["visits"])
    page = phone.get("/me/").content.decode()
    assert 'id="path-visits"' in page
    assert "Breakfast club" in page
    assert "<strong>5 purchases</strong> to become <strong>Breakfast club friend</strong>." in page


def test_a_track_by_hand_is_shown_to_whom_it_was_given(phone: Client, member: Member) -> None:
    from regulars.loyalty.models import Tier

    track("dealer", "Dealers", [], is_manual=True)
    assert "Dealers" not in phone.get("/me/").content.decode()
    set_by_hand(member=member, tier=Tier.objects.get(code="dealer-guest"), until=None, reason="Signed", by="test")
    assert "You are Dealers guest." in phone.get("/me/").content.decode()
