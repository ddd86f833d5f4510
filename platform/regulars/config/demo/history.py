"""A deterministic year of history for the demo, made through the product's own services with the clock turned.

Each day is one transaction, and the days already done are seen from the sales themselves, so that an interrupted
history goes on where it stopped. Facts older than a week are not told to listeners: nobody wants last year's messages.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from regulars.config.demo import coupons, shelf
from regulars.config.demo.businesses import BUSINESSES, DemoBusiness

MEMBERS = 300
SALES = 4000
DAYS = 365
TOLD_AFTER = dt.timedelta(days=7)
SURNAMES = "李王张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"
GIVEN = (
    "思远",
    "雨桐",
    "子涵",
    "佳怡",
    "浩然",
    "欣妍",
    "明轩",
    "静怡",
    "俊杰",
    "诗涵",
    "志强",
    "晓燕",
    "文博",
    "丽华",
    "宇航",
)
FIRST = ("Amelia", "Oliver", "Isla", "George", "Ava", "Noah", "Mia", "Arthur", "Ivy", "Leo", "Freya", "Oscar", "Grace")
LAST = ("Smith", "Jones", "Taylor", "Brown", "Wilson", "Patel", "Evans", "Khan", "Walker", "Wright", "Green", "Hall")
MENU = {
    "restaurant": (
        ("龙井", 6800),
        ("普洱", 8800),
        ("铁观音", 7200),
        ("茶点拼盘", 4800),
        ("桂花糕", 2600),
        ("包间", 19800),
    ),
    "gym": (
        ("Day pass", 1500),
        ("Personal training", 4500),
        ("Spin class", 1200),
        ("Protein shake", 450),
        ("Towel", 300),
    ),
}


@dataclass(frozen=True)
class PlannedSale:
    """One sale to be made: `buyer` an index of members or None, `refunded` the part to give back in percent."""

    number: int
    second: int
    buyer: int | None
    branch: int
    lines: tuple[tuple[str, int, int], ...]
    refunded: int


@dataclass
class Day:
    """What happens on one day, counted from the first."""

    joins: list[int] = field(default_factory=list)
    sales: list[PlannedSale] = field(default_factory=list)


def plan(demo: DemoBusiness) -> list[Day]:
    """The same year every time: who joins when, who buys what, and what is given back."""
    chance = random.Random(demo.slug)
    days = [Day() for _ in range(DAYS)]
    joined = sorted(int(DAYS * chance.random() ** 1.3) for _ in range(MEMBERS))
    joined[0] = 0
    for index, day in enumerate(joined):
        days[day].joins.append(index)
    habit = [min(8.0, chance.paretovariate(1.2)) for _ in range(MEMBERS)]
    habit[0] = 6.0  # whom the demo introduces comes often
    for number in range(SALES):
        day = int(DAYS * chance.random() ** 0.8)
        days[day].sales.append(_planned(chance, demo, number, day, joined, habit))
    for day_plan in days:
        day_plan.sales.sort(key=lambda sale: sale.second)
    return days


def _planned(
    chance: random.Random, demo: DemoBusiness, number: int, day: int, joined: list[int], habit: list[float]
) -> PlannedSale:
    present = sum(1 for first in joined if first < day)
    buyer = chance.choices(range(present), habit[:present])[0] if present and chance.random() < 0.85 else None
    menu = MENU[demo.trade]
    lines = tuple(
        (*chance.choice(menu), chance.choices((1, 2, 4), (7, 2, 1))[0])
        for _ in range(chance.choices((1, 2, 3), (5, 3, 2))[0])
    )
    return PlannedSale(
        number=number,
        second=chance.randrange(9 * 3600, 21 * 3600),
        buyer=buyer,
        branch=chance.randrange(len(demo.branches)),
        lines=lines,
        refunded=chance.choice((100, 50)) if chance.random() < 0.03 else 0,
    )


def fill_in(demo: DemoBusiness) -> Iterator[int]:
    """Make the year of one business, day by day; yields the number of sales made so far."""
    from regulars import clock
    from regulars.sales.models import Sale
    from tenants.context import business_context
    from tenants.models import Business

    business = Business.objects.get(slug=demo.slug)
    with business_context(business):
        first_day = clock.day_of(business.opened_at) - dt.timedelta(days=DAYS)
        done = Sale.objects.filter(key__startswith="demo-").count()
        made = 0
        for offset, day in enumerate(plan(demo)):
            made += len(day.sales)
            if made > done or any(not _joined(demo, index) for index in day.joins):
                _live(demo, first_day + dt.timedelta(days=offset), day, offset)
                yield made
        shelf.finish(demo)
        coupons.put_up(demo)


def _live(demo: DemoBusiness, date: dt.date, day: Day, offset: int) -> None:
    from django.db import transaction
    from django.utils import translation

    from regulars import clock
    from regulars.operations.models import OutboxEvent
    from regulars.organisation.selectors import open_branches

    business_now = clock.now()
    branches = sorted(open_branches(), key=lambda branch: branch.pk)
    midnight = clock.start_of(date)
    is_told = clock.now() - midnight < TOLD_AFTER
    with transaction.atomic(), translation.override(demo.language):
        before = OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
        for index in day.joins:
            with clock.turned_to(midnight + dt.timedelta(hours=8)):
                _join(demo, index, branches[index % len(branches)])
        for sale in day.sales:
            with clock.turned_to(midnight + dt.timedelta(seconds=sale.second)):
                _sell(demo, sale, branches)
        if shelf.is_open_on(offset):
            with clock.turned_to(midnight + dt.timedelta(hours=22)):
                shelf.put_up(demo)
                shelf.make_use(demo, offset, is_last=shelf.is_among_the_last(date, clock.day_of(business_now)))
        if not is_told:
            OutboxEvent.objects.filter(id__gt=before, dispatched_at=None).update(dispatched_at=clock.now())


def _phone(demo: DemoBusiness, index: int) -> str:
    return f"{demo.first_phone[:-4]}{index:04d}"


def _joined(demo: DemoBusiness, index: int) -> bool:
    from regulars.people.models import Member

    return Member.objects.filter(phone=_phone(demo, index)).exists()


def _join(demo: DemoBusiness, index: int, branch: Any) -> None:
    from regulars.people.contacts import Contact
    from regulars.people.services import AlreadyMember, join

    chance = random.Random(f"{demo.slug}:{index}")
    name = (
        chance.choice(SURNAMES) + chance.choice(GIVEN)
        if demo.language == "zh-hans"
        else f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    )
    try:
        join(
            contact=Contact("phone", _phone(demo, index)),
            name=name,
            birthday=dt.date(1960 + chance.randrange(45), 1 + chance.randrange(12), 1 + chance.randrange(28)),
            language=demo.language,
            source=chance.choice(("site", "counter", "counter")),
            branch=branch,
            agrees_to_marketing=chance.random() < 0.4,
        )
    except AlreadyMember:  # a day that was cut off is lived again
        return


def _sell(demo: DemoBusiness, planned: PlannedSale, branches: list[Any]) -> None:
    from regulars.people.models import Member
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote, refund

    member = None
    if planned.buyer is not None:
        member = Member.objects.select_related("standing__tier").filter(phone=_phone(demo, planned.buyer)).first()
    made = quote(
        branch=branches[planned.branch % len(branches)],
        member=member,
        lines=[LineRequest(what, price, pieces, shelf.GOODS.get(what, "")) for what, price, pieces in planned.lines],
    )
    sale = confirm(quote=made, key=f"demo-{demo.slug}-{planned.number}", cashier=None)
    if planned.refunded and sale.total:
        amount = None if planned.refunded == 100 else max(1, sale.total * planned.refunded // 100)
        refund(sale=sale, key=f"demo-refund-{demo.slug}-{planned.number}", amount=amount, reason="", cashier=None)


def main() -> int:
    """Fill in the history of both businesses, saying how far it is."""
    import django

    django.setup()
    for demo in BUSINESSES:
        said = -1
        for made in fill_in(demo):
            percent = made * 100 // SALES
            if percent // 5 != said:
                said = percent // 5
                print(f"{demo.name}: {made} of {SALES} sales ({percent} %)", flush=True)
        print(f"{demo.name}: the year is complete", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
