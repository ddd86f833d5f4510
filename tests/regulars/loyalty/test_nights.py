"""The nights: what ends, arrives and is remembered, on the business's own days, once, whoever comes how often."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars import clock
from regulars.errors import InvalidInput
from regulars.ledger.models import Lot, Posting
from regulars.ledger.selectors import balance, unbalanced
from regulars.ledger.services import Leg, adjust, post
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.models import Award, BenefitUse, NightMark, PointsRule, Tier
from regulars.loyalty.nights import days, services
from regulars.loyalty.nights.idleness import newest_ending_by
from regulars.operations import selectors as operations
from regulars.operations.due import DueWork
from regulars.outreach.models import Channel, Message
from regulars.people.models import Member
from regulars.people.services import change_profile
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, successes

pytestmark = pytest.mark.clause("4.6")

SHANGHAI = dt.timedelta(hours=8)
DAY = dt.timedelta(days=1)


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """An instant by the clock on the wall in Shanghai."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC) - SHANGHAI


def night(now: dt.datetime, limit: int = 500) -> dt.datetime | None:
    """The workers come."""
    cache.clear()
    with clock.turned_to(now):
        return services.run_due(now=now, limit=limit)


def given(member: Member, points: int, now: dt.datetime, **times: Any) -> Lot:
    """Points come to a member."""
    with clock.turned_to(now):
        leg = Leg(wallet=member.wallet_id, asset="points", amount=points, house="points.issued", **times)
        posted = post(key=secrets.token_hex(8), kind="gift", legs=[leg], reason="gift", actor="test")
    return Lot.objects.get(opened_by_id=posted.transaction)


def gift_on(trigger: str, points: int = 50) -> PointsRule:
    """A rule that gives on a day of the year."""
    return PointsRule.objects.create(name=trigger, trigger=trigger, kind="fixed", points=points, expires_after_months=0)


def told(member: Member, kind: str) -> list[str]:
    """The subjects of what a member was told."""
    inbox = Message.objects.filter(member=member, kind=kind, channel=Channel.INBOX)
    return list(inbox.order_by("pk").values_list("subject", flat=True))


def awards(member: Member) -> list[tuple[str, dt.date]]:
    """What a member was given on days of the year."""
    return list(Award.objects.filter(member=member).order_by("pk").values_list("occasion", "awarded_on"))


@pytest.fixture
def guest(business: Any) -> Iterator[Member]:
    """Somebody who joined on 10 January 2026."""
    with clock.turned_to(at(2026, 1, 10)):
        yield new_member()


# Birthdays and anniversaries ------------------------------------------------------------------------------------------


@pytest.mark.capability(89)
@pytest.mark.parametrize(
    ("year", "day", "next_day"), [(2027, 28, 29), (2028, 29, 28)], ids=["a common year", "a leap year"]
)
def test_a_birthday_on_29_february(guest: Member, year: int, day: int, next_day: int) -> None:
    gift_on("birthday")
    with clock.turned_to(at(year, 2, 1)):
        change_profile(member=guest, birthday=dt.date(1992, 2, 29))
    due = night(at(year, 2, 1))
    assert due == at(year, 2, day, 0, 5)
    following = night(due)
    assert awards(guest) == [(f"birthday:{year}", dt.date(year, 2, day))]
    assert following == at(year + 1, 2, next_day, 0, 5)


@pytest.mark.capability(89)
def test_a_birthday_edited_after_the_award_brings_no_second_one(guest: Member) -> None:
    gift_on("birthday")
    with clock.turned_to(at(2026, 3, 1)):
        change_profile(member=guest, birthday=dt.date(1990, 3, 5))
    night(at(2026, 3, 1))
    night(at(2026, 3, 5, 0, 5))
    with clock.turned_to(at(2026, 3, 6)):
        change_profile(member=guest, birthday=dt.date(1990, 3, 9))
    assert night(at(2026, 3, 6)) == at(2026, 3, 9, 0, 5)
    night(at(2026, 3, 9, 0, 5))
    assert awards(guest) == [("birthday:2026", dt.date(2026, 3, 5))]
    assert balance(guest.wallet) == 50


def test_a_birthday_entered_for_a_day_that_is_over_waits_for_next_year(guest: Member) -> None:
    gift_on("birthday")
    night(at(2026, 5, 1))
    with clock.turned_to(at(2026, 5, 2)):
        change_profile(member=guest, birthday=dt.date(1990, 4, 1))
    assert night(at(2026, 5, 2)) == at(2027, 4, 1, 0, 5)
    assert awards(guest) == []


def test_a_night_that_no_worker_saw_is_made_up_for(guest: Member) -> None:
    gift_on("birthday")
    with clock.turned_to(at(2026, 3, 1)):
        change_profile(member=guest, birthday=dt.date(1990, 3, 5))
    night(at(2026, 3, 1))
    night(at(2026, 3, 8))
    assert awards(guest) == [("birthday:2026", dt.date(2026, 3, 5))]


@pytest.mark.capability(89)
def test_the_day_of_joining_is_remembered_from_the_next_year_on(guest: Member) -> None:
    gift_on("anniversary", points=30)
    due = night(at(2026, 1, 10, 13))
    assert (due, awards(guest)) == (at(2027, 1, 10, 0, 5), [])
    night(due)
    assert awards(guest) == [("anniversary:2027", dt.date(2027, 1, 10))]


def test_without_a_rule_for_it_nobody_looks_at_birthdays(guest: Member) -> None:
    PointsRule.objects.filter(trigger="birthday").delete()
    rule = gift_on("birthday")
    night(at(2026, 3, 1))
    assert NightMark.objects.filter(kind="birthdays").exists()
    rule.is_active = False
    rule.save()
    assert night(at(2026, 3, 1, 13)) is None
    assert not NightMark.objects.filter(kind="birthdays").exists()


# Midnight -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Auckland"])
def test_midnight_in_the_businesss_zone(guest: Member, zone: str) -> None:
    with timezone.override(zone):
        midnight = clock.start_of(dt.date(2026, 4, 1))
        given(guest, 100, midnight - DAY, expires_at=midnight)
        assert night(midnight - dt.timedelta(seconds=1)) == midnight
        assert balance(guest.wallet) == 100
        night(midnight)
    assert balance(guest.wallet) == 0


def test_days_cut_in_utc_instead_of_the_businesss_day(guest: Member) -> None:
    """At 07:59 in Shanghai it is still the day before in UTC; the birthday of 5 March began eight hours ago."""
    gift_on("birthday")
    with clock.turned_to(at(2026, 3, 4)):
        change_profile(member=guest, birthday=dt.date(1990, 3, 5))
    assert night(at(2026, 3, 4)) == at(2026, 3, 5, 0, 5)
    assert at(2026, 3, 5, 0, 5).date() == dt.date(2026, 3, 4)
    night(at(2026, 3, 5, 0, 5))
    assert awards(guest) == [("birthday:2026", dt.date(2026, 3, 5))]


# Ending and arriving --------------------------------------------------------------------------------------------------


@pytest.mark.capability(74)
def test_a_lot_fully_spent_can_no_longer_expire(guest: Member) -> None:
    lot = given(guest, 100, at(2026, 3, 1), expires_at=at(2026, 3, 31, 0))
    with clock.turned_to(at(2026, 3, 30)):
        adjust(wallet=guest.wallet, asset="points", amount=-100, key="spend-it-all", reason="tea", actor="test")
    assert night(at(2026, 3, 30)) is None
    night(at(2026, 3, 31, 0))
    assert not Posting.objects.filter(transaction__kind="expiry").exists()
    lot.refresh_from_db()
    assert (lot.remaining, balance(guest.wallet), unbalanced()) == (0, 0, [])


@pytest.mark.capability(76)
def test_points_that_had_to_wait_are_announced_when_they_arrive(guest: Member) -> None:
    given(guest, 40, at(2026, 3, 1), available_from=at(2026, 3, 8))
    given(guest, 2, at(2026, 3, 1), available_from=at(2026, 3, 8))
    assert night(at(2026, 3, 1)) == at(2026, 3, 8)
    assert told(guest, "points_released") == []
    night(at(2026, 3, 8))
    night(at(2026, 3, 9))
    assert told(guest, "points_released") == ["42 points can be used now"]


def test_points_that_were_taken_back_while_they_waited_are_not_announced(guest: Member) -> None:
    lot = given(guest, 40, at(2026, 3, 1), available_from=at(2026, 3, 8))
    with clock.turned_to(at(2026, 3, 2)):
        from regulars.ledger.services import reverse

        reverse(original=lot.opened_by, key="taken-back", reason="refund")
    assert night(at(2026, 3, 8)) is None
    assert told(guest, "points_released") == []


@pytest.mark.capability(74)
def test_a_member_is_reminded_30_7_and_1_days_before_with_one_message_for_all(guest: Member) -> None:
    given(guest, 100, at(2026, 1, 15), expires_at=at(2026, 4, 1, 0))
    given(guest, 20, at(2026, 1, 15), expires_at=at(2026, 4, 1, 0))
    given(guest, 5, at(2026, 1, 15), expires_at=at(2026, 3, 9, 0))
    due, nights = night(at(2026, 1, 15)), []
    while due is not None:
        nights.append(due)
        due = night(due)
    reminded = [at(2026, 3, day, 0, 5) for day in (1, 7, 24, 30)]
    assert sorted([at(2026, 2, 6, 0, 5), *reminded, at(2026, 3, 9, 0), at(2026, 4, 1, 0)]) == nights
    assert told(guest, "points_expiring") == [
        "5 points end soon",
        "125 points end soon",  # seven days before 8 March, thirty before 31 March
        "5 points end soon",
        "120 points end soon",
        "120 points end soon",
    ]
    assert balance(guest.wallet) == 0


def test_a_reminder_says_which_points_end_with_which_day_in_the_members_language(guest: Member) -> None:
    change_profile(member=guest, language="zh-hans")
    given(guest, 100, at(2026, 1, 15), expires_at=at(2026, 4, 1, 0))
    night(at(2026, 1, 15))
    night(at(2026, 3, 1, 0, 5))
    body = Message.objects.get(kind="points_expiring", channel=Channel.INBOX).body
    assert "2026年3月31日" in body
    assert "现有 100 积分" in body


# Idleness -------------------------------------------------------------------------------------------------------------


@pytest.mark.capability(74)
def test_points_of_who_buys_nothing_end_after_reminders_and_never_at_once(guest: Member) -> None:
    given(guest, 80, at(2026, 1, 15))
    with clock.turned_to(at(2028, 2, 1)):
        services.save_rules(notice_days=[7], idle_months=6, by="owner")
    due, nights = night(at(2028, 2, 1)), []
    while due is not None and len(nights) < 5:
        nights.append(due)
        due = night(due)
    assert nights == [at(2028, 7, 25, 0, 5), at(2028, 8, 2, 0, 5)]
    assert told(guest, "points_idle") == ["Keep your 80 points"]
    assert balance(guest.wallet) == 0


def test_idleness_is_off_unless_it_is_set(guest: Member) -> None:
    given(guest, 80, at(2026, 1, 15))
    assert night(at(2026, 1, 15)) is None
    assert night(at(2036, 1, 15)) is None
    assert balance(guest.wallet) == 80


def test_months_of_idleness_end_with_the_month_where_it_is_shorter() -> None:
    assert newest_ending_by(dt.date(2027, 2, 28), 6) == dt.date(2026, 8, 31)
    assert newest_ending_by(dt.date(2027, 2, 27), 6) == dt.date(2026, 8, 27)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"notice_days": [0], "idle_months": 0}, "notice_days"),
        ({"notice_days": [400], "idle_months": 0}, "notice_days"),
        ({"notice_days": range(1, 8), "idle_months": 0}, "notice_days"),
        ({"notice_days": [7], "idle_months": -1}, "idle_months"),
        ({"notice_days": [7], "idle_months": 999}, "idle_months"),
    ],
)
def test_absurd_rules_are_refused_and_nothing_is_set(business: Any, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        services.save_rules(**values, by="owner")
    assert refusal.value.field == field
    cache.clear()
    from regulars.loyalty.nights.selectors import idle_months, night_rules

    assert (night_rules().notice_days, idle_months()) == ([30, 7, 1], 0)


# Sureness -------------------------------------------------------------------------------------------------------------


def test_a_limit_leaves_the_rest_for_at_once(guest: Member) -> None:
    gift_on("birthday")
    for number in range(3):
        with clock.turned_to(at(2026, 3, 1)):
            each = new_member(contact=f"+8613700{number:06d}")
            change_profile(member=each, birthday=dt.date(1990, 3, 5))
    night(at(2026, 3, 1))
    now = at(2026, 3, 5, 0, 5)
    assert night(now, limit=2) == now
    assert Award.objects.count() == 2
    assert night(now, limit=2) == at(2027, 3, 5, 0, 5)
    assert Award.objects.count() == 3


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_does_the_rest_once(
    guest: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    gift_on("birthday")
    with clock.turned_to(at(2026, 3, 1)):
        change_profile(member=guest, birthday=dt.date(1990, 3, 5))
        given(guest, 60, at(2026, 1, 15), expires_at=at(2026, 3, 12, 0))
    night(at(2026, 3, 1))
    now, move = at(2026, 3, 5, 0, 5), days._move
    monkeypatch.setattr(days, "_move", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("killed")))
    assert night(now) == now + services.AGAIN
    monkeypatch.setattr(days, "_move", move)
    night(now + services.AGAIN)
    night(now + services.AGAIN)
    assert awards(guest) == [("birthday:2026", dt.date(2026, 3, 5))]
    assert told(guest, "points_expiring") == ["60 points end soon"]


def test_one_kind_of_work_that_fails_holds_up_no_other(guest: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    given(guest, 60, at(2026, 3, 1), available_from=at(2026, 3, 3), expires_at=at(2026, 3, 9, 0))
    nowhere = DueWork("tests.nowhere.at_all", "tests.nowhere.at_all")
    monkeypatch.setattr(services, "AT_AN_INSTANT", (nowhere, *services.AT_AN_INSTANT))
    monkeypatch.setattr(days.Nightly, "run", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("broken")))
    assert night(at(2026, 3, 3)) == at(2026, 3, 3) + services.AGAIN
    assert told(guest, "points_released") == ["60 points can be used now"]


def test_two_workers_in_the_same_night_do_everything_once(open_business: Callable[..., Any]) -> None:
    business = open_business()
    now = at(2026, 3, 5, 0, 5)
    with business_context(business):
        gift_on("birthday")
        with clock.turned_to(at(2026, 3, 1)):
            members = [new_member(contact=f"+8613700{number:06d}") for number in range(12)]
            for each in members:
                change_profile(member=each, birthday=dt.date(1990, 3, 5))
                given(each, 10, at(2026, 3, 1), available_from=now)
                given(each, 30, at(2026, 1, 15), expires_at=now)
                given(each, 60, at(2026, 1, 15), expires_at=at(2026, 3, 12, 0))
        night(at(2026, 3, 1))
    with Crowd(business, 4) as crowd:
        crowd.at_once([lambda: night(now)] * 4)
    with business_context(business):
        night(now)
        for each in members:
            assert awards(each) == [("birthday:2026", dt.date(2026, 3, 5))]
            assert told(each, "points_released") == ["10 points can be used now"]
            assert told(each, "points_expiring") == ["60 points end soon"]
            assert balance(each.wallet) == 10 + 60 + 50
        assert unbalanced() == []


@pytest.mark.capability(54)
def test_workers_at_once_give_each_member_one_yearly_gift(open_business: Callable[..., Any]) -> None:
    business, now = open_business(), at(2026, 3, 5)
    with business_context(business):
        with clock.turned_to(at(2026, 3, 1)):
            members = [new_member(contact=f"+8613700{number:06d}") for number in range(12)]
        tiers: dict[Tier, int | None] = {members[0].standing.tier: None}
        words = {"en": "A gift", "zh-hans": "礼物"}
        save_benefit(code="gift", kind="yearly_gift", words=words, details={}, points=10, grants=tiers)
    with Crowd(business, 4) as crowd:
        assert len(successes(crowd.at_once([lambda: night(now)] * 4))) == 4
    with business_context(business):
        night(now)
        assert [balance(each.wallet) for each in members] == [10] * 12
        assert BenefitUse.objects.count() == 12


def test_an_idle_business_is_asked_nothing_and_the_sweep_knows_when(guest: Member) -> None:
    given(guest, 60, at(2026, 1, 15), expires_at=at(2027, 3, 12, 0))
    due = night(at(2026, 1, 15))
    assert due == at(2027, 2, 9, 0, 5)
    with clock.turned_to(at(2026, 1, 15)):
        assert services.next_due(now=clock.now()) == due
        assert (operations.next_due(now=clock.now()) or due) <= due


# The page -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Members are reminded 30, 7 and 1 days before points end"), ("zh-hans", "积分到期前 30, 7和1 天提醒会员")],
)
def test_the_page_says_in_sentences_what_holds(
    business: Any, owner: Any, client_for: Callable[..., Any], language: str, sentence: str
) -> None:
    owner.user.language = language
    owner.user.save()
    page = client_for(business, owner.user, language).get("/office/loyalty/when-points-end/").content.decode()
    assert sentence in page.replace("、", ", ")


def test_the_owner_sets_reminders_and_idleness(business: Any, owner: Any, client_for: Callable[..., Any]) -> None:
    from regulars.loyalty.nights.selectors import idle_months, night_rules

    browser = client_for(business, owner.user)
    answer = browser.post(
        "/office/loyalty/when-points-end/", {"notice_days": "14、 3,3", "idle_months": "18"}, follow=True
    )
    assert "Points end after 18 months without a purchase." in answer.content.decode()
    cache.clear()
    assert (night_rules().notice_days, idle_months()) == ([14, 3], 18)
    assert night_rules().idle_from == clock.today()


def test_what_is_no_number_of_days_is_said_beside_its_field(
    business: Any, owner: Any, client_for: Callable[..., Any]
) -> None:
    browser = client_for(business, owner.user)
    answer = browser.post("/office/loyalty/when-points-end/", {"notice_days": "a week", "idle_months": "0"})
    assert answer.status_code == 422
    assert "Enter whole numbers with commas between them" in answer.content.decode()
    assert 'value="a week"' in answer.content.decode()
