"""S6: what time alone brings about, over 800 days in three zones, against a plain reckoning of what must have happened.

A made-up business lives through leap day, both changes of the clock and every 31st. Points come, wait, are spent and
end; members have birthdays, some on 29 February, and move them. The workers come when the nights have said, to the
instant, and after each act, as hints make them. The reckoning knows nothing of marks, hints or SQL.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars import clock
from regulars.ledger.models import Posting
from regulars.ledger.services import Leg, post
from regulars.loyalty.nights import occasions
from regulars.loyalty.nights import services as nights
from regulars.outreach.models import Channel, Message
from regulars.people.models import Member
from tests.conftest import new_member
from tests.crowd import sized

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.6")]

ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Auckland")
SEEDS = range(sized(1, 20))
DAYS, ACTS = 800, sized(24, 240)
DAYS_OF_A_CONTROL, ACTS_OF_A_CONTROL = 150, 20
FIRST = dt.date(2026, 12, 1)
GIFT = 7
REMINDED = (30, 7, 1)
NIGHT = dt.timedelta(minutes=5)
DAY = dt.timedelta(days=1)
BIRTHDAYS = ((1992, 2, 29), (1996, 2, 29), (1990, 2, 28), (1985, 3, 1), (1979, 12, 31), (2000, 1, 1), (1988, 8, 31))
HOURS = (dt.time(0, 0, 30), dt.time(0, 20), dt.time(2, 30), dt.time(12, 0), dt.time(23, 40), dt.time(23, 59, 59))


@dataclass
class Grant:
    """Points as the reckoning knows them."""

    who: int
    left: int
    given_at: dt.datetime
    usable_from: dt.datetime
    ends_at: dt.datetime | None


@dataclass
class Reckoning:
    """What must happen, worked out by hand: every minute that matters is walked through in order."""

    zone: ZoneInfo
    birthdays: list[dt.date]
    joined: dt.date
    grants: list[Grant] = field(default_factory=list)
    gifts: dict[tuple[str, int], list[dt.date]] = field(default_factory=dict)
    happened: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    walked_to: dt.datetime | None = None

    def midnight(self, day: dt.date) -> dt.datetime:
        """The first instant of a day."""
        return dt.datetime.combine(day, dt.time.min, self.zone).astimezone(dt.UTC)

    def day_of(self, instant: dt.datetime) -> dt.date:
        """The day on which an instant falls."""
        return instant.astimezone(self.zone).date()

    def walk(self, until: dt.datetime) -> None:
        """Let everything happen that is due after where it stands, up to an instant."""
        moments = {self.midnight(day) + NIGHT for day in self._days(until)}
        moments |= {at for grant in self.grants for at in (grant.ends_at, grant.usable_from) if at is not None}
        since = self.walked_to
        for moment in sorted(at for at in moments if (since is None or at > since) and at <= until):
            self._end(moment)
            self._arrive(moment)
            if moment == self.midnight(self.day_of(moment)) + NIGHT:
                self._remind(moment)
                self._give(moment)
        self.walked_to = until

    def spendable(self, who: int, at: dt.datetime) -> int:
        """What somebody can spend."""
        return sum(grant.left for grant in self._open(who, at))

    def spend(self, who: int, amount: int, at: dt.datetime) -> None:
        """Take from what ends first, from the oldest where nothing ends."""
        for grant in self._open(who, at):
            part = min(amount, grant.left)
            grant.left, amount = grant.left - part, amount - part

    def _open(self, who: int, at: dt.datetime) -> list[Grant]:
        mine = [grant for grant in self.grants if grant.who == who and grant.left and grant.usable_from <= at]
        alive = [grant for grant in mine if grant.ends_at is None or grant.ends_at > at]
        never = dt.datetime.max.replace(tzinfo=dt.UTC)
        return sorted(alive, key=lambda grant: grant.ends_at or never)  # the sort is stable: then the oldest

    def _days(self, until: dt.datetime) -> Iterator[dt.date]:
        day = self.day_of(self.walked_to or until)
        while day <= self.day_of(until):
            yield day
            day += DAY

    def _end(self, at: dt.datetime) -> None:
        for grant in self.grants:
            if grant.ends_at == at and grant.left:
                self.happened["ended", grant.who, at, grant.left] += 1
                grant.left = 0

    def _arrive(self, at: dt.datetime) -> None:
        arrived: Counter[int] = Counter()
        for grant in self.grants:
            if grant.usable_from == at > grant.given_at:
                arrived[grant.who] += grant.left
        for who, points in arrived.items():
            if points:
                self.happened["arrived", who, at, points] += 1

    def _remind(self, at: dt.datetime) -> None:
        today, due = self.day_of(at), Counter[int]()
        for grant in self.grants:
            if grant.ends_at is None or not grant.left or self.day_of(grant.given_at - NIGHT) >= today:
                continue
            last = self.day_of(grant.ends_at - dt.timedelta(microseconds=1))
            if (last - today).days in REMINDED:
                due[grant.who] += grant.left
        for who, points in due.items():
            self.happened["reminded", who, at, points] += 1

    def _give(self, at: dt.datetime) -> None:
        today = self.day_of(at)
        for who, birthday in enumerate(self.birthdays):
            for kind, day in (("birthday", birthday), ("anniversary", self.joined)):
                if day >= today or today != falls_on(day, today.year):
                    continue
                before = self.gifts.setdefault((kind, who), [])
                if before and ((today - before[-1]).days < 330 or before[-1].year == today.year):
                    continue
                before.append(today)
                self.happened[kind, who, today] += 1
                self.grants.append(Grant(who, GIFT, at, at, None))


def falls_on(day: dt.date, year: int) -> dt.date:
    """Where a day falls in a year."""
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 2, 28)
    return day.replace(year=year)


class Life:
    """The same life in the product: acts at their instants, workers at theirs."""

    def __init__(self, *, zone: str, seed: int, days: int = DAYS_OF_A_CONTROL, acts: int = ACTS_OF_A_CONTROL) -> None:
        self.zone, self.random = ZoneInfo(zone), random.Random(f"{zone} {seed}")
        self.days, self.acts = days, acts
        self.visits = 0

    def live(self, work: Callable[..., dt.datetime | None]) -> tuple[Reckoning, Counter[tuple[Any, ...]]]:
        """Live it with these workers; returns what must have happened and what has."""
        begun = dt.datetime.combine(FIRST, dt.time(9), self.zone).astimezone(dt.UTC)
        with timezone.override(self.zone), clock.turned_to(begun):
            birthdays = [dt.date(*day) for day in BIRTHDAYS]
            members = [self._member(number, day) for number, day in enumerate(birthdays)]
            give_on_days()
        reckoning = Reckoning(self.zone, birthdays, joined=FIRST, walked_to=begun)
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
        self.visits += 1
        cache.clear()
        with timezone.override(self.zone), clock.turned_to(at):
            due: dt.datetime | None = work(now=at, limit=500)
        return due

    def _acts(self, begun: dt.datetime, members: list[Member], reckoning: Reckoning) -> list[tuple[Any, Any]]:
        acts = []
        for number in range(self.acts):
            day = FIRST + DAY * self.random.randrange(1, self.days)
            at = dt.datetime.combine(day, self.random.choice(HOURS), self.zone).astimezone(dt.UTC)
            kind = self.random.choice((self._earn, self._earn, self._spend, self._move_birthday))
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

    def _spend(self, number: int, members: list[Member], reckoning: Reckoning) -> Callable[[dt.datetime], None]:
        who, share = self.random.randrange(len(members)), self.random.choice((1, 2, 3))

        def spend(at: dt.datetime) -> None:
            amount = reckoning.spendable(who, at) // share
            if not amount:
                return
            leg = Leg(wallet=members[who].wallet_id, asset="points", amount=-amount, house="points.spent")
            post(key=f"spent-{number:07d}", kind="spending", legs=[leg], reason="storm", actor="storm")
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
        from regulars.loyalty.models import Award

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
        return found


def give_on_days() -> None:
    """Rules that give the same number of points, for good, on birthdays and on the day of joining."""
    from regulars.loyalty.models import PointsRule

    PointsRule.objects.all().delete()
    for trigger in ("birthday", "anniversary"):
        PointsRule.objects.create(
            name=trigger, trigger=trigger, kind="fixed", points=GIFT, expires_after_months=0, expiry={"kind": "never"}
        )


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
    assert kinds == {"ended", "arrived", "reminded", "birthday", "anniversary"}
    assert life.visits < ACTS * 8 + 200, "workers came when there was nothing to do"


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
