"""The search over everything: each kind within permission and scope, with as many questions whatever is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.organisation.models import Branch, Staff
from regulars.organisation.team.services import appoint
from regulars.people.models import Member
from regulars.sales import services as sales
from regulars.sales.models import Sale
from regulars.sales.quoting import LineRequest
from tests.conftest import PASSWORD, new_member
from tests.multitude import many_members

pytestmark = [pytest.mark.clause("3.1"), pytest.mark.capability(164)]
Browser = Callable[..., Client]


@pytest.fixture
def sale(branch: Branch, member: Member, cashier: Staff) -> Sale:
    """A purchase at the first branch."""
    quote = sales.quote(branch=branch, member=member, lines=[LineRequest(description="Tea", unit_price=2_000)])
    return sales.confirm(quote=quote, key="sale-of-the-search", cashier=cashier, received=2_000)


def found(browser: Client, typed: str, language: str = "en") -> dict[str, list[str]]:
    """What is found, by heading."""
    response = browser.get("/office/search/", {"q": typed, "part": "1"}, headers={"accept-language": language})
    assert response.status_code == 200
    return {str(group.label): [hit.label for hit in group.hits] for group in response.context["groups"]}


def test_everything_is_found_by_what_people_type(
    business: Any, owner: Staff, client_for: Browser, member: Member, sale: Sale, branch: Branch
) -> None:
    browser = client_for(business, owner.user)
    for typed in ("Li Hua", "hua", "8000", member.cards.get().number):
        assert found(browser, typed)["Members"] == ["Li Hua"], typed
    assert found(browser, sale.number)["Sales"] == [sale.number]
    assert found(browser, str(sale.pk))["Sales"] == [sale.number]
    assert found(browser, "Xiao")["Team"] == ["Xiao Cashier"]
    assert found(browser, branch.name)["Branches"] == [branch.name]
    assert found(browser, "invite")["Do"] == ["Invite somebody"]
    assert "Brand" in found(browser, "logo")["Go to"]
    assert found(browser, "points")["Help"] != []
    assert found(browser, "品牌", "zh-hans")["前往"] == ["品牌"]
    assert found(browser, "") == {}
    for odd in ("%", "_", "\\", "'", "\x00", "🍵", "a" * 500, "()"):
        assert "Members" not in found(browser, odd), odd
    assert "Nothing is called" in browser.get("/office/search/", {"q": "zzzz"}).content.decode()
    assert browser.get("/office/search/").status_code == 200


@pytest.mark.capability(145)
def test_nobody_finds_what_they_may_not_see(
    business: Any, branch: Branch, client_for: Browser, member: Member, sale: Sale, cashier: Staff
) -> None:
    harbour = Branch.objects.create(name="Harbour")
    there = new_member(contact="+8613900139000", name="Wang Wei", branch=harbour)
    manager = appoint(name="Mei", email="mei@teahouse.example", password=PASSWORD, role="manager", branch=branch)
    accountant = appoint(name="Ada", email="ada@teahouse.example", password=PASSWORD, role="accountant")
    mei, ada = client_for(business, manager.user), client_for(business, accountant.user)
    assert "Members" not in found(mei, "Wang")
    assert "Branches" not in found(mei, "Harbour")
    assert found(mei, "Li Hua")["Members"] == ["Li Hua"]
    assert "Members" not in found(ada, "Li Hua")
    assert "Do" not in found(ada, "invite")
    assert found(ada, sale.number)["Sales"] == [sale.number]
    assert there.branch == harbour
    assert client_for(business, cashier.user).get("/office/search/", {"q": "Li"}).status_code in {302, 403}


def test_more_members_ask_no_more_often(business: Any, owner: Staff, client_for: Browser, branch: Branch) -> None:
    browser = client_for(business, owner.user)
    many_members(3, branch=branch)
    found(browser, "Guest")
    with CaptureQueriesContext(connection) as few:
        assert len(found(browser, "Guest")["Members"]) == 3
    many_members(200, branch=branch, after=1000)
    with CaptureQueriesContext(connection) as many:
        found(browser, "Guest")
    assert len(many) <= len(few)
