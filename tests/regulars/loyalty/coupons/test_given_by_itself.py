"""Coupons that come by themselves, and what members are told of theirs: once for each occasion, however often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars import clock
from regulars.errors import InvalidInput
from regulars.ledger.services import adjust
from regulars.loyalty.coupons.models import Coupon, CouponState, CouponTemplate, Origin
from regulars.loyalty.coupons.services import give, welcome
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import NightMark, PointsRule
from regulars.loyalty.nights import days, services
from regulars.organisation.models import Branch, Staff
from regulars.outreach.models import Channel, Message, MessageState
from regulars.people.models import Member, Source
from regulars.people.services import change_profile, set_marketing_consent
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd

pytestmark = [pytest.mark.clause("5.2"), pytest.mark.capability(88)]

SHANGHAI = dt.timedelta(hours=8)
Make = Callable[..., CouponTemplate]


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """An instant by the clock on the wall in Shanghai."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC) - SHANGHAI


def night(now: dt.datetime, limit: int = 500) -> dt.datetime | None:
    """The workers come."""
    cache.clear()
    with clock.turned_to(now):
        return services.run_due(now=now, limit=limit)


def by_itself(occasion: str, now: dt.datetime | None = None, **over: Any) -> CouponTemplate:
    """Five yuan off that the nights give on an occasion, for two weeks from receipt."""
    values: dict[str, Any] = {
        "kind": "amount",
        "value": 500,
        "words": {"en": "Five off", "zh-hans": "五元券"},
        "days": 14,
    }
    terms = TemplateTerms(**{**values, "occasion": occasion, "is_given_by_itself": True, **over})
    with clock.turned_to(now or at(2026, 3, 1)):
        return save_template(terms=terms, by="test")


def born(member: Member, birthday: dt.date, now: dt.datetime) -> None:
    """A birthday is entered."""
    with clock.turned_to(now):
        change_profile(member=member, birthday=birthday)


def bought(member: Member, branch: Branch, now: dt.datetime) -> None:
    """A purchase."""
    with clock.turned_to(now):
        told = quote(branch=branch, member=member, lines=[LineRequest("Tea", 5_000)])
        confirm(quote=told, key=f"bought-{now.isoformat()}", cashier=None)


def given_on(member: Member) -> list[dt.date]:
    """The business's days on which a member was given a coupon by itself."""
    rows = Coupon.objects.filter(member=member, origin=Origin.OCCASION).order_by("pk")
    return [clock.day_of(row.issued_at) for row in rows]


def told(member: Member, kind: str, channel: str = Channel.INBOX) -> list[str]:
    """The subjects of what a member was told."""
    found = Message.objects.filter(member=member, kind=kind, channel=channel).order_by("pk")
    return list(found.values_list("subject", flat=True))


@pytest.fixture
def guest(business: Any) -> Iterator[Member]:
    """Somebody who joined on 10 January 2026."""
    PointsRule.objects.all().delete()
    with clock.turned_to(at(2026, 1, 10)):
        yield new_member()


# Birthdays and anniversaries ------------------------------------------------------------------------------------------


@pytest.mark.capability(89)
@pytest.mark.parametrize(("year", "day"), [(2027, 28), (2028, 29)], ids=["a common year", "a leap year"])
def test_a_birthday_on_29_february_has_its_coupon_every_year(guest: Member, year: int, day: int) -> None:
    by_itself("birthday", at(year, 2, 1))
    born(guest, dt.date(1992, 2, 29), at(year, 2, 1))
    due = night(at(year, 2, 1))
    assert due == at(year, 2, day, 0, 5)
    night(due)
    night(due)
    assert given_on(guest) == [dt.date(year, 2, day)]


@pytest.mark.capability(89)
def test_so_many_days_before_the_birthday_over_the_turn_of_the_year(guest: Member) -> None:
    by_itself("birthday", at(2026, 12, 1), days_ahead=7)
    born(guest, dt.date(1990, 1, 3), at(2026, 12, 1))
    assert night(at(2026, 12, 1)) == at(2026, 12, 27, 0, 5)
    night(at(2026, 12, 27, 0, 5))
    assert given_on(guest) == [dt.date(2026, 12, 27)]
    assert Coupon.objects.get(member=guest).key.split(":")[-2:] == ["2027", str(guest.pk)]
    night(at(2026, 12, 27, 0, 6))
    with clock.turned_to(at(2026, 12, 28)):
        assert services.next_due(now=clock.now()) is not None
    assert len(given_on(guest)) == 1


@pytest.mark.capability(89)
def test_a_birthday_edited_after_the_coupon_brings_no_second_one(guest: Member) -> None:
    by_itself("birthday")
    born(guest, dt.date(1990, 12, 30), at(2026, 3, 1))
    night(at(2026, 3, 1))
    night(at(2026, 12, 30, 0, 5))
    born(guest, dt.date(1990, 1, 9), at(2026, 12, 31))
    night(at(2026, 12, 31))
    night(at(2027, 1, 9, 0, 5))
    assert given_on(guest) == [dt.date(2026, 12, 30)]
    night(at(2028, 1, 9, 0, 5))
    assert given_on(guest) == [dt.date(2026, 12, 30), dt.date(2028, 1, 9)]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Auckland"])
def test_a_birthday_begins_at_midnight_in_the_businesss_zone(guest: Member, zone: str) -> None:
    """A day cut in UTC would give it hours too early in New York and half a day late in Auckland."""
    with timezone.override(zone):
        begins = clock.start_of(dt.date(2026, 5, 5))
        by_itself("birthday", begins - 3 * days.DAY)
        born(guest, dt.date(1990, 5, 5), begins - 2 * days.DAY)
        assert night(begins - dt.timedelta(seconds=1)) == begins + days.AFTER_MIDNIGHT
        assert given_on(guest) == []
        night(begins + days.AFTER_MIDNIGHT)
        assert given_on(guest) == [dt.date(2026, 5, 5)]


@pytest.mark.capability(89)
def test_the_day_of_joining_has_its_coupon_from_the_next_year_on(guest: Member) -> None:
    by_itself("anniversary", at(2026, 1, 10, 13))
    assert night(at(2026, 1, 10, 14)) == at(2027, 1, 10, 0, 5)
    assert given_on(guest) == []
    night(at(2027, 1, 10, 0, 5))
    assert given_on(guest) == [dt.date(2027, 1, 10)]


def test_it_is_given_to_those_it_is_for_and_no_others(guest: Member) -> None:
    with clock.turned_to(at(2026, 2, 1)):
        other = new_member(contact="+8613900139000")
    by_itself("birthday", condition={"field": "ledger.points", "is": "at_least", "value": 50})
    for member in (guest, other):
        born(member, dt.date(1990, 3, 5), at(2026, 3, 1))
    adjust(wallet=guest.wallet, asset="points", amount=60, key="points-to-it", reason="gift", actor="test")
    night(at(2026, 3, 1))
    night(at(2026, 3, 5, 0, 5))
    assert (len(given_on(guest)), len(given_on(other))) == (1, 0)


def test_one_put_away_or_over_is_no_longer_given_and_nobody_looks(guest: Member) -> None:
    template = by_itself("birthday", ends_on=dt.date(2026, 3, 4))
    born(guest, dt.date(1990, 3, 5), at(2026, 3, 1))
    night(at(2026, 3, 1))
    assert NightMark.objects.filter(kind="coupon_birthdays").exists()
    night(at(2026, 3, 5, 0, 5))
    assert given_on(guest) == []
    assert not NightMark.objects.filter(kind="coupon_birthdays").exists()
    CouponTemplate.objects.filter(pk=template.pk).update(ends_on=None, is_active=False)
    assert night(at(2026, 3, 5, 13)) is None


def test_limits_hold_for_what_is_given_by_itself_too(guest: Member) -> None:
    with clock.turned_to(at(2026, 2, 1)):
        other = new_member(contact="+8613900139000")
    template = by_itself("birthday", most_total=1)
    for member in (guest, other):
        born(member, dt.date(1990, 3, 5), at(2026, 3, 1))
    night(at(2026, 3, 1))
    night(at(2026, 3, 5, 0, 5))
    night(at(2026, 3, 5, 0, 6))
    template.refresh_from_db()
    assert (template.issued, Coupon.objects.count()) == (1, 1)


# Long not seen --------------------------------------------------------------------------------------------------------


@pytest.mark.capability(90)
def test_who_buys_nothing_for_so_many_days_is_given_one_once_for_each_absence(guest: Member, branch: Branch) -> None:
    by_itself("wake_up", at(2026, 1, 11), idle_days=60, again_days=90)
    bought(guest, branch, at(2026, 1, 20))
    night(at(2026, 1, 21))
    night(at(2026, 3, 11, 0, 5))
    assert given_on(guest) == [], "sixty days after joining, but not after the purchase"
    night(at(2026, 3, 21, 0, 5))
    assert given_on(guest) == [dt.date(2026, 3, 21)]
    night(at(2026, 9, 21, 0, 5))
    assert given_on(guest) == [dt.date(2026, 3, 21)], "who stays away is not given it again"
    bought(guest, branch, at(2026, 10, 1))
    night(at(2026, 11, 30, 0, 5))
    assert given_on(guest) == [dt.date(2026, 3, 21), dt.date(2026, 11, 30)]


@pytest.mark.capability(90)
def test_one_member_is_not_woken_more_often_than_that(guest: Member, branch: Branch) -> None:
    by_itself("wake_up", at(2026, 1, 11), idle_days=30, again_days=90)
    bought(guest, branch, at(2026, 2, 1))
    night(at(2026, 2, 1, 13))
    night(at(2026, 3, 3, 0, 5))
    bought(guest, branch, at(2026, 3, 10))
    night(at(2026, 4, 9, 0, 5))
    assert given_on(guest) == [dt.date(2026, 3, 3)], "37 days later"
    bought(guest, branch, at(2026, 5, 2))
    night(at(2026, 6, 1, 0, 5))
    assert given_on(guest) == [dt.date(2026, 3, 3), dt.date(2026, 6, 1)], "90 days later"


@pytest.mark.capability(90)
def test_a_coupon_that_begins_today_wakes_nobody_who_is_away_for_longer_already(guest: Member) -> None:
    by_itself("wake_up", at(2026, 8, 1), idle_days=60, again_days=90)
    assert night(at(2026, 8, 1)) is None
    assert night(at(2027, 8, 1)) is None
    assert given_on(guest) == []


@pytest.mark.capability(90)
def test_what_wakes_somebody_up_is_an_offer_and_asks_for_consent(guest: Member) -> None:
    with clock.turned_to(at(2026, 1, 10)):
        agrees = new_member(contact="+8613900139000")
        set_marketing_consent(member=agrees, is_given=True, source=Source.SITE)
    by_itself("wake_up", at(2026, 1, 11), idle_days=30, again_days=90)
    night(at(2026, 1, 11))
    night(at(2026, 2, 9, 0, 5))
    assert len(given_on(guest)) == len(given_on(agrees)) == 1, "the coupon is theirs either way"
    assert set(Message.objects.filter(member=guest, kind="coupon_offer").values_list("state", "detail")) == {
        (MessageState.HELD_BACK, "no_consent")
    }
    text = Message.objects.get(member=agrees, kind="coupon_offer", channel=Channel.SMS)
    assert (text.state, text.not_before) == (MessageState.QUEUED, at(2026, 2, 9, 9)), "not in the quiet hours"
    assert "Stop: " in text.body


@pytest.mark.capability(90)
def test_a_night_asks_no_more_often_for_many_who_are_woken_up(guest: Member) -> None:
    by_itself("wake_up", at(2026, 1, 11), idle_days=30, again_days=90)
    night(at(2026, 1, 11))
    for number in range(43):
        day = 20 if number < 3 else 25
        with clock.turned_to(at(2026, 1, day)):
            each = new_member(contact=f"+8613700{number:06d}")
            set_marketing_consent(member=each, is_given=True, source=Source.SITE)

    def questions(now: dt.datetime) -> int:
        with CaptureQueriesContext(connection) as asked:
            night(now)
        return len(asked)

    night(at(2026, 2, 9, 0, 5))
    few, many = questions(at(2026, 2, 19, 0, 5)), questions(at(2026, 2, 24, 0, 5))
    assert Coupon.objects.count() == 44
    assert Message.objects.filter(kind="coupon_offer", channel=Channel.INBOX, state=MessageState.SENT).count() == 43
    assert many <= few


# What members are told ------------------------------------------------------------------------------------------------


def test_who_is_given_a_coupon_is_told_once_in_their_language(guest: Member, owner: Staff) -> None:
    with clock.turned_to(at(2026, 3, 1)):
        template = save_template(
            terms=TemplateTerms(kind="amount", value=2_000, words={"en": "Sorry", "zh-hans": "一点心意"}, days=10)
        )
        for _ in range(2):
            give(member=guest, template=template, key="given-once-1", by=owner)
        assert told(guest, "coupon_given") == ["A coupon for you: Sorry"]
        body = Message.objects.get(kind="coupon_given", channel=Channel.INBOX).body
        assert "Sorry (¥20 off) is among your coupons, until 10 Mar 2026." in body
        assert "/me/coupons/cpn_" in body
        change_profile(member=guest, language="zh-hans")
        give(member=Member.objects.get(pk=guest.pk), template=template, key="given-once-2", by=owner)
    assert told(guest, "coupon_given")[1:] == ["送你一张优惠券：一点心意"]


@pytest.mark.capability(89)
def test_a_birthday_coupon_of_the_night_is_told_of_in_the_morning(guest: Member) -> None:
    by_itself("birthday")
    born(guest, dt.date(1990, 3, 5), at(2026, 3, 1))
    night(at(2026, 3, 1))
    night(at(2026, 3, 5, 0, 5))
    night(at(2026, 3, 5, 0, 6))
    text = Message.objects.get(member=guest, kind="coupon_given", channel=Channel.SMS)
    assert (text.state, text.not_before) == (MessageState.QUEUED, at(2026, 3, 5, 9))


def test_whoever_joins_hears_of_the_coupon_in_the_inbox_alone(business: Any, branch: Branch) -> None:
    by_itself("welcome")
    guest = new_member()
    welcome(member=guest)
    welcome(member=guest)
    assert [each.channel for each in Message.objects.filter(member=guest, kind="coupon_given")] == [Channel.INBOX]
    assert Coupon.objects.get(member=guest).origin == Origin.JOINING


def test_a_member_is_reminded_before_coupons_end_with_one_message_for_all(guest: Member, owner: Staff) -> None:
    with clock.turned_to(at(2026, 3, 1)):
        words = {"en": "Five off", "zh-hans": "五元券"}
        ten_days = save_template(terms=TemplateTerms(kind="amount", value=500, words=words, days=10))
        two_days = save_template(terms=TemplateTerms(kind="amount", value=100, words={"en": "Soon"}, days=2))
        endless = save_template(terms=TemplateTerms(kind="amount", value=100, words={"en": "Endless"}))
        for number, template in enumerate((ten_days, ten_days, two_days, endless)):
            give(member=guest, template=template, key=f"given-{number}-key", by=owner)
        used = Coupon.objects.filter(template=ten_days).latest("pk")
    night(at(2026, 3, 1))
    assert night(at(2026, 3, 3)) == at(2026, 3, 7, 0, 5)
    Coupon.objects.filter(pk=used.pk).update(state=CouponState.VOID, number=None)
    night(at(2026, 3, 7, 0, 5))
    night(at(2026, 3, 7, 0, 6))
    assert told(guest, "coupon_ending") == ["Your coupons end soon"]
    body = Message.objects.get(kind="coupon_ending", channel=Channel.INBOX).body
    assert "Use your coupons in time: Five off until 10 Mar 2026." in body
    assert "Soon" not in body


def test_days_of_reminders_are_the_businesss_own(guest: Member, owner: Staff) -> None:
    with clock.turned_to(at(2026, 3, 1)):
        template = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Five off"}, days=20))
        give(member=guest, template=template, key="given-key-1", by=owner)
        services.save_rules(notice_days=[7], idle_months=0, coupon_notice_days=[7, 1], by="owner")
    due, nights = night(at(2026, 3, 1)), []
    while due is not None:
        nights.append(due)
        due = night(due)
    assert nights == [at(2026, 3, 13, 0, 5), at(2026, 3, 19, 0, 5), at(2026, 3, 21, 0)]
    assert len(told(guest, "coupon_ending")) == 2
    with clock.turned_to(at(2026, 3, 22)):
        with pytest.raises(InvalidInput) as why:
            services.save_rules(notice_days=[7], idle_months=0, coupon_notice_days=[0], by="owner")
        assert why.value.field == "coupon_notice_days"
        services.save_rules(notice_days=[7], idle_months=0, coupon_notice_days=[], by="owner")
    night(at(2026, 3, 22))
    assert not NightMark.objects.filter(kind="coupon_notices").exists()


@pytest.mark.capability(91)
def test_what_makes_good_is_given_by_hand_and_says_why(guest: Member, owner: Staff) -> None:
    words = {"en": "Sorry", "zh-hans": "一点心意"}
    terms = TemplateTerms(kind="amount", value=2_000, words=words, occasion="compensation")
    template = save_template(terms=terms)
    with pytest.raises(InvalidInput) as why:
        give(member=guest, template=template, key="given-once-1", by=owner)
    assert why.value.field == "reason"
    assert not Coupon.objects.exists()
    assert give(member=guest, template=template, key="given-once-1", by=owner, reason="Cold tea").reason == "Cold tea"


# Sureness -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"occasion": ""}, "occasion"),
        ({"occasion": "compensation"}, "occasion"),
        ({"occasion": "wake_up", "again_days": 30}, "idle_days"),
        ({"occasion": "wake_up", "idle_days": 30}, "again_days"),
        ({"occasion": "wake_up", "idle_days": 0, "again_days": 30}, "idle_days"),
        ({"occasion": "birthday", "days_ahead": 61}, "days_ahead"),
        ({"occasion": "birthday", "days_ahead": -1}, "days_ahead"),
    ],
)
@pytest.mark.clause("5.Bad input")
def test_an_occasion_that_cannot_be_is_refused_by_its_field(business: Any, over: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as why:
        by_itself(**over)
    assert why.value.field == field
    assert not CouponTemplate.objects.exists()


def test_the_database_gives_one_coupon_for_one_occasion(guest: Member) -> None:
    by_itself("birthday")
    born(guest, dt.date(1990, 3, 5), at(2026, 3, 1))
    night(at(2026, 3, 1))
    night(at(2026, 3, 5, 0, 5))
    given = Coupon.objects.get()
    with pytest.raises(IntegrityError, match="loyalty_coupon_key"), transaction.atomic():
        Coupon.objects.create(
            template=given.template, member=guest, number=2, key=given.key, origin="staff", issued_at=given.issued_at
        )


def test_a_limit_leaves_the_rest_for_at_once(guest: Member) -> None:
    by_itself("birthday")
    for number in range(3):
        with clock.turned_to(at(2026, 3, 1)):
            each = new_member(contact=f"+8613700{number:06d}")
        born(each, dt.date(1990, 3, 5), at(2026, 3, 1))
    night(at(2026, 3, 1))
    now = at(2026, 3, 5, 0, 5)
    assert night(now, limit=2) == now
    assert Coupon.objects.count() == 2
    night(now, limit=2)
    assert Coupon.objects.count() == 3


def test_a_worker_that_dies_is_followed_by_one_that_gives_the_rest_once(
    guest: Member, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_itself("birthday")
    by_itself("wake_up", idle_days=54, again_days=90)
    born(guest, dt.date(1990, 3, 5), at(2026, 3, 1))
    night(at(2026, 3, 1))
    now, move = at(2026, 3, 5, 0, 5), days._move
    monkeypatch.setattr(days, "_move", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("killed")))
    assert night(now) == now + services.AGAIN
    monkeypatch.setattr(days, "_move", move)
    night(now + services.AGAIN)
    night(now + services.AGAIN)
    assert given_on(guest) == [dt.date(2026, 3, 5)] * 2
    assert (len(told(guest, "coupon_given")), len(told(guest, "coupon_offer"))) == (1, 1)


def test_two_workers_in_the_same_night_give_each_coupon_once(open_business: Callable[..., Any]) -> None:
    business, now = open_business(), at(2026, 3, 5, 0, 5)
    with business_context(business):
        PointsRule.objects.all().delete()
        template = by_itself("birthday", most_total=40)
        with clock.turned_to(at(2026, 3, 1)):
            members = [new_member(contact=f"+8613700{number:06d}") for number in range(12)]
            for each in members:
                change_profile(member=each, birthday=dt.date(1990, 3, 5))
        night(at(2026, 3, 1))
    with Crowd(business, 4) as crowd:
        crowd.at_once([lambda: night(now)] * 4)
    with business_context(business):
        night(now)
        assert [len(given_on(each)) for each in members] == [1] * 12
        assert [told(each, "coupon_given") for each in members] == [["A coupon for you: Five off"]] * 12
        template.refresh_from_db()
        assert template.issued == 12


def test_a_night_asks_no_more_often_for_many_birthdays(guest: Member, django_assert_max_num_queries: Any) -> None:
    by_itself("birthday")
    with clock.turned_to(at(2026, 3, 1)):
        for number in range(40):
            each = new_member(contact=f"+8613700{number:06d}")
            change_profile(member=each, birthday=dt.date(1990, 3, 5))
    night(at(2026, 3, 1))
    with django_assert_max_num_queries(90):
        night(at(2026, 3, 5, 0, 5))
    assert Coupon.objects.count() == 40
