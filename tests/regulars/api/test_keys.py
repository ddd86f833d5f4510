"""Every request that posts acts once under its key; whoever repeats it gets the first answer again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from regulars import clock
from regulars.api.models import Answer
from regulars.api.services import forget_answers
from regulars.ledger.selectors import balance

pytestmark = [pytest.mark.clause("5.7"), pytest.mark.clause("5.Bad input")]
KEY = "till-1-000042"


@pytest.fixture
def gift(member: Any) -> dict[str, Any]:
    """Points that would be given twice by a request that acts twice."""
    return {"member": member.public_id, "points": 30, "reason": "sorry"}


@pytest.mark.parametrize("key", [None, "short", "x" * 81, "with\ttab-in-it"])
def test_a_request_that_posts_needs_a_key(call: Any, member: Any, gift: dict[str, Any], key: str | None) -> None:
    answer = call("/points/adjustments", gift, key=key)
    assert (answer.status_code, answer["content-type"]) == (400, "application/problem+json")
    assert (answer.json()["field"], balance(member.wallet)) == ("Idempotency-Key", 0)


def test_the_same_request_again_acts_once_and_says_so(call: Any, member: Any, gift: dict[str, Any]) -> None:
    first = call("/points/adjustments", gift, key=KEY)
    again = call("/points/adjustments", dict(reversed(gift.items())), key=KEY)  # the same values, otherwise written
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert balance(member.wallet) == 30


def test_the_same_key_with_another_body_or_address_is_a_conflict(call: Any, member: Any, gift: dict[str, Any]) -> None:
    call("/points/adjustments", gift, key=KEY)
    other = call("/points/adjustments", {**gift, "points": 31}, key=KEY)
    elsewhere = call("/quotes", {"lines": [{"unit_price": 100}]}, key=KEY)
    assert [answer.status_code for answer in (other, elsewhere)] == [409, 409]
    assert other.json()["field"] == "Idempotency-Key"
    assert balance(member.wallet) == 30


def test_a_refused_request_leaves_its_key_free(call: Any, member: Any, gift: dict[str, Any]) -> None:
    assert call("/points/adjustments", {**gift, "points": -5}, key=KEY).status_code == 409
    assert not Answer.objects.exists()
    assert call("/points/adjustments", gift, key=KEY).status_code == 201
    assert balance(member.wallet) == 30


def test_two_tokens_may_use_the_same_key(call: Any, member: Any, gift: dict[str, Any], token_for: Any) -> None:
    assert call("/points/adjustments", gift, key=KEY).status_code == 201
    assert call("/points/adjustments", gift, key=KEY, token=token_for()).status_code == 201
    assert balance(member.wallet) == 60


def test_a_sale_is_the_same_sale_even_after_its_answer_was_forgotten(call: Any, member: Any) -> None:
    from regulars.sales.models import Sale

    quote = call("/quotes", {"member": member.public_id, "lines": [{"unit_price": 5_000}]}).json()["quote"]
    first = call("/sales", {"quote": quote}, key=KEY).json()
    assert forget_answers(now=clock.now() + dt.timedelta(days=31), limit=100) == 2
    again = call("/sales", {"quote": quote}, key=KEY)
    assert (again.status_code, again.json()["sale"], Sale.objects.count()) == (201, first["sale"], 1)


def test_answers_are_forgotten_after_thirty_days_and_not_before(call: Any, gift: dict[str, Any]) -> None:
    call("/points/adjustments", gift)
    assert forget_answers(now=clock.now() + dt.timedelta(days=29), limit=100) == 0
    assert forget_answers(now=clock.now() + dt.timedelta(days=31), limit=100) == 1
