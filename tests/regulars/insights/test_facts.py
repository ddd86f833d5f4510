"""Facts are kept by the acts: whatever is sold, refunded, joined and given, they equal a count of the records."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest

from regulars import clock
from regulars.errors import StaleQuote
from regulars.insights import selectors, services
from regulars.insights.models import COUNTED, Day
from regulars.ledger import services as ledger
from regulars.ledger.models import Posting, Transaction
from regulars.organisation.models import Branch
from regulars.people.contacts import normal_contact
from regulars.people.models import Member
from regulars.people.services import join
from regulars.sales.models import Refund, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote, refund
from tests.crowd import Crowd, refusals, successes

pytestmark = [pytest.mark.clause("3.2"), pytest.mark.capability(140)]

Key = tuple[dt.date, int, str]


def sell(branch: Branch, member: Member | None, amount: int, *, key: str) -> Sale:
    """A sale of one line."""
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", amount)])
    return confirm(quote=made, key=key, cashier=None)


def kept() -> dict[Key, Counter[str]]:
    """What the facts say, by day, branch and tier; nothing where everything is nought."""
    found: dict[Key, Counter[str]] = {}
    for row in Day.objects.all():
        here = found.setdefault((row.business_date, row.branch, row.tier), Counter())
        here.update({name: getattr(row, name) for name in COUNTED})
        for name in ("sales", "total", "refunded"):
            here.update({f"{name} at {hour}": value for hour, value in enumerate(getattr(row, f"hourly_{name}"))})
    return without_noughts(found)


def without_noughts(found: dict[Key, Counter[str]]) -> dict[Key, Counter[str]]:
    """Only what was counted."""
    clean = {key: Counter({name: n for name, n in counted.items() if n}) for key, counted in found.items()}
    return {key: counted for key, counted in clean.items() if counted}


def counted_by_hand() -> dict[Key, Counter[str]]:
    """The same from the records, row by row and without SQL of ours."""
    found: dict[Key, Counter[str]] = {}

    def here(day: dt.date, branch: int, tier: str) -> Counter[str]:
        return found.setdefault((day, branch, tier), Counter())

    for sale in Sale.objects.select_related("branch"):
        tier, hour = sale.explanation["tier"] or "", clock.hour_of(sale.confirmed_at, sale.branch.zone)
        of_members = {"member_sales": 1, "member_total": sale.total} if sale.member_id else {}
        here(sale.business_date, sale.branch_id, tier).update(
            {"sales": 1, "total": sale.total, "discounts": sale.discount_total, "points_issued": sale.points_earned}
            | of_members
            | {f"sales at {hour}": 1, f"total at {hour}": sale.total}
        )
    for given_back in Refund.objects.select_related("sale__branch"):
        sale = given_back.sale
        hour = clock.hour_of(given_back.refunded_at, sale.branch.zone)
        here(given_back.business_date, sale.branch_id, sale.explanation["tier"] or "").update(
            refunds=1, refunded=given_back.amount, points_taken_back=given_back.points_taken_back
        )
        here(given_back.business_date, sale.branch_id, sale.explanation["tier"] or "").update(
            {f"refunded at {hour}": given_back.amount}
        )
    for member in Member.objects.all():
        here(member.joined_on, member.branch_id or 0, "").update(joined=1)
    for posting in Posting.objects.filter(account__house__startswith="points.").select_related(
        "transaction", "account"
    ):
        kind, moved = posting.transaction.kind, -posting.amount
        if kind == "adjustment":
            here(posting.transaction.business_date, 0, "").update(points_adjusted=moved)
        elif kind not in {"sale", "sale.refund"}:
            name, by = {
                "gift": ("points_issued", moved),
                "gift.reversed": ("points_taken_back", -moved),
                "reward": ("points_spent", -moved),
                "reward.reversed": ("points_spent", -moved),
            }[kind]
            here(posting.transaction.business_date, 0, "").update({name: by})
    return without_noughts(found)


@pytest.fixture
def far_branch(business: Any) -> Branch:
    """A branch where it is another day for half of each day."""
    return Branch.objects.create(name="Vancouver", zone="America/Vancouver")


def a_busy_week(branches: list[Branch], *, seed: int, acts: int = 120) -> None:
    """Joins, sales to members and guests, refunds in part and in whole, gifts, rewards and their undoing."""
    chance = random.Random(seed)
    begin = dt.datetime(2026, 6, 10, 3, 0, tzinfo=dt.UTC)
    members: list[Member] = []
    sales: list[Sale] = []
    undoable: list[Transaction] = []
    for number in range(acts):
        with clock.turned_to(begin + dt.timedelta(minutes=chance.randrange(7 * 24 * 60))):
            act = chance.choice(["join", "sell", "sell", "sell", "refund", "give", "spend", "adjust", "undo"])
            key, branch = f"act-{seed}-{number:04}", chance.choice(branches)
            wallet = chance.choice(members).wallet if members else None
            if act == "join":
                contact = normal_contact(f"+86138{seed:03}{number:05}")
                where = chance.choice([branch, None])
                members.append(join(contact=contact, language="en", source="counter", branch=where))
            elif act == "sell":
                buyer = Member.objects.get(pk=chance.choice(members).pk) if members and chance.random() < 0.8 else None
                sales.append(sell(branch, buyer, chance.randrange(1_000, 90_000), key=key))
            elif act == "refund" and sales:
                sale = Sale.objects.get(pk=chance.choice(sales).pk)
                left = sale.total - sale.refunded_total
                if left:
                    refund(sale=sale, key=key, amount=chance.choice([None, -(-left // 2)]), reason="", cashier=None)
            elif act == "adjust" and wallet:
                ledger.adjust(
                    wallet=wallet, asset="points", amount=chance.randrange(1, 90), key=key, reason="r", actor=""
                )
            elif act == "undo" and undoable:
                ledger.reverse(original=undoable.pop(), key=key, reason="undone")
            elif act in {"give", "spend"} and wallet:
                amount, kind, house = (
                    (40, "gift", "points.issued") if act == "give" else (-5, "reward", "points.redeemed")
                )
                ledger.adjust(wallet=wallet, asset="points", amount=10, key=f"{key}-before", reason="r", actor="")
                leg = ledger.Leg(wallet=wallet.pk, asset="points", amount=amount, house=house)
                posted = ledger.post(key=key, kind=kind, legs=[leg])
                undoable.append(Transaction.objects.get(pk=posted.transaction))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_facts_equal_a_count_of_the_records(branch: Branch, far_branch: Branch, seed: int) -> None:
    a_busy_week([branch, far_branch], seed=seed)
    assert kept() == counted_by_hand()
    assert sum(counted["refunds"] for counted in kept().values()) > 2
    assert selectors.differences(dt.date(2026, 6, 9), dt.date(2026, 6, 18)) == []


def test_counting_anew_gives_what_the_acts_noted(branch: Branch, far_branch: Branch) -> None:
    a_busy_week([branch, far_branch], seed=4)
    noted = kept()
    Day.objects.all().delete()
    assert services.recount(first=dt.date(2026, 6, 9), last=dt.date(2026, 6, 18)) > 0
    assert kept() == noted


def test_a_day_that_says_something_else_is_named(branch: Branch, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        sell(branch, None, 5_000, key="first-sale")
        Day.objects.update(total=1)
        (difference,) = selectors.differences(clock.today(), clock.today())
    assert (difference.business_date, difference.column) == (dt.date(2026, 6, 15), "total")
    assert (difference.kept, difference.counted) == (1, 5_000)


def test_a_refund_counts_on_its_own_day(branch: Branch, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        sale = sell(branch, None, 10_000, key="first-sale")
    with clock.turned_to(noon + dt.timedelta(days=2)):
        refund(sale=sale, key="refund-of-it", amount=4_000, reason="", cashier=None)
    days = {row.business_date.day: (row.total, row.refunded) for row in Day.objects.order_by("business_date")}
    assert days == {15: (10_000, 0), 17: (0, 4_000)}


def test_what_was_refused_or_repeated_is_noted_once_or_never(branch: Branch, member: Member, noon: dt.datetime) -> None:
    with clock.turned_to(noon):
        made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 10_000)])
        for _time in range(3):
            confirm(quote=made, key="the-same-key", cashier=None)
    with clock.turned_to(noon + dt.timedelta(hours=1)), pytest.raises(StaleQuote):
        confirm(quote=made, key="another-key", cashier=None)
    assert [(row.sales, row.total) for row in Day.objects.exclude(sales=0)] == [(1, 10_000)]


def test_tills_that_sell_at_once_do_not_wait_for_each_other(open_business: Any) -> None:
    """Each act notes itself on a row of its own while others are under way; all of them add up."""
    from tenants.context import business_context

    business = open_business()
    size, rounds = 6, 4
    with Crowd(business, size) as crowd:
        for turn in range(rounds):
            acts = [
                lambda number=number, turn=turn: sell(
                    Branch.objects.order_by("id")[0], None, 1_000, key=f"sale-{turn}-{number}"
                )
                for number in range(size)
            ]
            answers = crowd.at_once(acts)
            assert (len(successes(answers)), refusals(answers)) == (size, [])
    with business_context(business):
        rows = list(Day.objects.filter(sales__gt=0))
        assert sum(row.sales for row in rows) == sum(sum(row.hourly_sales) for row in rows) == size * rounds
        assert len(rows) <= size
        assert selectors.differences(clock.today(), clock.today()) == []
