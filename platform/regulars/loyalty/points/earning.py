"""What a member earns: by a sale that is priced, by anything else that happens, and what either would bring.

The sale's own path asks the database nothing unless a rule needs it: a condition on the member, a cap, a first time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from regulars import clock
from regulars.errors import StaleQuote
from regulars.ledger import services as ledger
from regulars.ledger.selectors import POINTS
from regulars.ledger.services import Leg
from regulars.loyalty.points.engine import Offer, decide, explanation
from regulars.loyalty.points.expiry import expires_at, policy_of
from regulars.loyalty.points.matching import Occasion, applying, counted_lines
from regulars.loyalty.points.models import Award, CapUse, Kind, Period, PointsRule, Within
from regulars.loyalty.points.occasions import (
    AT_SALES,
    FIRST_PURCHASE,
    NOT_AGAIN_FOR,
    PROFILE,
    SALE,
    SPENDING,
    TASK,
    TASK_PREFIX,
    YEARLY,
    period_key,
)
from regulars.loyalty.points.selectors import active_rules, depend_on_the_basket_alone, rules_in_force
from regulars.loyalty.tiers.standing import points_arrived
from regulars.money import share
from regulars.people.models import Member
from regulars.sql_functions import call

if TYPE_CHECKING:
    from regulars.sales.quoting import QuoteDraft

ISSUED = "points.issued"
KIND = "award"
CAPS = ((Period.DAY, "cap_day"), (Period.WEEK, "cap_week"), (Period.MONTH, "cap_month"), (Period.YEAR, "cap_year"))
WINDOWS = {Within.MONTH: Period.MONTH, Within.YEAR: Period.YEAR, Within.EVER: Period.ONCE}


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one rule gives: whole points for `base` minor units, by line where it looks at kinds of goods.

    `occasion` is empty for what every sale may give; `counted` are the caps it uses up.
    """

    rule: PointsRule
    points: int
    base: int = 0
    lines: tuple[tuple[int, int], ...] = ()
    counted: tuple[dict[str, Any], ...] = ()
    occasion: str = ""

    def leg(self, *, wallet: int, on: dt.date, now: dt.datetime, tier: str = "") -> Leg:
        """The credit that posts it, with its own days."""
        return Leg(
            wallet=wallet,
            asset=POINTS,
            amount=self.points,
            house=ISSUED,
            available_from=now + dt.timedelta(days=self.rule.pending_days),
            expires_at=expires_at(policy_of(self.rule), on, tier=tier),
        )

    def row(self, *, member: int, occasion: str, on: dt.date) -> dict[str, Any]:
        """The award as the SQL function keeps it."""
        return {
            "rule_id": self.rule.pk,
            "member_id": member,
            "occasion": self.occasion or occasion,
            "points": self.points,
            "base": self.base,
            "lines": self.lines,
            "counted": self.counted,
            "awarded_on": on.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Earning:
    """What an occasion earns by rule, and the explanation that comes to the same again.

    For a sale `rules` is the version of the rules in force by which it was counted, and `is_settled` says whether by
    them nothing matters but the basket, the day, the place and the tier.
    """

    shares: tuple[Share, ...] = ()
    explanation: dict[str, Any] | None = None
    rules: str = ""
    is_settled: bool = True

    @property
    def points(self) -> int:
        """All of it."""
        return sum(each.points for each in self.shares)


def awards_for(draft: QuoteDraft) -> Earning:
    """What the sale of a priced basket earns its member now; nothing for a guest."""
    if draft.member is None:
        return Earning()
    in_force = rules_in_force()
    earned = _earned(
        Occasion(
            trigger=SALE,
            on=clock.today(draft.branch.zone),
            member=draft.member,
            tier=draft.tier.code if draft.tier else "",
            branch=draft.branch.public_id,
            terminal=draft.terminal,
            amount=draft.total,
            lines=[(number, line.category, line.amount) for number, line in enumerate(draft.lines, start=1)],
        ),
        [rule for rule in in_force.rules if rule.trigger in AT_SALES],
    )
    return replace(earned, rules=in_force.version, is_settled=depend_on_the_basket_alone(in_force.rules))


def would_earn(occasion: Occasion, rules: Sequence[PointsRule] | None = None) -> Earning:
    """The dry run: what an occasion would earn by the rules in force, or by those given. Writes nothing."""
    if rules is None:
        rules = active_rules()
    if occasion.trigger == SALE:
        return _earned(occasion, [rule for rule in rules if rule.trigger in AT_SALES])
    return _earned(occasion, [rule for rule in rules if rule.trigger in _names(occasion.trigger)])


def give(
    *, trigger: str, member: Member, occasion: str, on: dt.date, context: Mapping[str, Any] | None = None
) -> list[Award]:
    """Give what the rules of a trigger that is no sale give a member, once for each occasion (`birthday:2026`).

    Asked again it gives nothing more and answers the same awards. `on` is the business's day from which the points
    count; `context` are values that conditions may ask about. Raises what `regulars.ledger.services.post` raises.
    """
    for attempt in (1, 2):
        try:
            return _give(trigger, member, occasion, on, dict(context or {}))
        except StaleQuote:  # given, or a cap reached, at the same moment: look again at what there is
            if attempt == 2:
                raise
    raise AssertionError


def profile_filled_in(*, member: Member) -> list[Award]:
    """Points for a profile with name and birthday, once for each member; nothing while one is missing."""
    if not (member.name and member.birthday):
        return []
    return give(trigger=PROFILE, member=member, occasion=PROFILE, on=clock.today())


@transaction.atomic
def _give(trigger: str, member: Member, occasion: str, on: dt.date, context: dict[str, Any]) -> list[Award]:
    rules = [rule for rule in active_rules() if rule.trigger in _names(trigger)]
    if not rules or not member.is_active:
        return []
    before = list(Award.objects.filter(member=member, occasion=occasion))
    had = {award.rule_id for award in before} | _had_this_year(trigger, member, on)
    standing = getattr(member, "standing", None)
    tier = standing.tier.code if standing else ""
    happened = Occasion(
        trigger=trigger,
        on=on,
        member=member,
        tier=tier,
        branch=str(context.get("sale.branch", "")),
        amount=int(context.get("sale.amount", 0)),
        context=context,
    )
    earned = _earned(happened, [rule for rule in rules if rule.pk not in had])
    if not earned.shares:
        return before
    now = clock.now()
    legs = [each.leg(wallet=member.wallet_id, on=on, now=now, tier=tier) for each in earned.shares]
    named = f"{member.pk}:{occasion}:{sorted(each.rule.pk for each in earned.shares)}"
    posted = ledger.post(
        key=f"award:{hashlib.sha256(named.encode()).hexdigest()[:60]}",
        kind=KIND,
        legs=legs,
        reason=" · ".join(each.rule.name for each in earned.shares),
        actor="",
    )
    if not posted.is_repeated:
        rows = [each.row(member=member.pk, occasion=occasion, on=on) for each in earned.shares]
        call("loyalty_award", {"transaction": posted.transaction, "awards": rows})
        points_arrived(member=member)
        held = posted.balances.get((member.wallet_id, POINTS), 0)
        reason = trigger.partition(":")[0]
        ledger.announce_credit(member=member.public_id, points=earned.points, balance=held, reason=reason)
    return list(Award.objects.filter(member=member, occasion=occasion))


def _names(trigger: str) -> tuple[str, ...]:
    """The triggers that rules may name for this one: a task is also any task."""
    return (trigger, TASK) if trigger.startswith(TASK_PREFIX) else (trigger,)


def _had_this_year(trigger: str, member: Member, on: dt.date) -> set[int]:
    if trigger not in YEARLY:
        return set()
    since = on - NOT_AGAIN_FOR
    given = Award.objects.filter(member=member, occasion__startswith=f"{trigger}:", awarded_on__gt=since)
    return set(given.values_list("rule_id", flat=True))


def _earned(occasion: Occasion, rules: Sequence[PointsRule]) -> Earning:
    chosen = applying(rules, occasion)
    if not chosen:
        return Earning()
    once = _once(chosen, occasion)
    caps = {rule.pk: _caps(rule, occasion) for rule in chosen}
    room = _room(caps, occasion.used)
    offers, lines = [], {}
    for rule in chosen:
        if rule.trigger in (FIRST_PURCHASE, SPENDING) and rule.pk not in once:
            continue
        counted = lines[rule.public_id] = counted_lines(rule, occasion)
        amount = occasion.amount if counted is None else sum(counted.values())
        if (counted is not None and not amount) or (rule.within == Within.SALE and amount < rule.least_amount):
            continue
        offers.append(_offer(rule, amount, counted, room.get(rule.pk)))
    given = decide(offers)
    shares = []
    for rule in chosen:
        if points := given.get(rule.public_id):
            counted = lines[rule.public_id]
            shares.append(
                Share(
                    rule=rule,
                    points=points,
                    base=occasion.amount if counted is None else sum(counted.values()),
                    lines=_by_line(points, counted),
                    counted=tuple(caps[rule.pk]),
                    occasion=once.get(rule.pk, ""),
                )
            )
    return Earning(shares=tuple(shares), explanation=explanation(offers, given))


def _offer(rule: PointsRule, amount: int, lines: dict[int, int] | None, room: int | None) -> Offer:
    return Offer(
        rule=rule.public_id,
        kind=rule.kind,
        points=0 if rule.kind == Kind.MULTIPLIER else rule.points,
        per_amount=rule.per_amount if rule.kind == Kind.PER_AMOUNT else 0,
        whole_steps=rule.whole_steps and rule.kind == Kind.PER_AMOUNT,
        factor=rule.factor if rule.kind == Kind.MULTIPLIER else 100,
        group=rule.stacking_group,
        priority=rule.priority,
        amount=amount,
        lines=lines,
        room=rule.cap_sale if room is None else room if rule.cap_sale is None else min(room, rule.cap_sale),
    )


def _by_line(points: int, counted: Mapping[int, int] | None) -> tuple[tuple[int, int], ...]:
    """The points of a rule that looks at kinds of goods, shared over the lines that it counted."""
    if counted is None:
        return ()
    positions = [position for position, amount in counted.items() if amount > 0]
    return tuple(zip(positions, share(points, [counted[position] for position in positions]), strict=True))


def _caps(rule: PointsRule, occasion: Occasion) -> list[dict[str, Any]]:
    caps = [
        {"holder": occasion.member.pk, "period": period_key(period, occasion.on), "most": most}
        for period, name in CAPS
        if (most := getattr(rule, name)) is not None
    ]
    if rule.cap_total is not None:
        caps.append({"holder": 0, "period": "total", "most": rule.cap_total})
    return caps


def _room(caps: Mapping[int, list[dict[str, Any]]], rehearsed: Mapping[tuple[Any, ...], int] | None) -> dict[int, int]:
    """The points that the caps of each rule leave, rules without caps left out; one query if there are any."""
    capped = {rule: each for rule, each in caps.items() if each}
    if not capped:
        return {}
    wanted = [cap for each in capped.values() for cap in each]
    used: Mapping[tuple[Any, ...], int] = (
        rehearsed
        if rehearsed is not None
        else {
            (rule, holder, period): amount
            for rule, holder, period, amount in CapUse.objects.filter(
                rule_id__in=capped,
                holder__in={cap["holder"] for cap in wanted},
                period__in={cap["period"] for cap in wanted},
            ).values_list("rule_id", "holder", "period", "used")
        }
    )
    return {
        rule: max(0, min(cap["most"] - used.get((rule, cap["holder"], cap["period"]), 0) for cap in each))
        for rule, each in capped.items()
    }


def _once(rules: Sequence[PointsRule], occasion: Occasion) -> dict[int, str]:
    """Of the rules that give once (first purchase, spending in a time): those due now, with their occasion."""
    once = [
        rule
        for rule in rules
        if rule.trigger == FIRST_PURCHASE or (rule.trigger == SPENDING and rule.within != Within.SALE)
    ]
    if occasion.trigger != SALE:
        return {}
    due = {rule.pk: "" for rule in rules if rule.trigger == SPENDING and rule.within == Within.SALE}
    if not once:
        return due
    named = {
        rule.pk: FIRST_PURCHASE
        if rule.trigger == FIRST_PURCHASE
        else f"spending:{period_key(WINDOWS[Within(rule.within)], occasion.on)}"
        for rule in once
    }
    if occasion.used is not None:
        had = {
            (rule.pk, named[rule.pk]) for rule in once if (rule.pk, occasion.member.pk, named[rule.pk]) in occasion.used
        }
    else:
        given = Award.objects.filter(member=occasion.member, occasion__in=set(named.values()), rule_id__in=named)
        had = set(given.values_list("rule_id", "occasion"))
    for rule in once:
        if (rule.pk, named[rule.pk]) not in had and _is_reached(rule, occasion):
            due[rule.pk] = named[rule.pk]
    return due


def _is_reached(rule: PointsRule, occasion: Occasion) -> bool:
    from django.db.models import F, Sum

    from regulars.sales.models import Sale

    sales = Sale.objects.filter(member=occasion.member)
    if occasion.at is not None:
        sales = sales.filter(confirmed_at__lt=occasion.at)
    if rule.trigger == FIRST_PURCHASE:
        return not sales.exists()
    if rule.within == Within.MONTH:
        sales = sales.filter(business_date__gte=occasion.on.replace(day=1))
    elif rule.within == Within.YEAR:
        sales = sales.filter(business_date__gte=occasion.on.replace(month=1, day=1))
    spent = sales.aggregate(spent=Sum(F("total") - F("refunded_total")))["spent"] or 0
    return spent + occasion.amount >= rule.least_amount
