"""S2, the caps: many tills give points of one rule in the same instant, and exactly what its cap allows is given."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db.models import Sum

from regulars import clock
from regulars.errors import StaleQuote
from regulars.ledger.selectors import balance, unbalanced
from regulars.loyalty.models import Award, CapUse, PointsRule
from regulars.loyalty.points.earning import give
from regulars.organisation.models import Branch
from regulars.people.models import Member
from regulars.sales.models import Quote, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, refusals, sized, successes, switched_off

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.3"), pytest.mark.clause("4.Speed"), pytest.mark.capability(63)]
CLIENTS = sized(8, 32)
ROUNDS = sized(3, 40)
EACH = 10
CAP = 35
"""Three sales of ten points and a half one; whoever comes afterwards gets none."""

SQL = "loyalty/sql/awards.sql"
NO_CAP = ("\n            WHERE seen.used + EXCLUDED.used <= cap.most", "")
CAPS = ["cap_total", "cap_day", "cap_year"]


def only_rule(**terms: Any) -> PointsRule:
    """The one rule of the shop: ten points for 100.00."""
    Award.objects.all().delete()
    CapUse.objects.all().delete()
    PointsRule.objects.all().delete()
    made = PointsRule.objects.create(name="Ten", **{"points": 1, "per_amount": 1_000, **terms})
    cache.clear()
    return made


def buyers(crowd: Crowd, cap: str) -> list[Member]:
    """A limit for everybody meets many members; that of one member meets their card at many tills."""
    number = crowd.size if cap == "cap_total" else 1
    found = [new_member(contact=f"+8613{secrets.randbelow(10**9):09d}") for _ in range(number)]
    return found * (crowd.size // number)


def quoted(member: Member) -> Quote:
    """A basket that earns ten points while the cap leaves them, for the member as they stand now."""
    branch = Branch.objects.order_by("id")[0]
    present = Member.objects.select_related("standing__tier").get(pk=member.pk)
    return quote(branch=branch, member=present, lines=[LineRequest("Tea", 10_000)])


def sell_until_it_holds(member: Member, first: Quote | None = None) -> Sale:
    """A till that prices anew for as long as somebody else was quicker."""
    made = first or quoted(member)
    for _attempt in range(CLIENTS + 1):
        try:
            return confirm(quote=made, key=secrets.token_hex(8), cashier=None)
        except StaleQuote:
            made = quoted(member)
    raise AssertionError("somebody was quicker more often than there are others")


def all_at_once(crowd: Crowd, cap: str) -> tuple[list[Any], int]:
    """Everybody has the same ten points on the screen and confirms; the answers, and how many points were given."""
    with business_context(crowd.business):
        rule = only_rule(**{cap: CAP})
        members = buyers(crowd, cap)
        screens = [(member, quoted(member)) for member in members]
        assert [made.content["points"] for _member, made in screens] == [EACH] * crowd.size
    acts = [partial(confirm, quote=made, key=secrets.token_hex(8), cashier=None) for _member, made in screens]
    answers = crowd.at_once(acts)
    with business_context(crowd.business):
        return answers, rule.awards.aggregate(all=Sum("points"))["all"] or 0


@pytest.mark.parametrize("cap", CAPS)
def test_of_many_who_confirm_at_once_as_many_get_points_as_the_cap_allows(
    open_business: Callable[..., Business], cap: str
) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            answers, given = all_at_once(crowd, cap)
            assert (len(successes(answers)), given) == (3, 30)  # the fourth would pass the cap
            assert refusals(answers) == ["StaleQuote"] * (CLIENTS - 3)


@pytest.mark.parametrize("cap", CAPS)
def test_tills_that_price_anew_give_exactly_the_cap_and_every_sale_is_made(
    open_business: Callable[..., Business], cap: str
) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            with business_context(crowd.business):
                rule = only_rule(**{cap: CAP})
                members, before = buyers(crowd, cap), Sale.objects.count()
            answers = crowd.at_once([partial(sell_until_it_holds, member) for member in members])
            assert refusals(answers) == []
            assert sorted(sale.points_earned for sale in answers)[-4:] == [5, 10, 10, 10]
            with business_context(crowd.business):
                assert Sale.objects.count() - before == CLIENTS
                assert rule.awards.aggregate(all=Sum("points"))["all"] == CAP
                assert CapUse.objects.get(rule=rule).used == CAP
                assert sum(balance(member.wallet) for member in set(members)) == CAP
        with business_context(crowd.business):
            assert unbalanced() == []


def test_many_events_at_once_give_no_more_than_the_cap_of_all(open_business: Callable[..., Business]) -> None:
    with Crowd(open_business(), CLIENTS) as crowd:
        for _turn in range(ROUNDS):
            with business_context(crowd.business):
                rule = only_rule(trigger="event:signed-book", kind="fixed", points=EACH, cap_total=CAP)
                members = buyers(crowd, "cap_total")
            acts = [
                partial(give, trigger="event:signed-book", member=member, occasion="event:book", on=clock.today())
                for member in members
            ]
            crowd.at_once(acts)  # who comes too late twice is told to come again
            with business_context(crowd.business):
                assert 0 < rule.awards.aggregate(all=Sum("points"))["all"] <= CAP
                for act in acts:
                    act()
                assert rule.awards.aggregate(all=Sum("points"))["all"] == CAP
                assert CapUse.objects.get(rule=rule).used == sum(balance(member.wallet) for member in members)


# Negative controls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cap", ["cap_total", "cap_day"])
def test_without_its_guard_more_is_given_than_the_cap_allows(open_business: Callable[..., Business], cap: str) -> None:
    business = open_business()
    with switched_off(business, SQL, NO_CAP), Crowd(business, CLIENTS) as crowd:
        answers, given = all_at_once(crowd, cap)
    assert refusals(answers) == []
    assert given == EACH * CLIENTS > CAP
