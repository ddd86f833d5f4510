"""Every kind of work that falls due is known to the sweep that repairs lost hints: kinds are found in the code.

A kind without a case here, or a case for no kind, fails: whoever adds due work says here how it comes about and when.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from django.core.cache import cache

import regulars
from regulars import clock
from regulars.ledger.models import Hold, Lot
from regulars.ledger.selectors import balance
from regulars.ledger.services import Leg, adjust, post, reserve
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.coupons.services import give
from regulars.loyalty.coupons.services import reserve as set_aside
from regulars.loyalty.coupons.templating import TemplateTerms, save_template
from regulars.loyalty.models import Coupon, NightMark, PointsRule, Standing
from regulars.loyalty.nights import services as nights
from regulars.loyalty.rewards.models import Redemption
from regulars.loyalty.rewards.services import redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.operations import selectors as operations
from regulars.operations.due import ROOM_WORK
from regulars.operations.models import Job, JobChunk
from regulars.operations.trail import record
from regulars.organisation.models import Approval, Branch, Staff
from regulars.organisation.services import change
from regulars.people.models import Member
from regulars.people.services import change_profile
from regulars.sales.holding import hold as put_on_hold
from regulars.sales.paying import Payment
from regulars.sales.quoting import LineRequest
from regulars.sales.services import quote
from tests.conftest import new_member

pytestmark = pytest.mark.clause("4.6")

SHANGHAI = dt.timedelta(hours=8)
AS_A_WHOLE = {"regulars.operations.services.run_due_work", "regulars.operations.selectors.next_due"}
"""What asks all of them."""
NIGHTS = "regulars.loyalty.nights.services.run_due"


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """An instant by the clock on the wall in Shanghai."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC) - SHANGHAI


NOW = at(2026, 3, 1)


@dataclass
class People:
    """Who is there."""

    guest: Member
    owner: Staff


@pytest.fixture
def people(business: Any, owner: Staff) -> People:
    """Somebody who joined on 10 January 2026, and the owner; nothing waits."""
    with clock.turned_to(at(2026, 1, 10)):
        guest = new_member()
    Standing.objects.update(review_on=None)
    PointsRule.objects.all().delete()
    settle(NOW)
    return People(guest, owner)


def settle(now: dt.datetime) -> None:
    """Let workers do what is left over from before."""
    from regulars.operations.services import run_due_work

    cache.clear()
    with clock.turned_to(now):
        while (due := run_due_work(now)) is not None and due <= now + dt.timedelta(minutes=5):
            now = max(due, now + dt.timedelta(seconds=31))


def given(member: Member, points: int, **times: Any) -> None:
    """Points come to a member."""
    leg = Leg(wallet=member.wallet_id, asset="points", amount=points, house="points.issued", **times)
    post(key=f"given-{points}", kind="gift", legs=[leg], reason="gift", actor="test")


# How each kind comes about, and when it is due ------------------------------------------------------------------------


def a_job(people: People) -> dt.datetime:
    """A piece of a job waits."""
    job = Job.objects.create(kind="nothing", requested_by="test", requested_at=NOW, total=1)
    JobChunk.objects.create(job=job, number=1, next_attempt_at=at(2026, 3, 2))
    return at(2026, 3, 2)


def an_entry(people: People) -> dt.datetime:
    """An entry of the trail waits for its seal."""
    record(act="nights.rules_changed", actor="test", after={"notice_days": [1]})
    return NOW + dt.timedelta(seconds=30)


def a_posting(people: People) -> dt.datetime:
    """A transaction waits for its seal."""
    given(people.guest, 5)
    return NOW + dt.timedelta(seconds=30)


def a_request(people: People) -> dt.datetime:
    """A request waits for a decision."""
    Approval.objects.create(
        act="points.adjust",
        unit="points",
        amount=5,
        payload={"points": 5, "member": people.guest.public_id},
        reason="test",
        key="a-request",
        requested_by=people.owner,
        requested_at=NOW,
        expires_at=at(2026, 3, 4),
    )
    return at(2026, 3, 4)


def a_hold(people: People) -> dt.datetime:
    """Points are set aside for a while."""
    given(people.guest, 5)
    wallet, until = people.guest.wallet, at(2026, 3, 5)
    reserve(wallet=wallet, asset="points", amount=5, key="a-hold-1", expires_at=until, reason="", actor="test")
    return until


def a_redemption(people: People) -> dt.datetime:
    """A reward waits to be collected."""
    given(people.guest, 100)
    words = {"en": "A pot of green tea", "zh-hans": "绿茶一壶"}
    reward = save_reward(kind="goods", words=words, details={}, points=100, collect_days=3)
    redeem(member=people.guest, reward=reward, key="redeem-one")
    return at(2026, 3, 5, 0)


def a_coupon(people: People) -> Coupon:
    """A coupon for two days."""
    template = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Five off"}, days=2))
    return give(member=people.guest, template=template, key="a-coupon-1", by=people.owner)


def a_coupon_that_ends(people: People) -> dt.datetime:
    """A coupon's last day is over."""
    a_coupon(people)
    return at(2026, 3, 3, 0)


def a_coupon_set_aside(people: People) -> dt.datetime:
    """A coupon waits for a payment."""
    until = at(2026, 3, 1, 13)
    codes = [a_coupon(people).code]
    set_aside(codes=codes, holder="quo_that_waits", until=until, member=people.guest)
    return until


def a_lot(people: People) -> dt.datetime:
    """Points end."""
    given(people.guest, 5, expires_at=at(2026, 3, 2, 0))
    return at(2026, 3, 2, 0)


def a_pending_lot(people: People) -> dt.datetime:
    """Points arrive."""
    given(people.guest, 5, available_from=at(2026, 3, 8))
    return at(2026, 3, 8)


def a_reminder(people: People) -> dt.datetime:
    """Points end in a while, and their member is reminded."""
    given(people.guest, 5, expires_at=at(2026, 3, 11, 0))
    return at(2026, 3, 3, 0, 5)


def idle_points(people: People) -> dt.datetime:
    """Points end for want of a purchase."""
    given(people.guest, 5)
    nights.save_rules(notice_days=[], idle_months=6, by="test")
    return at(2026, 9, 2, 0, 5)


def a_reminder_of_idleness(people: People) -> dt.datetime:
    """Points end for want of a purchase, and their member is reminded."""
    given(people.guest, 5)
    nights.save_rules(notice_days=[7], idle_months=6, by="test")
    return at(2026, 8, 25, 0, 5)


def a_birthday(people: People) -> dt.datetime:
    """A rule gives on birthdays, and somebody has one."""
    PointsRule.objects.create(name="day", trigger="birthday", kind="fixed", points=5)
    change_profile(member=people.guest, birthday=dt.date(1990, 3, 20))
    return at(2026, 3, 20, 0, 5)


def an_anniversary(people: People) -> dt.datetime:
    """A rule gives on the day of joining."""
    PointsRule.objects.create(name="day", trigger="anniversary", kind="fixed", points=5)
    return at(2027, 1, 10, 0, 5)


def a_coupon_by_itself(occasion: str, **terms: Any) -> None:
    """A coupon that the nights give."""
    words = {"en": "Five off"}
    values = {"kind": "amount", "value": 500, "words": words, "days": 90, "is_given_by_itself": True}
    save_template(terms=TemplateTerms(**{**values, "occasion": occasion, **terms}))


def a_birthday_coupon(people: People) -> dt.datetime:
    """Somebody's birthday comes in a week."""
    change_profile(member=people.guest, birthday=dt.date(1990, 3, 20))
    a_coupon_by_itself("birthday", days_ahead=7)
    return at(2026, 3, 13, 0, 5)


def an_anniversary_coupon(people: People) -> dt.datetime:
    """Somebody joined a year ago."""
    a_coupon_by_itself("anniversary")
    return at(2027, 1, 10, 0, 5)


def a_coupon_to_come_back(people: People) -> dt.datetime:
    """Somebody has bought nothing for long."""
    a_coupon_by_itself("wake_up", idle_days=90, again_days=180)
    return at(2026, 4, 10, 0, 5)


def a_reminder_of_a_coupon(people: People) -> dt.datetime:
    """A coupon ends in a while, and its owner is reminded."""
    template = save_template(terms=TemplateTerms(kind="amount", value=500, words={"en": "Five off"}, days=10))
    give(member=people.guest, template=template, key="a-coupon-2", by=people.owner)
    return at(2026, 3, 7, 0, 5)


def a_sale_on_hold(people: People) -> dt.datetime:
    """A sale waits for its payment."""
    change(by="", payment_code="https://qr.example/1")
    made = quote(branch=Branch.objects.all()[0], lines=[LineRequest("Tea", 1_000)])
    payments = [Payment(source="own_code", amount=1_000)]
    return put_on_hold(quote=made, key="a-sale-on-hold", payments=payments, cashier=None).ends_at


def a_review(people: People) -> dt.datetime:
    """Somebody's tier is looked at."""
    Standing.objects.update(review_on=dt.date(2026, 4, 1))
    return at(2026, 4, 1, 0)


def a_yearly_gift(people: People) -> dt.datetime:
    """A tier gives points each year, and somebody stands on it."""
    words = {"en": "A gift", "zh-hans": "礼物"}
    tier = Standing.objects.get(member=people.guest).tier
    save_benefit(
        code="gift", kind="yearly_gift", words=words, details={}, uses=1, period="year", points=30, grants={tier: None}
    )
    return NOW


CASES: dict[str, Callable[[People], dt.datetime]] = {
    "regulars.operations.jobs.running.run_waiting": a_job,
    "regulars.operations.trail.seal_due": an_entry,
    "regulars.ledger.sealed.seal_due": a_posting,
    "regulars.organisation.approvals.expire_due": a_request,
    "regulars.sales.holding.end_due": a_sale_on_hold,
    "regulars.ledger.services.expire_holds": a_hold,
    "regulars.loyalty.rewards.services.expire_due": a_redemption,
    "regulars.loyalty.coupons.ending.release_due": a_coupon_set_aside,
    "regulars.loyalty.coupons.ending.expire_due": a_coupon_that_ends,
    "regulars.ledger.services.expire_lots": a_lot,
    "regulars.loyalty.nights.releases.release_lots": a_pending_lot,
    "idleness": idle_points,
    "expiry_notices": a_reminder,
    "idleness_notices": a_reminder_of_idleness,
    "birthdays": a_birthday,
    "anniversaries": an_anniversary,
    "coupon_notices": a_reminder_of_a_coupon,
    "coupon_birthdays": a_birthday_coupon,
    "coupon_anniversaries": an_anniversary_coupon,
    "coupon_wake_ups": a_coupon_to_come_back,
    "regulars.loyalty.tiers.standing.evaluate_due": a_review,
    "regulars.loyalty.benefits.yearly.give_due": a_yearly_gift,
}


def all_work() -> dict[str, Any]:
    """Every kind that is registered, by its name."""
    return {work.name: work for work in (*ROOM_WORK, *nights.works()) if work.name != NIGHTS}


# Found in the code ----------------------------------------------------------------------------------------------------


def modules() -> Iterator[ModuleType]:
    """Every module of the core."""
    for found in pkgutil.walk_packages(regulars.__path__, "regulars."):
        if not any(part in found.name for part in (".migrations", ".config", "__main__")):
            yield importlib.import_module(found.name)


def does_what_is_due(function: object) -> bool:
    """Whether a function is of `now` and `limit` and says when it is due next."""
    if not inspect.isfunction(function):
        return False
    signature = inspect.signature(function)
    return set(signature.parameters) == {"now", "limit"} and signature.return_annotation == "dt.datetime | None"


def test_every_function_that_does_what_is_due_is_registered(business: Any) -> None:
    found = {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, function in vars(module).items()
        if does_what_is_due(function) and function.__module__ == module.__name__
    }
    registered = {inspect.getmodule(act).__name__ + "." + act.__name__ for act in acts()}  # type: ignore[union-attr]
    assert found - AS_A_WHOLE == registered


def acts() -> Iterator[Any]:
    """The functions that are registered."""
    from django.utils.module_loading import import_string

    for work in (*ROOM_WORK, *nights.AT_AN_INSTANT, *nights.AFTER_THE_DAY):
        yield import_string(work.act)


def test_every_kind_of_work_of_a_day_is_registered(business: Any) -> None:
    found = {
        one
        for module in modules()
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__ and not getattr(one, "_is_protocol", False)
        if all(hasattr(one, name) for name in ("is_wanted", "next_day", "members", "act"))
    }
    assert found == {type(work) for work in nights.DAY_WORK}


def test_every_kind_has_a_case(business: Any) -> None:
    assert all_work().keys() == CASES.keys()


# Each of them ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CASES)
def test_the_sweep_knows_when_it_is_due_and_the_worker_does_it_then(people: People, kind: str) -> None:
    with clock.turned_to(NOW):
        due = CASES[kind](people)
        cache.clear()
        NightMark.objects.all().delete()
        rows = list(NightMark.objects.values())
        assert all_work()[kind].next_due(now=NOW) == due
        assert (operations.next_due(now=NOW) or due) <= due
        assert list(NightMark.objects.values()) == rows, "whoever asks changes nothing"
        if due > NOW:
            assert all_work()[kind].run(now=NOW, limit=10) == due
    if kind == "regulars.operations.jobs.running.run_waiting":
        return  # nobody knows this kind of job
    with clock.turned_to(due):
        cache.clear()
        all_work()[kind].run(now=due, limit=10)
        following = all_work()[kind].next_due(now=due)
    assert following is None or following > due


def test_what_was_held_or_not_collected_ends_in_the_night_its_lot_ends(people: People) -> None:
    ends = at(2026, 3, 5, 0)
    with clock.turned_to(NOW):
        given(people.guest, 130, expires_at=ends)
        wallet = people.guest.wallet
        reserve(wallet=wallet, asset="points", amount=30, key="a-hold-1", expires_at=ends, reason="", actor="test")
        words = {"en": "A pot of green tea", "zh-hans": "绿茶一壶"}
        reward = save_reward(kind="goods", words=words, details={}, points=60, collect_days=3)
        redeem(member=people.guest, reward=reward, key="redeem-one")
    cache.clear()
    with clock.turned_to(ends):
        nights.run_due(now=ends, limit=100)
    assert balance(people.guest.wallet) == 0
    assert (Hold.objects.get().state, Redemption.objects.get().state) == ("expired", "expired")
    assert not Lot.objects.filter(remaining__gt=0).exists()


def test_a_business_with_yearly_gifts_is_not_visited_before_the_next_year(people: People) -> None:
    with clock.turned_to(NOW):
        a_yearly_gift(people)
        cache.clear()
        assert nights.run_due(now=NOW, limit=100) == at(2027, 1, 1, 0, 5)
        assert balance(people.guest.wallet) == 30
        assert nights.next_due(now=NOW) == at(2027, 1, 1, 0, 5)
        adjust(wallet=people.guest.wallet, asset="points", amount=-30, key="spent-it", reason="tea", actor="test")
        assert nights.run_due(now=NOW, limit=100) == at(2027, 1, 1, 0, 5)
