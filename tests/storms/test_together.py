"""S1 and S3 for sales that are written together: many tills of one business at once, and each sale counts once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from regulars.errors import StaleQuote
from regulars.ledger.books import faults
from regulars.ledger.models import Transaction
from regulars.ledger.selectors import balance
from regulars.ledger.services import Leg, post
from regulars.organisation.models import Branch
from regulars.people.models import Member
from regulars.sales import together
from regulars.sales.models import Quote, Sale
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, sized, switched_off

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.1"), pytest.mark.capability(167)]
TILLS = 8
ROUNDS = sized(12, 1_000)

ONE_SALE_PER_WALLET = ("IF done < cardinality(array_remove(transactions, NULL)) THEN", "IF false THEN")


@pytest.fixture
def shop(open_business: Callable[..., Business]) -> tuple[Business, list[Member]]:
    """A business of its own with six members, fewer than tills, who all have a point."""
    business = open_business()
    with business_context(business):
        members = [new_member(contact=f"+8613{number:09d}", name=f"Member {number}") for number in range(6)]
        for member in members:
            leg = Leg(wallet=member.wallet_id, asset="points", amount=1, house="points.issued")
            post(key=f"given-{member.pk}", kind="gift", legs=[leg])
    return business, members


def offers(business: Business, members: list[Member]) -> list[Quote]:
    """One for each till; some of them of the same members, and of guests."""
    with business_context(business):
        branch = Branch.objects.order_by("id")[0]
        buyers = [*Member.objects.select_related("standing__tier").filter(pk__in=[each.pk for each in members]), None]
        chosen = [buyers[secrets.randbelow(len(buyers))] for _till in range(TILLS)]
        return [quote(branch=branch, member=buyer, lines=[LineRequest("Tea", 12_345)]) for buyer in chosen]


@pytest.fixture
def parties(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sales each call wrote."""
    seen: list[int] = []
    stock = together.call

    def counted(function: str, documents: Any) -> Any:
        answers = stock(function, documents)
        seen.append(len(answers))
        return answers

    monkeypatch.setattr(together, "call", counted)
    return seen


def test_sales_of_many_tills_at_once_are_each_there_once(
    shop: tuple[Business, list[Member]], parties: list[int]
) -> None:
    business, members = shop
    made: list[Sale] = []
    with Crowd(business, TILLS) as crowd:
        for _ in range(ROUNDS):
            asked = [(offer, secrets.token_hex(8)) for offer in offers(business, members)]
            answers = crowd.at_once([lambda offer=offer, key=key: sold(offer, key) for offer, key in asked])
            assert [answer for answer in answers if isinstance(answer, Exception)] == []
            assert [answer.key for answer in answers] == [key for _offer, key in asked]
            made += answers
    with business_context(business):
        assert faults() == []
        assert Sale.objects.count() == len(made) == ROUNDS * TILLS
        assert Transaction.objects.filter(kind="sale").count() == sum(sale.points_earned > 0 for sale in made)
        for member in members:
            earned = sum(sale.points_earned for sale in made if sale.member_id == member.pk)
            assert balance(member.wallet) == 1 + earned
    assert max(parties) > 1, "some went together, or this shows nothing"
    print(f"S3 together: {len(made)} sales in {len(parties)} transactions, 0 lost, 0 double, 0 off")


def sold(offer: Quote, key: str) -> Sale:
    """The sale; a member who rose meanwhile is priced again."""
    try:
        return confirm(quote=offer, key=key, cashier=None)
    except StaleQuote:
        buyer = Member.objects.select_related("standing__tier").get(pk=offer.member_id) if offer.member_id else None
        anew = quote(branch=offer.branch, member=buyer, lines=[LineRequest("Tea", 12_345)])
        return confirm(quote=anew, key=key, cashier=None)


def test_without_keeping_the_sales_of_a_wallet_apart_the_books_are_off(
    shop: tuple[Business, list[Member]], monkeypatch: pytest.MonkeyPatch
) -> None:
    business, members = shop
    with business_context(business):
        branch = Branch.objects.order_by("id")[0]
        buyer = Member.objects.select_related("standing__tier").get(pk=members[0].pk)
        asked = [quote(branch=branch, member=buyer, lines=[LineRequest("Tea", 12_345)]) for _ in range(3)]
        first = confirm(quote=asked[0], key=secrets.token_hex(8), cashier=None)
    documents: list[dict[str, Any]] = []

    def noted(document: dict[str, Any], **_more: Any) -> dict[str, Any]:
        documents.append(document)
        return {"sale": first.pk, "number": "", "transaction": None, "repeated": False}

    monkeypatch.setattr("regulars.sales.services._posted_plainly", noted)
    with switched_off(business, "sales/sql/kept.sql", ONE_SALE_PER_WALLET), business_context(business):
        for offer in asked[1:]:
            confirm(quote=offer, key=secrets.token_hex(8), cashier=None)
        together.call("sales_confirm_kept", documents)
        assert faults() != []
