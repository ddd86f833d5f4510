"""S4 over HTTP: every posting route of the API, found from the code, sent ten times at once under one key.

A new posting route that stands in no line of `ROUTES` fails here. Each line says how to make a request that acts, and
what must have happened once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from regulars.api import keys
from regulars.api.document import OF_MODULES, operations_of
from regulars.api.scopes import SCOPES
from regulars.api.services import make_token
from regulars.api.urls import api
from regulars.ledger.models import Posting
from regulars.ledger.selectors import balance as ledger_balance
from regulars.ledger.services import adjust
from regulars.loyalty.models import Award
from regulars.loyalty.points.services import save_points_rule
from regulars.loyalty.points.tasks import save_task
from regulars.loyalty.rewards.models import Redemption, Reward
from regulars.loyalty.rewards.shelving import save_reward
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, Staff
from regulars.organisation.places.services import add_terminal
from regulars.organisation.services import change
from regulars.people.models import Member
from regulars.sales.models import Quote, Refund, Sale, SaleOnHold
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, sized

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("5.7"), pytest.mark.clause("5.Speed and sureness")]
TOGETHER = 10
ROUNDS = sized(1, 20)
COUNTED = (Sale, SaleOnHold, Refund, Quote, Redemption, Award, Member, Posting, TrailEntry)


@dataclass(frozen=True)
class Shop:
    """A business with a till that calls, and a member with points."""

    business: Business
    buyer: str
    token: str

    def send(self, path: str, body: Any, key: str = "") -> Any:
        """Post as another system does, from whatever thread."""
        browser = Client(headers={"host": f"{self.business.slug}.regulars.test"}, raise_request_exception=False)
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": key or secrets.token_hex(8)}
        return browser.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)

    def priced(self) -> dict[str, Any]:
        """A price that can be confirmed; after some sales the buyer's tier takes something off it."""
        body = {"member": self.buyer, "lines": [{"unit_price": 12_000}]}
        return dict(self.send("/quotes", body).json())

    def quoted(self) -> str:
        """The quote of such a price."""
        return str(self.priced()["quote"])

    def by_code(self) -> dict[str, Any]:
        """What holds a sale until it is paid by the business's own code."""
        priced = self.priced()
        return {"quote": priced["quote"], "payments": [{"source": "own_code", "amount": priced["total"]}]}

    def held(self) -> str:
        """A sale that waits for its payment."""
        return str(self.send("/holds", self.by_code()).json()["hold"])

    def sold(self) -> str:
        """A sale."""
        return str(self.send("/sales", {"quote": self.quoted()}).json()["sale"])

    def redeemed(self) -> str:
        """The code of a reward that waits."""
        with business_context(self.business):
            reward = Reward.objects.get().public_id
        return str(self.send("/redemptions", {"member": self.buyer, "reward": reward}).json()["code"])

    def counted(self) -> list[int]:
        """How many rows there are of everything that an act may write."""
        with business_context(self.business):
            return [model._default_manager.count() for model in COUNTED]


@pytest.fixture
def shop(open_business: Callable[..., Business]) -> Shop:
    """A shop of its own, committed for real."""
    business = open_business()
    with business_context(business):
        owner, branch = Staff.objects.get(), Branch.objects.order_by("id")[0]
        till = add_terminal(branch=branch, name="Till 1")
        scopes = [scope.code for scope in SCOPES]
        _token, secret = make_token(
            terminal=till, staff=owner, name="Shop system", scopes=scopes, by=owner, per_minute=6_000
        )
        buyer = new_member(branch=branch)
        change(by="", payment_code="https://qr.example/1")
        adjust(wallet=buyer.wallet, asset="points", amount=5_000, key="a-beginning", reason="Tea", actor="test")
        save_reward(kind="goods", words={"en": "Tea"}, details={}, points=1)
        save_points_rule(name="Book", points=7, trigger="event:book", kind="fixed")
        save_task(code="review", words={"en": "Review"}, points=5)
    return Shop(business, buyer.public_id, secret)


def _reward(shop: Shop) -> str:
    with business_context(shop.business):
        return Reward.objects.get().public_id


ROUTES: dict[str, Callable[[Shop], tuple[str, Any]]] = {
    "/quotes": lambda shop: ("/quotes", {"member": shop.buyer, "lines": [{"unit_price": 12_000}]}),
    "/sales": lambda shop: ("/sales", {"quote": shop.quoted()}),
    "/sales/{public_id}/refunds": lambda shop: (f"/sales/{shop.sold()}/refunds", {"amount": 2_500, "reason": "x"}),
    "/holds": lambda shop: ("/holds", shop.by_code()),
    "/holds/{public_id}/settlement": lambda shop: (f"/holds/{shop.held()}/settlement", {"reference": "wx-1"}),
    "/holds/{public_id}/give-up": lambda shop: (f"/holds/{shop.held()}/give-up", {}),
    "/members": lambda shop: ("/members", {"contact": f"{secrets.token_hex(6)}@tea.example", "agrees": True}),
    "/points/adjustments": lambda shop: (
        "/points/adjustments",
        {"member": shop.buyer, "points": 3, "reason": "sorry"},
    ),
    "/redemptions": lambda shop: ("/redemptions", {"member": shop.buyer, "reward": _reward(shop)}),
    "/redemptions/{code}/hand-over": lambda shop: (f"/redemptions/{shop.redeemed()}/hand-over", {}),
    "/events": lambda shop: ("/events", {"member": shop.buyer, "code": "book"}),
    "/tasks/done": lambda shop: ("/tasks/done", {"member": shop.buyer, "task": "review"}),
}
"""By the address of the route: the request to send."""
ONCE_A_MEMBER = {"/tasks/done"}
"""What the same member cannot do again."""


def posting_routes() -> dict[str, bool]:
    """Every route of the core that is a POST, by its address; whether it posts, or only answers."""
    return {
        path.removeprefix("/api/v1"): keys.needs_key(method, operation.view_func)
        for (method, path), operation in operations_of(api).items()
        if method not in keys.ASKING and not path.startswith(OF_MODULES)
    }


def test_every_posting_route_stands_in_this_storm() -> None:
    assert {path for path, posts in posting_routes().items() if posts} == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_sent_ten_times_at_once_acts_once_and_gets_one_answer(shop: Shop, route: str) -> None:
    with Crowd(shop.business, TOGETHER) as crowd:
        for number in range(1 if route in ONCE_A_MEMBER else ROUNDS):
            path, body = ROUTES[route](shop)
            key, before = f"storm-{number:06d}", shop.counted()
            answers = crowd.at_once([lambda path=path, body=body, key=key: shop.send(path, body, key)] * TOGETHER)
            assert {answer.status_code for answer in answers} <= {200, 201}, answers[0].content
            assert len({answer.content for answer in answers}) == 1
            assert [answer.get(keys.REPLAYED) for answer in answers].count(None) == 1
            written = shop.counted()
            assert shop.send(path, body, key).content == answers[0].content
            assert shop.send("/quotes", {"lines": [{"unit_price": 1}]}, key).status_code == 409
            assert shop.counted() == written
            if route not in ONCE_A_MEMBER:
                path, body = ROUTES[route](shop)
                prepared = shop.counted()
                shop.send(path, body)
                assert _difference(before, written) == _difference(prepared, shop.counted()), (
                    "not what one alone writes"
                )


def test_without_its_claim_and_its_key_a_request_acts_ten_times(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_claim", lambda request: None)
    monkeypatch.setattr("regulars.api.points.key_for", lambda request: secrets.token_hex(8))
    path, body = ROUTES["/points/adjustments"](shop)
    before = shop.counted()
    with Crowd(shop.business, TOGETHER) as crowd:
        crowd.at_once([lambda: shop.send(path, body, "one-and-the-same")] * TOGETHER)
    assert _difference(before, shop.counted())[COUNTED.index(Posting)] == 2 * TOGETHER


def test_of_ten_tills_that_spend_one_balance_at_once_one_wins(shop: Shop) -> None:
    with business_context(shop.business):
        balance = ledger_balance(Member.objects.get(public_id=shop.buyer).wallet)
        reward = save_reward(kind="goods", words={"en": "Kettle"}, details={}, points=balance).public_id
    body = {"member": shop.buyer, "reward": reward}
    with Crowd(shop.business, TOGETHER) as crowd:
        answers = crowd.at_once([lambda: shop.send("/redemptions", body)] * TOGETHER)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (TOGETHER - 1)
    with business_context(shop.business):
        assert Redemption.objects.count() == 1
        assert ledger_balance(Member.objects.get(public_id=shop.buyer).wallet) == 0


@pytest.mark.parametrize("route", [path for path, posts in posting_routes().items() if not posts])
def test_a_route_that_only_answers_writes_nothing(shop: Shop, route: str) -> None:
    before = shop.counted()
    answer = shop.send(route, {"member": shop.buyer, "lines": [{"unit_price": 12_000}]})
    assert (answer.status_code, shop.counted()) == (200, before)


def _difference(before: list[int], after: list[int]) -> list[int]:
    return [now - then for then, now in zip(before, after, strict=True)]
