"""A camera is for the counter alone; every other page forbids it, with microphone and place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from regulars.organisation.models import Staff
    from tenants.models import Business

pytestmark = [pytest.mark.clause("5.6"), pytest.mark.capability(158)]
SHUT = "camera=(), microphone=(), geolocation=()"


def policy(answer: Any) -> str:
    """What the page says in its header."""
    return str(answer.headers["Permissions-Policy"])


def test_the_till_may_use_the_camera_of_its_own_page_and_nothing_else(
    business: Business, cashier: Staff, client_for: Callable[..., Client]
) -> None:
    answer = client_for(business, cashier.user).get("/counter/")
    assert answer.status_code == 200
    assert policy(answer) == "camera=(self), microphone=(), geolocation=()"


@pytest.mark.parametrize("address", ["/", "/me/join/", "/account/login/", "/nothing-here/"])
def test_no_other_page_of_a_business_may(business: Business, client_for: Callable[..., Client], address: str) -> None:
    assert policy(client_for(business).get(address)) == SHUT


def test_the_back_office_may_not(business: Business, owner: Staff, client_for: Callable[..., Client]) -> None:
    assert policy(client_for(business, owner.user).get("/office/")) == SHUT


@pytest.mark.parametrize("address", ["/", "/nothing-here/"])
def test_no_page_of_the_public_site_may(db: None, site: Client, address: str) -> None:
    assert policy(site.get(address)) == SHUT
