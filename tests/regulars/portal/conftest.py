"""Nouns of the members' door: a visitor, a member's own browser, a code that was sent, a purchase."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.organisation.models import Branch
    from regulars.people.models import Member
    from regulars.sales.models import Sale
    from tenants.models import Business


@pytest.fixture
def visitor(business: Business, client_for: Callable[..., Client]) -> Client:
    """Somebody nobody knows yet, in English."""
    return client_for(business)


@pytest.fixture
def phone(business: Business, member: Member, client_for: Callable[..., Client]) -> Client:
    """The member's own phone, signed in, in English."""
    from regulars.people.services import user_for

    return client_for(business, user_for(member=member))


@pytest.fixture
def chinese_phone(business: Business, member: Member, client_for: Callable[..., Client]) -> Client:
    """The member's own phone, signed in, in Chinese."""
    from regulars.people.services import user_for

    return client_for(business, user_for(member=member), "zh-hans")


@pytest.fixture
def sent_code() -> Callable[[], str]:
    """The six digits that were sent last."""

    def newest() -> str:
        from regulars.outreach.models import Message

        found = re.search(r"\d{6}", Message.objects.filter(kind="sign_in_code").order_by("-id")[0].body)
        assert found is not None
        return found[0]

    return newest


@pytest.fixture
def sell(branch: Branch) -> Callable[..., Sale]:
    """`sell(member, amount)`: a purchase of one line, in minor units, paid in cash."""
    from regulars.people.selectors import member_by_public_id
    from regulars.sales.quoting import LineRequest
    from regulars.sales.services import confirm, quote

    def selling(member: Member, amount: int, key: str = "a-first-key", description: str = "Longjing") -> Sale:
        buyer = member_by_public_id(member.public_id)
        offered = quote(branch=branch, member=buyer, lines=[LineRequest(description, amount)])
        return confirm(quote=offered, key=key, cashier=None)

    return selling
