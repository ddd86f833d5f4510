"""Nouns of the till: a till that somebody stands at, a second branch, a basket as the page sends it, a sale."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from regulars.sales.models import Sale
    from tenants.models import Business

HIDDEN = re.compile(r'<input type="hidden" name="(quote|mark|key|member)" value="([^"]*)"')


class Till:
    """A cashier's browser at the till, speaking as the page's script does."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser

    def get(self, path: str = "", **sent: Any) -> Any:
        """Open a page of the counter."""
        return self.browser.get(f"/counter/{path}", sent)

    def post(self, path: str = "", **sent: Any) -> Any:
        """Send a form of the counter as htmx does."""
        return self.browser.post(f"/counter/{path}", sent, headers={"hx-request": "true"})

    def enter(self, text: str, **basket: Any) -> Any:
        """Type into the one field and press Enter."""
        return self.post(text=text, **basket)


def hidden(response: Any) -> dict[str, str]:
    """What the page carries for the next step: quote, mark, key and member."""
    return dict(HIDDEN.findall(response.content.decode()))


def basket_of(*prices: str, **more: Any) -> dict[str, Any]:
    """Lines as the form sends them."""
    return {
        "description": ["Tea"] * len(prices),
        "price": list(prices),
        "quantity": ["1"] * len(prices),
        **more,
    }


@pytest.fixture
def carried() -> Callable[[Any], dict[str, str]]:
    """`carried(response)`: what the page carries for the next step."""
    return hidden


@pytest.fixture
def basket() -> Callable[..., dict[str, Any]]:
    """`basket("12.5", "30", member=…)`: lines as the form sends them."""
    return basket_of


@pytest.fixture
def till(business: Business, cashier: Staff, client_for: Callable[..., Client]) -> Till:
    """The till of the cashier of the first branch, in English."""
    return Till(client_for(business, cashier.user))


@pytest.fixture
def second_branch(branch: Branch) -> Branch:
    """Another branch of the same business."""
    from regulars.organisation.places.services import open_branch

    return open_branch(name="Lake Road")


@pytest.fixture
def sell(cashier: Staff) -> Callable[..., Sale]:
    """`sell(branch, member, amount)`: a sale of one line, in minor units."""
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    def selling(branch: Branch, member: Member | None, amount: int, key: str = "a-key-of-a-sale") -> Sale:
        priced = quote(branch=branch, member=member, lines=[LineRequest("Tea", amount)])
        return confirm(quote=priced, key=key, cashier=cashier)

    return selling


@pytest.fixture
def programme(business: Business) -> None:
    """One point per 10.00; silver from 500.00 with 5 % off."""
    from django.core.cache import cache

    from regulars.loyalty.models import PointsRule, Tier

    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", words={"en": "Member"}, discount=0)
    Tier.objects.create(
        code="silver", words={"en": "Silver"}, benefits={"en": ["A free cup"]}, threshold=50_000, discount=500
    )
    cache.clear()


@pytest.fixture
def silver_member(programme: None, member: Member) -> Member:
    """A member who stands on silver."""
    from regulars.loyalty.models import Standing, Tier

    Standing.objects.filter(member=member).update(tier=Tier.objects.get(code="silver"))
    return member
