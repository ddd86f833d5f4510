"""Many workers at once: one reward for each friend, and never one beyond a cap. Without the key there are many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from plugins.referral import services
from regulars import clock, events, plugins
from regulars.ledger import selectors as ledger
from regulars.people.models import Member
from regulars.plugins import switch
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, sized
from tests.plugins.referral.conftest import join, referral_points, row_of

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("3.7"), pytest.mark.capability(99)]
WORKERS = 32
FRIENDS = sized(3, 20)


def party(business: Business) -> tuple[Member, list[Member], dt.datetime]:
    """In a business of their own: one who invites, friends who have bought, and when the last hold has ended."""
    from regulars.organisation.models import Branch
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    with business_context(business):
        switch.switch_on(name="referral", by="storm")
        plugins.change_settings(
            name="referral", values={"friends_a_day": FRIENDS, "rewards_a_month": FRIENDS}, by="storm"
        )
        branch = Branch.objects.order_by("id")[0]
        anna = new_member(contact="anna@example.com", name="Anna", branch=branch)
        code = services.invitation_of(member=anna).code
        friends = []
        for number in range(FRIENDS):
            friends.append(join(f"f{number}@example.com", f"F{number}", word=code, branch=branch))
            offered = quote(branch=branch, member=friends[-1], lines=[LineRequest("tea", 5000)])
            sale = confirm(quote=offered, key=f"storm-sale-{number}", cashier=None)
            services.buy(event=posted(sale, friends[-1]))
        return anna, friends, max(row_of(each).due_at for each in friends)


def posted(sale: Any, friend: Member) -> events.SalePosted:
    """The fact of a sale."""
    return events.SalePosted(
        event_id="evt_storm",
        occurred_at=sale.confirmed_at,
        sale=sale.public_id,
        member=friend.public_id,
        branch="brn_1",
        total=sale.total,
        currency=sale.currency,
        points_earned=0,
        business_date=sale.business_date,
    )


def settle(now: dt.datetime) -> Callable[[], Any]:
    """A worker that does what is due at an instant."""

    def work() -> Any:
        with clock.turned_to(now):
            return services.settle_due(now=now, limit=50)

    return work


def test_thirty_two_workers_at_once_give_one_reward(open_business: Callable[..., Business]) -> None:
    business = open_business()
    anna, friends, due = party(business)
    with Crowd(business, WORKERS) as crowd:
        answers = crowd.at_once([settle(due)] * WORKERS)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    with business_context(business):
        assert referral_points(anna) == 200 * FRIENDS
        assert [referral_points(each) for each in friends] == [100] * FRIENDS
        assert ledger.unbalanced() == []


def test_workers_at_once_do_not_pass_a_cap_together(open_business: Callable[..., Business]) -> None:
    business = open_business()
    anna, friends, due = party(business)
    with business_context(business):
        plugins.change_settings(name="referral", values={"rewards_a_month": 1}, by="storm")
    with Crowd(business, 8) as crowd:
        crowd.at_once([settle(due)] * 8)
    with business_context(business):
        assert referral_points(anna) == 200
        assert [referral_points(each) for each in friends] == [100] * FRIENDS


def test_without_the_lock_and_the_key_there_would_be_more(
    open_business: Callable[..., Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the two tests above would see if nothing held the workers back."""
    import secrets

    business = open_business()
    anna, friends, due = party(business)
    whole = services.post
    monkeypatch.setattr(services, "post", lambda **given: whole(**{**given, "key": secrets.token_hex(8)}))
    with business_context(business):
        rows = [row_of(friends[0]) for _twice in range(2)]  # both read before either wrote
        for row in rows:
            with clock.turned_to(due), services.transaction.atomic():
                services._settle(row, due)
        assert referral_points(anna) == 400
