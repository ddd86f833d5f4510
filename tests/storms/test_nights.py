"""S6: what time alone brings about, over 800 days in three zones, against a plain reckoning of what must have happened.

A made-up business lives through leap day, both changes of the clock and every 31st. Points come, wait, are spent and
end; members have birthdays, some on 29 February, and move them; what they earn lifts them on a ladder, which they fall
from when they earn less. The workers come when the nights have said, to the instant, and after each act, as hints make
them, or in another life are down for days at a time. The reckoning knows nothing of marks, hints or SQL.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars import clock
from regulars.errors import NotEnough
from regulars.ledger.models import Posting
from regulars.ledger.services import Leg, post
from regulars.loyalty.nights import days, occasions
from regulars.loyalty.nights import services as nights
from regulars.loyalty.nights.models import NightMark
from regulars.loyalty.tiers import standing
from regulars.outreach.models import Channel, Message
from regulars.people.models import Member
from tests.conftest import new_member
from tests.crowd import sized
from tests.reckoning import GIFT, GRACE_DAYS, KEPT_MONTHS, LADDER, WINDOW_MONTHS, Grant, Place, Reckoning

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.6")]

ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Auckland")
SEEDS = range(sized(1, 20))
DAYS, ACTS = 800, sized(24, 120)
DAYS_OF_A_CONTROL, ACTS_OF_A_CONTROL = 150, 20
FIRST = dt.date(2026, 12, 1)
DAY = dt.timedelta(days=1)
BIRTHDAYS = ((1992, 2, 29), (1996, 2, 29), (1990, 2, 28), (1985, 3, 1), (1979, 12, 31), (2000, 1, 1), (1988, 8, 31))
HOURS = (dt.time(0, 0, 30), dt.time(0, 20), dt.time(2, 30), dt.time(12, 0), dt.time(23, 40), dt.time(23, 59, 59))


class Life:
    """The same life in the product: acts at their instants, workers at theirs."""

    def __init__(self, *, zone: str, seed: int, days: int = DAYS_OF_A_CONTROL, acts: int = ACTS_OF_A_CONTROL) -> None:
        self.zone, self.random = ZoneInfo(zone), random.Random(f"{zone} {seed}")
        self.days, self.acts = days, acts
        self.visits, self.refused = 0, 0
        self.kinds: tuple[Any, ...] = (self._earn, self._earn, self._reach, self._spend, self._move_birthday)
        self.outages: list[tuple[dt.datetime, dt.datetime]] = []

    def with_outages(self) -> Life:
        """A life in which people only join, and all workers are down again and again, from before midnight for days."""
        self.kinds = (self._join,)
        for _outage in range(self.days // 20):
            day = FIRST + DAY * self.random.randrange(2, self.days - 9)
            begin = dt.datetime.combine(day, dt.time(23, 30), self.zone).astimezone(dt.UTC)
            self.outages.append((begin, begin + dt.timedelta(minutes=self.random.choice((50, 700, 3000, 7000)))))
        return self

    def _down_until(self, at: dt.datetime) -> dt.datetime | None:
        """When workers are back that are down at an instant; None while they are not."""
        return max((back for down, back in self.outages if down <= at < back), default=None)

    def live(self, work: Callable[..., dt.datetime | None]) -> tuple[Reckoning, Counter[tuple[Any, ...]]]:
        """Live it with these workers; returns what must have happened and what has."""
        begun = dt.datetime.combine(FIRST, dt.time(9), self.zone).astimezone(dt.UTC)
        with timezone.override(self.zone), clock.turned_to(begun):
            birthdays = [dt.date(*day) for day in BIRTHDAYS]
            give_on_days()
            climb()
            members = [self._member(number, day) for number, day in enumerate(birthdays)]
        places = [Place() for _birthday in birthdays]
        joined = [FIRST for _birthday in birthdays]
        reckoning = Reckoning(self.zone, birthdays, joined, places, walked_to=begun)
        due = self._visit(work, begun)
        for at, act in self._acts(begun, members, reckoning):
            due = self._until(work, due, at)
            reckoning.walk(at)
            with timezone.override(self.zone), clock.turned_to(at):
                act(at)
            due = self._visit(work, at)
        end = dt.datetime.combine(FIRST + DAY * self.days, dt.time(12), self.zone).astimezone(dt.UTC)
        self._until(work, due, end)
        reckoning.walk(end)
        with timezone.override(self.zone):
            return reckoning, self._happened(members)

    def _until(self, work: Callable[..., Any], due: dt.datetime | None, at: dt.datetime) -> dt.datetime | None:
        while due is not None and due < at:
            then = self._visit(work, due)
            assert then is None or then > due, "the nights ask for the same instant again and again"
            due = then
        return due

    def _visit(self, work: Callable[..., Any], at: dt.datetime) -> dt.datetime | None:
        if (back := self._down_until(at)) is not None:
            return back
        self.visits += 1
        with timezone.override(self.zone), clock.turned_to(at):
            due: dt.datetime | None = work(now=at, limit=500)
        return due

    def _acts(self, begun: dt.datetime, members: list[Member], reckoning: Reckoning) -> list[tuple[Any, Any]]:
        acts = []
        for number in range(self.acts):
            day = FIRST + DAY * self.random.randrange(1, self.days)
            if self.outages and number % 2:
                day = self.random.choice(self.outages)[0].astimezone(self.zone).date()
            at = dt.datetime.combine(day, self.random.choice(HOURS), self.zone).astimezone(dt.UTC)
            kind = self.random.choice(self.kinds)
            acts.append((max(at, begun) + dt.timedelta(milliseconds=number), kind(number, members, reckoning)))
        return sorted(acts, key=lambda pair: pair[0])

    def _earn(self, number: int, members: list[Member], reckoning: Reckoning) -> Callable[[dt.datetime], None]:
        who, points = self.random.randrange(len(members)), self.random.randrange(1, 200)
        waits, keeps = self.random.choice((0, 0, 1, 14)), self.random.choice((None, 1, 5, 29, 30, 31, 45, 200))

        def earn(at: dt.datetime) -> None:
            today = reckoning.day_of(at)
            usable = reckoning.midnight(today + DAY * waits) if waits else at
            ends = reckoning.midnight(today + DAY * (waits + keeps + 1)) if keeps else None
            leg = Leg(
                wallet=members[who].wallet_id,
                asset="points",
                amount=points,
                house="points.issued",
                available_from=usable if waits else None,
                expires_at=ends,
            )
            post(key=f"earned-{number:06d}", kind="gift", legs=[leg], reason="storm", actor="storm")
            reckoning.grants.append(Grant(who, points, at, usable, ends))

        return earn

    def _reach(self, number: int, members: list[Member], reckoning: Reckoning) -> Callable[[dt.datetime], None]:
        from regulars.loyalty.tiers.standing import points_arrived

        who, points = self.random.randrange(len(members)), self.random.randrange(100, 400)

        def reach(at: dt.datetime) -> None:
            leg = Leg(wallet=members[who].wallet_id, asset="points", amount=points, house="points.issued")
            post(key=f"reached-{number:05d}", kind="award", legs=[leg], reason="storm", actor="storm")
            points_arrived(member=members[who])
            reckoning.earn(who, points, at)

        return reach

    def _join(self, number: int, members: list[Member], reckoning: Reckoning) -> Callable[[dt.datetime], None]:
        days = self.random.choice((1, 1, 2, 3, 5, self.random.randrange(-40, 40)))

        def join(at: dt.datetime) -> None:
            today = reckoning.day_of(at)
            birthday = today.replace(year=1992, day=min(today.day, 28)) + DAY * days
            members.append(self._member(1000 + number, birthday))
            reckoning.birthdays.append(birthday)
            reckoning.joined.append(today)
            reckoning.places.append(Place())

        return join

    def _spend(self, number: int, members: list[Member], reckoning: Reckoning) -> Callable[[dt.datetime], None]:
        who, share = self.random.randrange(len(members)), self.random.choice((1, 2, 3))

        def spend(at: dt.datetime) -> None:
            amount = reckoning.spendable(who, at) // share
            if not amount:
                return
            leg = Leg(wallet=members[who].wallet_id, asset="points", amount=-amount, house="points.spent")
            try:
                post(key=f"spent-{number:07d}", kind="spending", legs=[leg], reason="storm", actor="storm")
            except NotEnough:
                self.refused += 1
            reckoning.spend(who, amount, at)

        return spend

    def _move_birthday(self, number: int, members: list[Member], reckoning: Reckoning) -> Callable[[dt.datetime], None]:
        from regulars.people.services import change_profile

        who, days = self.random.randrange(len(members)), self.random.randrange(-40, 40)

        def move(at: dt.datetime) -> None:
            birthday = reckoning.day_of(at).replace(year=1991, day=15) + DAY * days
            change_profile(member=members[who], birthday=birthday)
            reckoning.birthdays[who] = birthday

        return move

    def _member(self, number: int, birthday: dt.date) -> Member:
        from regulars.people.services import change_profile

        member = new_member(contact=f"+8613900{number:06d}", name=f"Guest {number}")
        return change_profile(member=member, birthday=birthday)

    def _happened(self, members: list[Member]) -> Counter[tuple[Any, ...]]:
        from regulars.loyalty.models import Award, TierMove

        numbers = {member.wallet_id: number for number, member in enumerate(members)}
        found: Counter[tuple[Any, ...]] = Counter()
        ended = Posting.objects.filter(transaction__kind="expiry", account__wallet__isnull=False)
        for wallet, at, amount in ended.values_list("account__wallet", "transaction__occurred_at", "amount"):
            found["ended", numbers[wallet], at, -amount] += 1
        words = {"points_released": "arrived", "points_expiring": "reminded"}
        told = Message.objects.filter(kind__in=words, channel=Channel.INBOX).select_related("member")
        for message in told:
            points = int(message.subject.split()[0])
            found[words[message.kind], numbers[message.member.wallet_id], message.written_at, points] += 1
        for award in Award.objects.select_related("member"):
            kind = award.occasion.partition(":")[0]
            found[kind, numbers[award.member.wallet_id], award.awarded_on] += 1
        for move in TierMove.objects.select_related("member", "current"):
            found["tier", numbers[move.member.wallet_id], move.moved_at, move.current.code] += 1
        if self.refused:
            found["refused", self.refused] += 1
        return found


def give_on_days() -> None:
    """Rules that give the same number of points, for good, on birthdays and on the day of joining."""
    from regulars.loyalty.models import PointsRule

    PointsRule.objects.all().delete()
    for trigger in ("birthday", "anniversary"):
        PointsRule.objects.create(
            name=trigger, trigger=trigger, kind="fixed", points=GIFT, expires_after_months=0, expiry={"kind": "never"}
        )


def climb() -> None:
    """The ladder, by what was earned in the last months."""
    from regulars.loyalty.models import Tier, Track

    Track.objects.exclude(is_default=True).delete()
    Track.objects.update(
        basis={"measures": ["points_earned"]},
        window="rolling",
        window_months=WINDOW_MONTHS,
        keep_months=KEPT_MONTHS,
        grace_days=GRACE_DAYS,
        downgrade="step",
    )
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.update(code=LADDER[0][0])
    for code, enough, keeps in LADDER[1:]:
        Tier.objects.create(code=code, words={"en": code}, threshold=enough, retain_threshold=keeps)
    cache.clear()


def faults(reckoning: Reckoning, happened: Counter[tuple[Any, ...]]) -> list[str]:
    """What was missed, and what was double, early or never due."""
    missed, wrong = reckoning.happened - happened, happened - reckoning.happened
    said = [("missed", each) for each in missed] + [("wrong", each) for each in wrong]
    return [f"{what}: {each}" for what, each in sorted(said, key=str)]


@pytest.mark.capability(74, 76, 89)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("zone", ZONES)
def test_over_800_days_nothing_is_missed_double_or_early(business: Any, zone: str, seed: int) -> None:
    life = Life(zone=zone, seed=seed, days=DAYS, acts=ACTS)
    reckoning, happened = life.live(nights.run_due)
    assert faults(reckoning, happened) == []
    kinds = {each[0] for each in happened}
    assert kinds == {"ended", "arrived", "reminded", "birthday", "anniversary", "tier"}
    assert {each[3] for each in happened if each[0] == "tier"} >= {"base", "silver"}, "nobody fell"
    assert life.visits < ACTS * 8 + 200, "workers came when there was nothing to do"


def gifts(counted: Counter[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """What came on days of the year, each by its day: workers that were down give it when they are back."""
    return Counter({each: times for each, times in counted.items() if each[0] in ("birthday", "anniversary")})


def missed_gifts(life: Life, work: Callable[..., dt.datetime | None] = nights.run_due) -> list[str]:
    """The gifts that a life with outages missed, or gave to whom none was due."""
    reckoning, happened = life.with_outages().live(work)
    assert len(reckoning.birthdays) == len(BIRTHDAYS) + life.acts
    reckoning.happened = gifts(reckoning.happened)
    return faults(reckoning, gifts(happened))


@pytest.mark.capability(89)
@pytest.mark.parametrize("seed", range(sized(1, 3)))
@pytest.mark.parametrize("zone", ZONES)
def test_workers_that_are_down_again_and_again_miss_no_day_and_do_none_twice(
    business: Any, zone: str, seed: int
) -> None:
    assert missed_gifts(Life(zone=zone, seed=seed, days=DAYS, acts=sized(24, 60))) == []


# Negative controls ----------------------------------------------------------------------------------------------------


def days_cut_in_utc(now: dt.datetime, limit: int) -> dt.datetime | None:
    """The same work by somebody who forgot where the business is."""
    with timezone.override(dt.UTC):
        return nights.run_due(now=now, limit=limit)


@pytest.mark.parametrize("zone", ZONES[: sized(1, 3)])
def test_days_cut_in_utc_instead_of_the_businesss_day_are_found_out(business: Any, zone: str) -> None:
    found = faults(*Life(zone=zone, seed=0).live(days_cut_in_utc))
    assert {each.split(":")[0] for each in found} == {"missed", "wrong"}


def test_a_calendar_without_29_february_is_found_out(business: Any) -> None:
    whole = occasions.Occasion.members

    def by_the_letter(self: occasions.Occasion, day: dt.date, *, behind: int, limit: int) -> list[int]:
        found = Member.objects.filter(pk__in=whole(self, day, behind=behind, limit=limit))
        days = found.order_by("pk").values_list("pk", self.column)
        return [number for number, known in days if (known.month, known.day) == (day.month, day.day)]

    with patch.object(occasions.Occasion, "members", by_the_letter):
        found = faults(*Life(zone=ZONES[0], seed=0).live(nights.run_due))
    assert any(each.startswith("missed: ('birthday'") for each in found)


def test_a_worker_who_comes_every_other_night_is_found_out(business: Any) -> None:
    def late(now: dt.datetime, limit: int) -> dt.datetime | None:
        due = nights.run_due(now=now, limit=limit)
        return due + DAY * 2 if due is not None else None

    assert faults(*Life(zone=ZONES[0], seed=0).live(late)) != []


def test_a_night_that_forgets_tiers_is_found_out(business: Any) -> None:
    with patch.object(standing, "next_due", lambda **_: None):
        found = faults(*Life(zone=ZONES[0], seed=0, days=400, acts=60).live(nights.run_due))
    assert any(each.startswith("missed: ('tier'") for each in found)


def test_workers_that_come_back_and_look_at_the_present_day_only_are_found_out(business: Any) -> None:
    def from_today(now: dt.datetime, limit: int) -> dt.datetime | None:
        NightMark.objects.filter(open_from__lt=days.day_at(now)).update(open_from=days.day_at(now))
        return nights.run_due(now=now, limit=limit)

    found = missed_gifts(Life(zone=ZONES[0], seed=0, days=400, acts=60), from_today)
    assert any(each.startswith("missed: ('birthday'") for each in found)
