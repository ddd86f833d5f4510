"""All workers are down over midnight, or for days: back again they do what they would have done, and no more."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import clock
from regulars.ledger.models import Lot
from regulars.ledger.selectors import balance, spendable, unbalanced
from regulars.ledger.services import Leg, post
from regulars.loyalty.models import Award, NightMark, PointsRule, Standing, Tier, TierMove, Track
from regulars.loyalty.nights import days, services
from regulars.loyalty.nights.selectors import idle_months, night_rules
from regulars.loyalty.points.gifts import change_points_settings
from regulars.outreach.models import Channel, Message
from regulars.people.models import Member
from regulars.people.services import change_profile
from regulars.sql_functions import call
from tests.conftest import new_member

pytestmark = pytest.mark.clause("4.6")

SHANGHAI = dt.timedelta(hours=8)


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """An instant by the clock on the wall in Shanghai."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC) - SHANGHAI


def night(now: dt.datetime, limit: int = 500) -> dt.datetime | None:
    """The workers come."""
    cache.clear()
    with clock.turned_to(now):
        return services.run_due(now=now, limit=limit)


def given(member: Member, points: int, now: dt.datetime, **of_the_leg: Any) -> Lot:
    """Points come to a member."""
    with clock.turned_to(now):
        leg = Leg(wallet=member.wallet_id, asset="points", amount=points, house="points.issued", **of_the_leg)
        posted = post(key=secrets.token_hex(8), kind="gift", legs=[leg], reason="gift", actor="test")
    return Lot.objects.get(opened_by_id=posted.transaction)


def born(member: Member, month: int, day: int, now: dt.datetime) -> None:
    """A member says when they were born."""
    with clock.turned_to(now):
        change_profile(member=member, birthday=dt.date(1990, month, day))


def awards(member: Member) -> list[tuple[str, dt.date]]:
    """What a member was given on days of the year."""
    return list(Award.objects.filter(member=member).order_by("pk").values_list("occasion", "awarded_on"))


def told(member: Member, kind: str) -> list[str]:
    """The subjects of what a member was told."""
    inbox = Message.objects.filter(member=member, kind=kind, channel=Channel.INBOX)
    return list(inbox.order_by("pk").values_list("subject", flat=True))


@pytest.fixture
def guest(business: Any) -> Iterator[Member]:
    """Somebody who joined on 10 January 2026, where birthdays and anniversaries bring points."""
    PointsRule.objects.all().delete()
    for trigger in ("birthday", "anniversary"):
        PointsRule.objects.create(name=trigger, trigger=trigger, kind="fixed", points=50)
    with clock.turned_to(at(2026, 1, 10)):
        yield new_member()


# Days that nobody saw -------------------------------------------------------------------------------------------------


@pytest.mark.capability(89)
@pytest.mark.parametrize("back", [at(2026, 3, 5, 0, 20), at(2026, 3, 5, 23), at(2026, 3, 9)])
def test_a_birthday_entered_just_before_an_outage_over_midnight_is_not_missed(guest: Member, back: dt.datetime) -> None:
    night(at(2026, 3, 4))
    born(guest, 3, 5, at(2026, 3, 4, 23, 58))
    night(back)
    night(back)
    assert awards(guest) == [("birthday:2026", dt.date(2026, 3, 5))]


def test_a_birthday_entered_while_workers_are_down_counts_by_the_day_on_which_it_was_entered(guest: Member) -> None:
    with clock.turned_to(at(2026, 2, 1)):
        late, early = new_member(contact="+8613800138001"), new_member(contact="+8613800138002")
    night(at(2026, 3, 4))
    born(early, 3, 7, at(2026, 3, 6))
    born(late, 3, 5, at(2026, 3, 6))
    night(at(2026, 3, 9))
    assert awards(early) == [("birthday:2026", dt.date(2026, 3, 7))]
    assert awards(late) == []


def test_after_a_quiet_time_a_birthday_that_is_over_still_waits_for_the_next_year(guest: Member) -> None:
    night(at(2026, 3, 1))  # and nobody comes for two months: nothing is due
    born(guest, 4, 20, at(2026, 5, 2))
    assert night(at(2026, 5, 2)) == at(2027, 1, 10, 0, 5)
    assert awards(guest) == []


def test_who_joined_in_the_last_minutes_of_a_day_has_the_anniversary_of_that_day(guest: Member) -> None:
    with clock.turned_to(at(2026, 6, 1, 23, 59)):
        other = new_member(contact="+8613800138001")
    night(at(2026, 6, 2, 0, 10))
    night(at(2027, 6, 4))
    assert awards(other) == [("anniversary:2027", dt.date(2027, 6, 1))]


@pytest.mark.capability(89)
def test_each_day_of_a_long_outage_is_gone_through_once_in_order(guest: Member) -> None:
    with clock.turned_to(at(2026, 2, 1)):
        others = [new_member(contact=f"+861380013801{number}") for number in range(4)]
    night(at(2026, 2, 1))
    for other, (month, day) in zip(others, [(3, 1), (2, 28), (2, 27), (2, 26)], strict=True):
        born(other, month, day, at(2026, 2, 3))
    for _turn in range(9):
        night(at(2026, 3, 20), limit=1)
    given_on = list(Award.objects.order_by("pk").values_list("awarded_on", flat=True))
    assert given_on == [dt.date(2026, 2, 26), dt.date(2026, 2, 27), dt.date(2026, 2, 28), dt.date(2026, 3, 1)]
    assert NightMark.objects.get(kind="birthdays").open_from == dt.date(2026, 3, 2)


def test_a_reminder_of_points_that_came_just_before_an_outage_is_not_missed(guest: Member) -> None:
    night(at(2026, 3, 4))
    given(guest, 60, at(2026, 3, 4, 23, 59), expires_at=at(2026, 3, 13, 0))
    given(guest, 9, at(2026, 3, 5, 0, 10), expires_at=at(2026, 3, 13, 0))  # the night of its reminder had begun
    night(at(2026, 3, 5, 0, 40))
    assert told(guest, "points_expiring") == ["60 points end soon"]


# Idleness -------------------------------------------------------------------------------------------------------------


@pytest.mark.capability(74)
def test_idleness_ends_what_can_be_spent_at_one_place_only_too(guest: Member) -> None:
    given(guest, 80, at(2026, 1, 15))
    given(guest, 20, at(2026, 1, 15), restrictions={"branches": ["brc_elsewhere"]})
    given(guest, 30, at(2026, 1, 15), restrictions={"categories": ["tea"]})
    with clock.turned_to(at(2026, 2, 1)):
        services.save_rules(notice_days=[], idle_months=6, by="owner")
    night(at(2026, 2, 1))
    night(at(2026, 8, 2, 0, 5))
    assert (balance(guest.wallet), spendable(guest.wallet, where={"anywhere": True}), unbalanced()) == (0, 0, [])


def test_idleness_that_died_half_way_ends_nothing_that_came_since_and_goes_on(
    guest: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(guest, 80, at(2026, 1, 15))
    with clock.turned_to(at(2026, 2, 1)):
        services.save_rules(notice_days=[], idle_months=6, by="owner")
    night(at(2026, 2, 1))
    now, move = at(2026, 8, 2, 0, 5), days._move
    monkeypatch.setattr(days, "_move", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("killed")))
    night(now)
    monkeypatch.setattr(days, "_move", move)
    given(guest, 7, now)
    assert night(now + services.AGAIN) != now + 2 * services.AGAIN
    assert balance(guest.wallet) == 7


def test_idleness_set_among_the_settings_of_points_begins_as_if_set_on_its_own_page(guest: Member) -> None:
    given(guest, 80, at(2026, 1, 15))
    with clock.turned_to(at(2028, 2, 1)):
        change_points_settings(by="owner", idle_months=6)
        cache.clear()
        assert (idle_months(), night_rules().idle_from) == (6, dt.date(2028, 2, 1))
    assert night(at(2028, 2, 1)) == at(2028, 7, 2, 0, 5)  # the reminder of 30 days
    with clock.turned_to(at(2028, 3, 1)):
        change_points_settings(by="owner", idle_months=6, gifts=True)
        assert night_rules().idle_from == dt.date(2028, 2, 1), "nothing of it changed"
        change_points_settings(by="owner", idle_months=0)
    cache.clear()
    assert (idle_months(), night_rules().idle_from, night(at(2028, 3, 1))) == (0, None, at(2029, 1, 10, 0, 5))


# Locks ----------------------------------------------------------------------------------------------------------------


def test_lots_that_arrive_change_under_the_lock_of_their_account(guest: Member) -> None:
    given(guest, 40, at(2026, 3, 1), available_from=at(2026, 3, 8))
    with CaptureQueriesContext(connection) as asked:
        night(at(2026, 3, 8))
    said = [query["sql"] for query in asked.captured_queries]
    locked = next(place for place, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql and "ledger_account" in sql)
    changed = next(place for place, sql in enumerate(said) if "SET is_pending = false" in sql)
    assert locked < changed
    assert "ORDER BY wallet_id, asset" in said[locked]
    assert told(guest, "points_released") == ["40 points can be used now"]


# Standings from before the nights -------------------------------------------------------------------------------------


@pytest.mark.clause("4.4")
def test_standings_that_no_night_would_look_at_get_their_day_once(guest: Member) -> None:
    track = Track.objects.get(is_default=True)
    low, high = Tier.objects.filter(track=track).order_by("threshold")[:2]
    with clock.turned_to(at(2026, 1, 10)):
        others = [new_member(contact=f"+861380013801{number}") for number in range(4)]
    before, by_hand, brought, planned = others
    of = {"tier": high, "since": at(2026, 1, 15), "kept_until": None, "review_on": None}
    for each in others:
        Standing.objects.filter(member=each).update(**of)
    Standing.objects.filter(member=by_hand).update(is_overridden=True)
    Standing.objects.filter(member=planned).update(kept_until=dt.date(2026, 5, 31), review_on=dt.date(2026, 6, 1))
    why = {"result": {"why": "import"}}
    TierMove.objects.create(member=brought, previous=low, current=high, explanation=why, moved_at=at(2026, 1, 15))
    found = [call("loyalty_plan_reviews", {"today": "2026-03-01"}) for _turn in range(2)]
    assert found == [1, 0]
    days_of = dict(Standing.objects.values_list("member", "review_on"))
    assert [days_of[each.pk] for each in (guest, *others)] == [
        None,
        dt.date(2027, 2, 1),
        None,
        None,
        dt.date(2026, 6, 1),
    ]
    assert Standing.objects.get(member=before).kept_until == dt.date(2027, 1, 31)
