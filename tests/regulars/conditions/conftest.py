"""A business with members of every kind: old and new, rich and poor, tagged, refunded, without a birthday."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from regulars import clock
from tests.conftest import new_member

NOW = dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def at_noon() -> Any:
    """It is 15 June 2026, 12:00 in Shanghai."""
    with clock.turned_to(NOW):
        yield NOW


def buy(member: Any, branch: Any, amount: int, *, days_ago: int = 0, refunded: int = 0) -> Any:
    """A purchase some days ago of which a part was refunded, as its row stands afterwards."""
    from regulars.public_ids import new_public_id
    from regulars.sales.models import Sale

    at = clock.now() - dt.timedelta(days=days_ago)
    return Sale.objects.create(
        key=new_public_id("key"),
        request_hash="-",
        number="-",
        member=member,
        branch=branch,
        currency="CNY",
        list_total=amount,
        total=amount,
        refunded_total=refunded,
        confirmed_at=at,
        business_date=clock.day_of(at),
    )


def give_points(member: Any, points: int, *, days_ago: int = 0) -> Any:
    """Points given by hand some days ago, or taken."""
    from regulars.ledger.services import Leg, post
    from regulars.public_ids import new_public_id

    with clock.turned_to(clock.now() - dt.timedelta(days=days_ago)):
        leg = Leg(wallet=member.wallet_id, asset="points", amount=points, house="points.adjusted")
        return post(key=new_public_id("key"), kind="adjustment", legs=[leg], reason="so", actor="")


@pytest.fixture
def crowd(at_noon: Any, owner: Any, branch: Any) -> list[Any]:
    """Twelve members, no two alike."""
    from regulars.organisation.places import services as places
    from regulars.people.models import Member
    from regulars.people.services import set_marketing_consent
    from regulars.people.tags import tag_member, tag_named

    region = places.save_region(by=owner, name="East")
    second = places.open_branch(name="Lake", region=region, by=owner)
    tags = [tag_named(name=name, by="") for name in ("VIP", "Early", "Nuts")]
    members = []
    for number in range(12):
        with clock.turned_to(NOW - dt.timedelta(days=number * number * 5)):
            members.append(
                new_member(
                    contact=f"+86138001380{number:02d}" if number % 3 else f"m{number}@example.com",
                    name=f"Member {number}",
                    branch=(branch, second, None)[number % 3],
                )
            )
    born = [None, dt.date(2000, 6, 15), dt.date(1996, 2, 29), dt.date(1958, 12, 31), dt.date(2010, 6, 1)]
    for number, member in enumerate(members):
        Member.objects.filter(pk=member.pk).update(
            birthday=born[number % 5], language=("en", "zh-hans")[number % 2], source=("site", "import")[number % 2]
        )
        for bit, tag in enumerate(tags):
            if number >> bit & 1:
                tag_member(member=member, tag=tag, by="")
        for sale in range(number % 4):
            amount = (999, 5_000, 25_000)[sale] * (number + 1)
            buy(
                member,
                (branch, second)[(number + sale) % 2],
                amount,
                days_ago=sale * 40,
                refunded=amount if number == 3 else number * 10,
            )
        if number % 2:
            set_marketing_consent(member=member, is_given=True, source="counter")
            set_marketing_consent(member=member, is_given=number % 4 == 1, source="site", channel="email")
        if number:
            give_points(member, number * 50, days_ago=number * 3)
            give_points(member, -number * 20)
    return [Member.objects.get(pk=member.pk) for member in members]
