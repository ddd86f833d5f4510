"""Every way in which points are credited announces it, once for each posting, so that whoever listens hears of all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import clock
from regulars.ledger.adjusting import adjust_many
from regulars.ledger.approvals import adjust_or_ask
from regulars.ledger.models import Lot, Posting, Transaction
from regulars.ledger.selectors import balance
from regulars.ledger.services import expire_lots, reinstate
from regulars.loyalty.benefits import yearly
from regulars.loyalty.benefits.models import BenefitKind
from regulars.loyalty.benefits.services import save_benefit
from regulars.loyalty.models import PointsRule, Standing, Tier, TierPack
from regulars.loyalty.points.earning import give
from regulars.loyalty.points.gifts import change_points_settings, give_points
from regulars.loyalty.points.services import save_points_rule
from regulars.loyalty.tiers.packs import post_waiting
from regulars.operations import jobs
from regulars.operations.jobs.running import run_waiting
from regulars.operations.models import OutboxEvent
from regulars.operations.services import deliver_facts
from regulars.organisation.models import Branch, Staff
from regulars.outreach.models import Message
from regulars.people.models import Member
from regulars.plugins import switch
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tests.conftest import new_member
from tests.multitude import many_members
from tests.regulars.ledger.test_kinds import posted

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.clause("4.3")]

NO_CREDITS = {
    "adjustment.reversed",
    "debt.paid",
    "expiry",
    "points.donation",
    "redemption",
    "referral.reversed",
    "sale.payment",
    "sale.refund",
}
"""What only takes points, or undoes what took them; the fact of the undoing says so."""
WRITTEN_OTHERWISE = {"sale", "points.gift"}
"""Kinds that are not found where something is posted."""


@pytest.fixture(autouse=True)
def _plain(business: Any) -> None:
    """One point for each 10.00 and nothing else."""
    PointsRule.objects.all().delete()
    save_points_rule(name="1 per 10", points=1, per_amount=1000)


def credits() -> Counter[tuple[str, int]]:
    """What was credited: how often a member got so many points by one posting act."""
    found = Posting.objects.filter(
        account__wallet__isnull=False, account__asset="points", amount__gt=0, transaction__kind__in=walked()
    )
    return Counter(found.values_list("account__wallet__members__public_id", "amount"))


def announced() -> Counter[tuple[str, int]]:
    """What was announced of it."""
    facts = OutboxEvent.objects.filter(name="points_credited").values_list("payload", flat=True)
    return Counter((fact["member"], fact["points"]) for fact in facts)


def walked() -> set[str]:
    """The kinds of postings that credit points."""
    return {*posted(), *WRITTEN_OTHERWISE} - NO_CREDITS


def sell(branch: Branch, member: Member, amount: int) -> None:
    """A purchase."""
    buyer = Member.objects.select_related("standing__tier").get(pk=member.pk)
    confirm(
        quote=quote(branch=branch, member=buyer, lines=[LineRequest("Tea", amount)]),
        key=f"a-sale-of-{amount}",
        cashier=None,
    )


def refer(branch: Branch, anna: Member) -> None:
    """A friend comes, buys, and both get their reward."""
    from plugins.referral.services import invitation_of, settle_due
    from regulars.people import services
    from regulars.people.contacts import normal_contact

    switch.switch_on(name="referral", by="Lin Owner")
    friend = services.join(
        contact=normal_contact("ben@example.com"),
        name="Ben Carter",
        language="en",
        source="site",
        branch=branch,
        introduction=invitation_of(member=anna).code,
    )
    deliver_facts(now=clock.now(), limit=500)
    sell(branch, friend, 20_000)
    deliver_facts(now=clock.now(), limit=500)
    with clock.turned_to(clock.now() + dt.timedelta(days=15)):
        settle_due(now=clock.now(), limit=10)


def test_every_way_to_get_points_is_announced_once(branch: Branch, member: Member, owner: Staff) -> None:
    other = new_member(contact="+8613800138001", name="Wang Fang", branch=branch)
    sell(branch, member, 12_300)
    save_points_rule(name="Echo", trigger="event:echo", kind="fixed", points=5)
    give(trigger="event:echo", member=member, occasion="event:echo:1", on=clock.today())
    adjust_or_ask(member=member, points=700, reason="Spilled tea", by=owner, key="given-by-hand")
    change_points_settings(by="x", gifts=True, gift_least=1, gift_cap_day=100)
    give_points(giver=member, receiver=other, points=60, key="a-gift")
    tier = Standing.objects.get(member=member).tier
    TierPack.objects.create(member=member, tier=tier, cycle="once", points=80, given_at=clock.now())
    post_waiting(member=member)
    yearly_gift(tier, points=90)
    expired_and_given_back(member)
    jobs.start(kind="members.points", by=owner, params=given_to([member, other], 40))
    run_waiting(now=clock.now(), limit=500)
    refer(branch, member)

    kinds = Transaction.objects.filter(postings__account__wallet__isnull=False, postings__amount__gt=0)
    assert set(kinds.values_list("kind", flat=True)) == walked()
    assert announced() == credits()
    balances = OutboxEvent.objects.filter(name="points_credited", payload__member=other.public_id).order_by("pk")
    assert balances.last().payload["balance"] == balance(other.wallet)


def yearly_gift(tier: Tier, *, points: int) -> None:
    """The gift of a tier comes."""
    words = {"en": "A gift", "zh-hans": "礼物"}
    save_benefit(code="gift", kind=BenefitKind.YEARLY_GIFT, words=words, details={}, grants={tier: None}, points=points)
    yearly.give_due(now=clock.now(), limit=50)


def expired_and_given_back(member: Member) -> None:
    """What expired is given back by hand."""
    lot = Lot.objects.filter(account__wallet=member.wallet, expires_at__isnull=False, remaining__gt=0).first()
    assert lot is not None
    Lot.objects.filter(pk=lot.pk).update(expires_at=clock.now())
    expire_lots(now=clock.now(), limit=10)
    reinstate(lot=lot, key="back-again", days=14, reason="Was in hospital", actor="")


def given_to(members: list[Member], points: int) -> dict[str, Any]:
    """An act on many members."""
    ids = [member.public_id for member in members]
    return {
        "selection": {"list": "office_members", "held": [], "ids": ids},
        "points": points,
        "reason": "Jubilee",
    }


def test_what_many_get_is_announced_in_as_many_statements_as_for_few(business: Any, branch: Branch) -> None:
    many_members(40, branch=branch)
    members = dict(Member.objects.order_by("pk").values_list("wallet_id", "public_id"))
    wallets = list(members)

    def asked_for(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            adjust_many(
                keys={wallet: f"jubilee:{len(some)}:{wallet}" for wallet in some},
                members=members,
                asset="points",
                amount=25,
                reason="Jubilee",
                actor="x",
            )
        return len(asked)

    assert asked_for(wallets[:3]) == asked_for(wallets[3:])
    facts = OutboxEvent.objects.filter(name="points_credited").values_list("payload", flat=True)
    assert {(fact["member"], fact["points"], fact["balance"], fact["reason"]) for fact in facts} == {
        (member, 25, 25, "adjustment") for member in members.values()
    }


def test_what_is_posted_again_taken_or_undone_announces_nothing(branch: Branch, member: Member, owner: Staff) -> None:
    keys, members = {member.wallet_id: "jubilee"}, {member.wallet_id: member.public_id}

    def post(amount: int, key: str) -> None:
        adjust_many(
            keys=dict.fromkeys(keys, key), members=members, asset="points", amount=amount, reason="Jubilee", actor="x"
        )

    post(25, "jubilee")
    post(25, "jubilee")
    post(-5, "a-mistake")
    job = jobs.start(kind="members.points", by=owner, params=given_to([member], 30))
    run_waiting(now=clock.now(), limit=500)
    jobs.undo(job=job, by=owner)
    run_waiting(now=clock.now(), limit=500)
    assert announced() == Counter({(member.public_id, 25): 1, (member.public_id, 30): 1})
    assert balance(member.wallet) == 20


def test_who_is_told_by_the_module_is_not_told_twice(branch: Branch, member: Member) -> None:
    refer(branch, member)
    deliver_facts(now=clock.now(), limit=500)
    told = Message.objects.filter(member=member, channel="inbox").values_list("kind", flat=True)
    assert sorted(told) == ["referral_joined", "referral_rewarded", "welcome"]
