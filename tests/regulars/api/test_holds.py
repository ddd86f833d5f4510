"""Another system puts a sale on hold, shows what the customer needs, and settles it once; or gives it up."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.organisation.models import Staff
from regulars.organisation.places.services import add_terminal, open_branch
from regulars.organisation.services import change
from regulars.plugins import switch
from regulars.sales.models import Sale, SaleOnHold

pytestmark = [pytest.mark.clause("5.3"), pytest.mark.clause("5.7"), pytest.mark.capability(146)]


@pytest.fixture
def by_code(business: Any) -> None:
    """The business has a payment code of its own."""
    change(by="", payment_code="https://qr.example/1", payment_code_name="PayPay")


def quoted(call: Any, amount: int = 12_000) -> str:
    """A price to hold."""
    return str(call("/quotes", {"lines": [{"unit_price": amount}]}).json()["quote"])


def held(call: Any, source: str = "own_code", amount: int = 12_000, **more: Any) -> Any:
    """What putting it on hold answers."""
    return call("/holds", {"quote": quoted(call), "payments": [{"source": source, "amount": amount}]}, **more)


def test_held_shown_settled_once(call: Any, by_code: None) -> None:
    answer = held(call)
    assert answer.status_code == 201, answer.content
    one = answer.json()
    assert (one["state"], one["amount"], one["shown"]["code"], one["sale"]) == (
        "waiting",
        12_000,
        "https://qr.example/1",
        None,
    )
    settled = call(f"/holds/{one['hold']}/settlement", {"reference": "pp-1"}).json()
    sale = Sale.objects.get()
    assert (settled["state"], settled["sale"], settled["reference"]) == ("settled", sale.public_id, "pp-1")
    assert call(f"/holds/{one['hold']}/settlement", {}).json()["sale"] == sale.public_id
    assert call(f"/holds/{one['hold']}/give-up", {}).status_code == 409
    assert Sale.objects.count() == 1
    paid = call(f"/sales/{sale.public_id}").json()["payments"]
    assert paid == [{"source": "own_code", "amount": 12_000, "refunded": 0}]


def test_the_quote_says_which_source_settles_later(call: Any, by_code: None) -> None:
    sources = call(f"/quotes/{quoted(call)}").json()["payment_sources"]
    assert {source["code"]: source["settles_later"] for source in sources} == {
        "cash": False,
        "card": False,
        "own_code": True,
    }


def test_a_refusal_names_the_field_and_holds_nothing(call: Any, by_code: None) -> None:
    for source, amount, field in (("cash", 12_000, "payment_source"), ("own_code", 1, "payments")):
        answer = held(call, source, amount)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not SaleOnHold.objects.exists()


def test_given_up_late_money_is_to_be_paid_back(call: Any, by_code: None) -> None:
    one = held(call).json()
    assert call(f"/holds/{one['hold']}/give-up", {}).json()["state"] == "given_up"
    late = call(f"/holds/{one['hold']}/settlement", {"reference": "pp-9"}).json()
    assert (late["state"], late["sale"]) == ("to_pay_back", None)
    assert not Sale.objects.exists()


def test_a_second_payment_and_another_amount_are_noted_to_be_paid_back(call: Any, by_code: None) -> None:
    one = held(call).json()["hold"]
    odd = call(f"/holds/{one}/settlement", {"reference": "pp-1", "amount": 10_000}).json()
    assert (odd["state"], odd["amount"], odd["sale"]) == ("to_pay_back", 10_000, None)
    assert call(f"/holds/{one}").json()["state"] == "waiting"
    assert call(f"/holds/{one}/settlement", {"reference": "pp-2", "amount": 12_000}).json()["state"] == "settled"
    second = call(f"/holds/{one}/settlement", {"reference": "pp-3"}).json()
    assert (second["state"], second["reference"]) == ("to_pay_back", "pp-3")
    assert len({one, odd["hold"], second["hold"]}) == 3
    assert call(f"/holds/{second['hold']}").json() == second
    refused = call(f"/holds/{one}/settlement", {"amount": 0})
    assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, ["amount"])


@pytest.mark.parametrize("body", [{}, {"amount": 12_000}])
def test_without_a_reference_a_new_key_is_a_second_payment_and_the_same_key_a_repeat(
    call: Any, by_code: None, body: dict[str, Any]
) -> None:
    one = held(call).json()["hold"]
    first, again, second, once_more = (
        call(f"/holds/{one}/settlement", body, key=f"notice-000{number}") for number in (1, 1, 2, 2)
    )
    assert (first.json()["state"], again.content, again["Idempotency-Replayed"]) == ("settled", first.content, "true")
    assert (second.json()["state"], second.json()["sale"], second.json()["amount"]) == ("to_pay_back", None, 12_000)
    assert once_more.content == second.content
    assert (Sale.objects.count(), SaleOnHold.objects.filter(state="to_pay_back").count()) == (1, 1)


def test_a_notice_repeated_when_its_answer_was_forgotten_is_still_no_second_payment(call: Any, by_code: None) -> None:
    from regulars.api.models import Answer

    one = held(call).json()["hold"]
    odd, first = ({"amount": 5_000}, "notice-0001"), ({}, "notice-0002")
    before = [call(f"/holds/{one}/settlement", body, key=key).json() for body, key in (odd, first)]
    Answer.objects.all().delete()
    assert [call(f"/holds/{one}/settlement", body, key=key).json() for body, key in (odd, first)] == before
    assert [each["state"] for each in before] == ["to_pay_back", "settled"]
    refused = call(f"/holds/{one}/settlement", {"amount": 5_001}, key="notice-0001")
    assert (refused.status_code, refused.json()["field"]) == (409, "Idempotency-Key")
    assert (Sale.objects.count(), SaleOnHold.objects.count()) == (1, 2)


def test_who_left_while_it_waited_has_it_sold_without_points(call: Any, by_code: None, member: Any) -> None:
    price = call("/quotes", {"member": member.public_id, "lines": [{"unit_price": 12_000}]}).json()
    one = call("/holds", {"quote": price["quote"], "payments": [{"source": "own_code", "amount": 12_000}]}).json()
    type(member).objects.update(is_active=False)
    done = call(f"/holds/{one['hold']}/settlement", {"reference": "pp-1"}).json()
    sale = Sale.objects.get()
    assert price["points_earned"] > 0
    assert (done["state"], done["sale"], sale.points_earned) == ("settled", sale.public_id, 0)


def test_another_branch_finds_nothing(call: Any, by_code: None, owner: Staff, token_for: Any) -> None:
    one = held(call).json()
    other = token_for(terminal=add_terminal(branch=open_branch(name="West Lake", by=owner), name="Till 9"))
    for path, body in ((f"/holds/{one['hold']}", None), (f"/holds/{one['hold']}/settlement", {})):
        assert call(path, body, token=other).status_code == 404
    assert SaleOnHold.objects.get().state == "waiting"


def test_a_module_says_what_to_show_and_pays_back_what_came_too_late(call: Any, business: Any) -> None:
    from regulars import plugins
    from regulars.operations.models import OutboxEvent
    from regulars.sales.holding import on_hold

    switch.switch_on(name="specimen", by="Lin Owner")
    price = call("/quotes", {"lines": [{"unit_price": 12_000}]}).json()
    body = {"quote": price["quote"], "payments": [{"source": "stamp_link", "amount": price["to_pay"]}]}
    one = call("/holds", body).json()
    assert one["shown"] is None
    shown = call(f"/holds/{one['hold']}").json()
    link = f"https://stamps.example/{one['hold']}"
    assert shown["shown"] == {"code": link, "link": link, "words": "Stamp there"}
    assert shown["reference"] == f"stamp-{one['hold']}"
    call(f"/holds/{one['hold']}/give-up", {})
    call(f"/holds/{one['hold']}/settlement", {})
    fact = OutboxEvent.objects.get(name="payment_came_too_late")
    from regulars import events

    plugins.tell("specimen", events.from_payload(fact.name, fact.payload))
    assert on_hold(one["hold"]).state == "paid_back"
