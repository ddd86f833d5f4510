"""The one way that nearly every sale takes writes row for row what the way for every sale would have written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from regulars import clock
from regulars.catalogue.services.price_books import save_book, set_prices
from regulars.catalogue.services.products import save_product
from regulars.errors import KeyUsedBefore, StaleQuote
from regulars.insights.models import Day
from regulars.ledger.books import faults
from regulars.ledger.models import Account, Lot, Posting, Transaction
from regulars.ledger.sealed import LEDGER
from regulars.ledger.selectors import balance
from regulars.loyalty.models import Award, PointsRule, Standing, Tier
from regulars.loyalty.points.models import Kind
from regulars.operations.models import OutboxEvent, TrailEntry
from regulars.operations.sealing.canonical import hash_of
from regulars.people.models import Member
from regulars.sales import services
from regulars.sales.models import Quote, Sale, SaleLine
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from regulars.sql_functions import call
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.clause("4.3"), pytest.mark.capability(167)]

WRITTEN = (Sale, SaleLine, Transaction, Posting, Lot, Account, Award, OutboxEvent, TrailEntry, Standing, Day)
OWN_NAMES = {"public_id", "hash", "number", "occasion", "subject", "key"}
"""What is drawn by lot, or follows from what is."""
BASKETS = {
    "one line": [("Tea", 12_800)],
    "several lines": [("Tea", 12_800), ("Cake", 4_500), ("Biscuit", 50)],
    "too small for points": [("Straw", 50)],
    "a member rises": [("Machine", 260_000)],
}


@pytest.fixture
def programme(business):
    """One point per 10.00, and five that wait three days; silver from 500.00 at 5 %, gold from 2,000.00 at 10 %."""
    PointsRule.objects.all().delete()
    PointsRule.objects.create(name="1 per 10", points=1, per_amount=1000)
    PointsRule.objects.create(name="5 later", kind=Kind.FIXED, points=5, pending_days=3, least_amount=1000)
    Tier.objects.exclude(threshold=0).delete()
    Tier.objects.filter(threshold=0).update(code="base", discount=0)
    Tier.objects.create(code="silver", words={"en": "Silver"}, threshold=50_000, discount=500)
    Tier.objects.create(code="gold", words={"en": "Gold"}, threshold=200_000, discount=1000)
    cache.clear()


@pytest.fixture
def plainly(monkeypatch) -> list[bool]:
    """For each confirmation, whether the function for plain sales wrote it."""
    seen: list[bool] = []
    stock = services._posted_plainly

    def watched(document: dict[str, Any], **more: Any) -> Any:
        answer = stock(document, **more)
        seen.append(answer is not None)
        return answer

    monkeypatch.setattr(services, "_posted_plainly", watched)
    return seen


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
        cache.clear()


def rows() -> dict[str, list[dict[str, Any]]]:
    """All rows that a sale writes, with what is drawn by lot left out and references told by their place."""
    places: dict[str, dict[Any, int]] = {
        model.__name__: {
            pk: place for place, pk in enumerate(model.objects.order_by("pk").values_list("pk", flat=True))
        }
        for model in (Sale, Transaction, Lot)
    }
    references = {"transaction_id": "Transaction", "opened_by_id": "Transaction", "sale_id": "Sale", "lot_id": "Lot"}

    def told(name: str, value: Any) -> Any:
        if name in references and value is not None:
            return places[references[name]][value]
        return (
            {key: each for key, each in value.items() if key not in ("event_id", "sale")}
            if name == "payload"
            else value
        )

    return {
        model.__name__: [
            {name: told(name, value) for name, value in row.items() if name not in OWN_NAMES | {"id"}}
            for row in model.objects.order_by("pk").values()
        ]
        for model in WRITTEN
    }


def both_ways(
    asked: Quote, monkeypatch: pytest.MonkeyPatch, source: str = "cash"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What confirming a quote writes by the function for plain sales, and by the one for all."""
    with undone():
        confirm(quote=asked, key="first-sale", cashier=None, payment_source=source)
        one = rows()
    with monkeypatch.context() as patch, undone():
        patch.setattr(services, "_posted_plainly", lambda document, **_more: None)
        confirm(quote=asked, key="first-sale", cashier=None, payment_source=source)
        other = rows()
    return one, other


def quoted(branch: Any, member: Member | None, basket: str = "one line") -> Quote:
    return quote(branch=branch, member=member, lines=[LineRequest(name, amount) for name, amount in BASKETS[basket]])


@pytest.mark.parametrize("basket", BASKETS)
@pytest.mark.parametrize("who", ["a member", "a guest"])
def test_a_plain_sale_writes_the_rows_that_every_sale_writes(
    programme, branch, member, noon, monkeypatch, plainly, basket, who
):
    with clock.turned_to(noon):
        confirm(quote=quoted(branch, member), key="sale-before", cashier=None)
        plainly.clear()
        asked = quoted(branch, member if who == "a member" else None, basket)
        plain, general = both_ways(asked, monkeypatch)
    assert plainly == [True]
    assert plain == general


@pytest.mark.clause("5.1")
@pytest.mark.parametrize("source", ["cash", "card"])
def test_so_does_a_sale_of_goods_with_tax_at_a_price_of_ones_own(
    programme, branch, member, noon, monkeypatch, plainly, source
):
    tea = save_product(sku="TEA", words={"en": "Longjing"}, price=9_990, tax_rate=1300, tax_included=False)
    set_prices(book=save_book(kind="member", words={"en": "Yours"}, member=member), product=tea, prices={2: 8_000})
    with clock.turned_to(noon):
        confirm(quote=quoted(branch, member), key="sale-before", cashier=None)
        plainly.clear()
        lines = [LineRequest(product=tea.public_id, quantity=2), LineRequest("Cup", 500, category="ware")]
        asked = quote(branch=branch, member=member, lines=lines)
        plain, general = both_ways(asked, monkeypatch, source)
    assert plainly == [True]
    assert plain == general
    line = plain["SaleLine"][-2]
    assert (line["product"], line["amount"], line["tax_rate"], line["tax"]) == (tea.public_id, 18_080, 1300, 2_080)


def test_the_first_sale_of_a_member_opens_the_account_by_the_way_for_every_sale(programme, branch, member, plainly):
    confirm(quote=quoted(branch, member), key="first-sale", cashier=None)
    confirm(quote=quoted(branch, member), key="second-sale", cashier=None)
    assert (plainly, balance(member.wallet)) == ([False, True], 34)


def test_a_debt_is_paid_first_by_the_way_for_every_sale(programme, branch, member, plainly):
    confirm(quote=quoted(branch, member), key="first-sale", cashier=None)
    asked = quoted(branch, member)
    Lot.objects.filter(account__wallet=member.wallet).update(remaining=0)
    Account.objects.filter(wallet=member.wallet).update(floor=-50, balance=-50)
    plainly.clear()
    confirm(quote=asked, key="second-sale", cashier=None)
    assert (plainly, balance(member.wallet)) == ([False], -33)
    assert not Lot.objects.filter(account__wallet=member.wallet, remaining__gt=0).exists()


def test_a_rule_with_a_cap_is_counted_by_the_way_for_every_sale(programme, branch, member, plainly):
    PointsRule.objects.filter(name="1 per 10").update(cap_day=15)
    confirm(quote=quoted(branch, member), key="first-sale", cashier=None)
    confirm(quote=quoted(branch, member), key="second-sale", cashier=None)
    assert (plainly, balance(member.wallet)) == ([], 15 + 2 * 5)


def test_the_same_key_writes_nothing_twice_and_another_request_is_refused(programme, branch, member, plainly):
    confirm(quote=quoted(branch, member), key="first-sale", cashier=None)
    asked = quoted(branch, member)
    one = confirm(quote=asked, key="second-sale", cashier=None)
    assert confirm(quote=asked, key="second-sale", cashier=None).pk == one.pk
    with pytest.raises(KeyUsedBefore):
        confirm(quote=quoted(branch, member), key="second-sale", cashier=None)
    assert (Sale.objects.count(), plainly) == (2, [False, True, False, False])


def test_a_plain_sale_is_hashed_as_the_ledger_hashes(programme, branch, member):
    for number in range(3):
        confirm(quote=quoted(branch, member), key=f"sale-number-{number}", cashier=None)
    read = LEDGER._read(0, None)
    assert len(read) >= 3
    assert [row.hash for row in read] == [hash_of(row.values) for row in read]


def test_an_account_that_falls_into_debt_at_its_lock_is_left_to_the_way_for_every_sale(
    programme, branch, member, monkeypatch
):
    confirm(quote=quoted(branch, member), key="first-sale", cashier=None)
    asked, stock = quoted(branch, member), services.call

    def meanwhile(function: str, document: Any) -> Any:
        if function == "sales_confirm_kept":  # its lock shows another balance than the look before it
            raise StaleQuote
        return stock(function, document)

    monkeypatch.setattr(services, "call", meanwhile)
    confirm(quote=asked, key="second-sale", cashier=None)
    assert balance(member.wallet) == 34


@pytest.fixture
def at_noon(noon) -> Iterator[None]:
    """It is noon, and stays noon."""
    with clock.turned_to(noon):
        yield


@pytest.fixture
def three(programme, branch, member, at_noon) -> list[Quote]:
    """The baskets of two members, who both have points already, and of a guest, priced."""
    other = new_member(contact="+8613900000077", name="Wen")
    for number, buyer in enumerate((member, other)):
        confirm(quote=quoted(branch, buyer), key=f"sale-before-{number}", cashier=None)
    return [quoted(branch, member, "several lines"), quoted(branch, other, "a member rises"), quoted(branch, None)]


def documents_of(offers: list[Quote], monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What confirming each would hand to the function for plain sales."""
    seen: list[dict[str, Any]] = []

    def noted(document: dict[str, Any], **_more: Any) -> dict[str, Any]:
        seen.append(document)
        return {"sale": 0, "number": "", "transaction": None, "repeated": False}

    with monkeypatch.context() as patch:
        patch.setattr(services, "_posted_plainly", noted)
        for number, offer in enumerate(offers):
            confirm(quote=offer, key=f"the-sale-{number}", cashier=None)
    return seen


def of_whom(fact: dict[str, Any]) -> str:
    """The member a fact is about."""
    return str(fact["payload"].get("member"))


def test_sales_written_together_are_the_rows_of_each_alone(three, monkeypatch):
    documents = documents_of(three, monkeypatch)
    with undone():
        answers = call("sales_confirm_kept", documents)
        together = rows()
    with undone():
        alone = [call("sales_confirm_kept", [document])[0] for document in documents]
        apart = rows()
    # what a member hears stays in its order; a move of a tier is told after the sales of all
    facts, facts_apart = together.pop("OutboxEvent"), apart.pop("OutboxEvent")
    assert sorted(facts, key=of_whom) == sorted(facts_apart, key=of_whom)
    assert together == apart
    assert [answer["place"] for answer in answers] == [1, 2, 3]
    assert [answer["balance"] for answer in answers] == [answer["balance"] for answer in alone]
    assert [bool(answer["move"]) for answer in answers] == [False, True, False]


def test_one_whose_basis_changed_is_left_out_and_the_others_are_written(three, monkeypatch):
    documents = documents_of(three, monkeypatch)
    Standing.objects.filter(member=three[1].member).update(tier=Tier.objects.get(code="gold"))
    answers = call("sales_confirm_kept", documents)
    assert [answer["place"] for answer in answers] == [1, 3]


@pytest.mark.parametrize("source", ["cash", "card"])
def test_who_left_after_the_quote_is_asked_for_a_new_price(programme, branch, member, plainly, source):
    confirm(quote=quoted(branch, member), key="sale-before", cashier=None)
    asked, had = quoted(branch, member), balance(member.wallet)
    Member.objects.filter(pk=member.pk).update(is_active=False)
    with pytest.raises(StaleQuote):
        confirm(quote=asked, key="sale-after", cashier=None, payment_source=source)
    assert (Sale.objects.count(), balance(member.wallet), plainly[-1]) == (1, had, False)


def test_one_who_left_is_left_out_and_the_others_are_written(three, monkeypatch):
    documents = documents_of(three, monkeypatch)
    Member.objects.filter(pk=three[1].member_id).update(is_active=False)
    assert [answer["place"] for answer in call("sales_confirm_kept", documents)] == [1, 3]


def test_two_sales_of_one_wallet_are_refused_together(three, branch, member, monkeypatch):
    documents = documents_of([three[0], quoted(branch, member)], monkeypatch)
    with pytest.raises(StaleQuote), transaction.atomic():
        call("sales_confirm_kept", documents)
    assert faults() == []


def test_a_key_used_before_is_refused_together(three, monkeypatch):
    documents = documents_of(three, monkeypatch)
    call("sales_confirm_kept", documents[:1])
    with pytest.raises(StaleQuote), transaction.atomic():
        call("sales_confirm_kept", documents)
    assert Sale.objects.count() == 3


def test_quotes_of_others_that_keep_nothing_are_not_looked_at(three, branch, monkeypatch):
    documents = documents_of(three[:1], monkeypatch)
    other = quoted(branch, None)
    Quote.objects.filter(pk=other.pk).update(content={**other.content, "kept": None})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sales_quote")  # of so few all seem as cheap to read as one by its key
        cursor.execute("DISCARD PLANS")
    assert [answer["place"] for answer in call("sales_confirm_kept", documents)] == [1]
