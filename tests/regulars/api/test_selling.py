"""A till sells over the API: price, sale, refund, each once, each explained, each at its own branch only."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.ledger.selectors import balance
from regulars.loyalty.models import PointsRule
from regulars.organisation.models import ApprovalState, Branch, Staff
from regulars.organisation.places.services import add_terminal, open_branch
from regulars.organisation.team.services import appoint
from regulars.sales.models import Quote, Refund, Sale

pytestmark = [
    pytest.mark.clause("5.7"),
    pytest.mark.capability(146),
    pytest.mark.capability(147),
    pytest.mark.usefixtures("one_point_a_yuan"),
]
KETTLE = {"description": "Kettle", "unit_price": 12_000}


@pytest.fixture
def one_point_a_yuan(business: Any) -> None:
    """What a sale earns, in figures that are easy to read."""
    from regulars.loyalty.points.services import save_points_rule

    PointsRule.objects.update(is_active=False)
    save_points_rule(name="A point a yuan", points=1, per_amount=100)


@pytest.fixture
def lake(owner: Staff) -> Branch:
    """Another branch."""
    return open_branch(name="West Lake", by=owner)


def quoted(call: Any, member: Any = None, *lines: dict[str, Any]) -> dict[str, Any]:
    """A basket with its price."""
    answer = call("/quotes", {"member": member.public_id if member else "", "lines": list(lines) or [KETTLE]})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def sold(call: Any, member: Any = None, *lines: dict[str, Any]) -> dict[str, Any]:
    """A sale of a basket."""
    answer = call("/sales", {"quote": quoted(call, member, *lines)["quote"]})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_price_is_explained_and_kept_and_nothing_is_posted(call: Any, member: Any) -> None:
    price = quoted(call, member, KETTLE, {"unit_price": 800, "quantity": 3, "description": "Cup"})
    assert (price["currency"], price["list_total"], price["total"], price["to_pay"]) == ("CNY", 14_400, 14_400, 14_400)
    assert [(line["description"], line["quantity"], line["amount"]) for line in price["lines"]] == [
        ("Kettle", 1, 12_000),
        ("Cup", 3, 2_400),
    ]
    assert (price["points_earned"], price["steps"], price["coupons"]) == (144, [], [])
    shown = call(f"/quotes/{price['quote']}").json()
    assert shown["holds"] is True
    assert "cash" in [source["code"] for source in shown["payment_sources"]]
    assert (Sale.objects.count(), balance(member.wallet)) == (0, 0)


def test_a_sale_is_posted_at_the_till_of_the_token_by_its_person(
    call: Any, member: Any, till: Any, owner: Staff
) -> None:
    receipt = sold(call, member)
    sale = Sale.objects.get()
    assert (receipt["sale"], receipt["total"], receipt["points_earned"]) == (sale.public_id, 12_000, 120)
    assert (sale.terminal, sale.cashier, sale.branch) == (till, owner, till.branch)
    assert receipt["payments"] == [{"source": "cash", "amount": 12_000, "refunded": 0}]
    assert call(f"/members/{member.public_id}/points").json()["points"] == 120
    assert call(f"/sales/{sale.public_id}").json() == receipt


def test_several_payments_sum_to_the_total_or_nothing_is_sold(call: Any, member: Any) -> None:
    price = quoted(call, member)
    cash, card = {"source": "cash", "amount": 5_000, "received": 10_000}, {"source": "card", "amount": 7_000}
    short = call("/sales", {"quote": price["quote"], "payments": [cash]})
    assert (short.status_code, Sale.objects.count()) == (422, 0)
    done = call("/sales", {"quote": price["quote"], "payments": [cash, card]})
    assert [(part["source"], part["amount"]) for part in done.json()["payments"]] == [("cash", 5_000), ("card", 7_000)]


@pytest.mark.clause("5.Bad input")
def test_a_price_that_no_longer_holds_is_a_conflict_and_nothing_is_posted(call: Any, member: Any) -> None:
    from regulars.loyalty.points.services import save_points_rule

    price = quoted(call, member)
    save_points_rule(rule=PointsRule.objects.get(is_active=True), name="Two", points=2, per_amount=100)
    answer = call("/sales", {"quote": price["quote"]})
    assert (answer.status_code, answer.json()["field"]) == (409, "quote")
    assert (Sale.objects.count(), balance(member.wallet)) == (0, 0)
    assert call(f"/quotes/{price['quote']}").json()["holds"] is False


@pytest.mark.clause("5.Bad input")
@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"unit_price": -1}, "lines.0.unit_price"),
        ({"unit_price": 10**14}, "lines.0.unit_price"),
        ({"unit_price": 1.5}, "lines.0.unit_price"),
        ({"unit_price": 100, "quantity": -2}, "lines.0.quantity"),
        ({"unit_price": 100, "quantity": 0}, "lines.0.quantity"),
        ({"unit_price": 100, "description": "x" * 121}, "lines.0.description"),
        ({"unit_price": 100, "description": "a\0b"}, "lines.0.description"),
        ({"unit_price": 100, "colour": "red"}, "lines.0.colour"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_its_field(call: Any, line: dict[str, Any], field: str) -> None:
    answer = call("/quotes", {"lines": [line]})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert Quote.objects.count() == 0


@pytest.mark.clause("5.Bad input")
def test_a_thousand_lines_and_none_are_refused(call: Any) -> None:
    for lines in ([], [KETTLE] * 1_000):
        answer = call("/quotes", {"lines": lines})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lines")
    assert Quote.objects.count() == 0


def test_a_refund_in_parts_takes_points_back_with_it(call: Any, member: Any) -> None:
    sale = sold(call, member, KETTLE, {"description": "Cup", "unit_price": 3_000})["sale"]
    part = call(f"/sales/{sale}/refunds", {"amount": 5_000, "reason": "scratched"})
    assert (part.status_code, part.json()["points_taken_back"], part.json()["paid_back"]) == (201, 50, 5_000)
    lines = call(f"/sales/{sale}/refunds", {"lines": [{"position": 2, "amount": 500}], "reason": "chipped"})
    assert (lines.status_code, lines.json()["amount"]) == (201, 500)
    rest = call(f"/sales/{sale}/refunds", {"reason": "returned"})
    assert (rest.status_code, rest.json()["amount"]) == (201, 9_500)
    assert balance(member.wallet) == 0
    shown = call(f"/sales/{sale}").json()
    assert (shown["refunded_total"], len(shown["refunds"])) == (15_000, 3)
    none_left = call(f"/sales/{sale}/refunds", {"reason": "again"})
    assert (none_left.status_code, none_left.json()["field"]) == (422, "amount")


@pytest.mark.clause("5.Bad input")
def test_an_amount_and_lines_together_or_more_than_is_left_refund_nothing(call: Any) -> None:
    sale = sold(call)["sale"]
    both = call(f"/sales/{sale}/refunds", {"amount": 1, "lines": [{"position": 1, "amount": 1}], "reason": "x"})
    more = call(f"/sales/{sale}/refunds", {"amount": 12_001, "reason": "x"})
    line = call(f"/sales/{sale}/refunds", {"lines": [{"position": 9, "amount": 1}], "reason": "x"})
    assert [answer.status_code for answer in (both, more, line)] == [422, 422, 422]
    assert Refund.objects.count() == 0


def test_a_refund_beyond_the_limit_of_its_person_waits_for_an_approval(
    call: Any, member: Any, cashier: Staff, owner: Staff, token_for: Any
) -> None:
    from regulars.organisation.approvals import approve
    from regulars.organisation.approvals.selectors import approval_by_public_id

    secret = token_for(cashier, ["sales.refund", "approvals.read"])
    sale, body = sold(call, member, {"unit_price": 100_000})["sale"], {"amount": 90_000, "reason": "broken"}
    asked = call(f"/sales/{sale}/refunds", body, token=secret, key="refund-0001")
    assert (asked.status_code, asked.json()["state"], Refund.objects.count()) == (202, "requested", 0)
    again = call(f"/sales/{sale}/refunds", body, token=secret, key="refund-0001")
    assert again.json() == asked.json()
    other = call(f"/sales/{sale}/refunds", {"amount": 80_000, "reason": "broken"}, token=secret)
    assert other.status_code == 409  # one of them waits already
    name = asked.json()["approval"]
    approve(approval=approval_by_public_id(name), by=owner)
    told = call(f"/approvals/{name}", token=secret).json()
    assert (told["state"], told["result"]) == (ApprovalState.APPROVED, Refund.objects.get().public_id)
    assert call(f"/approvals/{name}").status_code == 404  # it was not this token's person who asked


def test_the_branch_of_a_token_is_all_it_sees(call: Any, token_for: Any, lake: Branch, owner: Staff) -> None:
    far = token_for(terminal=add_terminal(branch=lake, name="Lake till"))
    sale, price = sold(call)["sale"], quoted(call)["quote"]
    assert call(f"/sales/{sale}", token=far).status_code == 404
    assert call(f"/quotes/{price}", token=far).status_code == 404
    assert call("/sales", {"quote": price}, token=far).status_code == 404
    assert call(f"/sales/{sale}/refunds", {"reason": "x"}, token=far).status_code == 404
    assert call("/sales", token=far).json()["sales"] == []
    assert (Sale.objects.count(), Refund.objects.count()) == (1, 0)


def test_a_closed_branch_sells_nothing_over_the_api(call: Any, token_for: Any, lake: Branch, owner: Staff) -> None:
    from regulars.organisation.places.services import close_branch

    far = token_for(terminal=add_terminal(branch=lake, name="Lake till"))
    close_branch(branch=lake, by=owner)
    assert call("/quotes", {"lines": [KETTLE]}, token=far).status_code == 403


def test_sales_come_in_pages_that_neither_skip_nor_repeat(call: Any) -> None:
    made = [sold(call)["sale"] for _ in range(5)]
    first = call("/sales?limit=2").json()
    made.append(sold(call)["sale"])  # the list grows while it is read
    second = call(f"/sales?limit=2&cursor={first['next']}").json()
    third = call(f"/sales?limit=2&cursor={second['next']}").json()
    read = [sale["sale"] for page in (first, second, third) for sale in page["sales"]]
    assert sorted(read) == sorted(made[:5])
    assert third["next"] is None
    for cursor in ("nonsense", "bnVsbA", "WzFd", "WyJ4IiwgInkiXQ"):
        answer = call(f"/sales?cursor={cursor}")
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_what_a_basket_would_earn_is_told_and_nothing_is_kept(call: Any, member: Any) -> None:
    basket = {"member": member.public_id, "lines": [KETTLE]}
    answer = call("/points/dry-run", basket, key=None)
    assert (answer.status_code, answer.json()["points"]) == (200, 120)
    assert answer.json()["awards"] == [{"rule": "A point a yuan", "points": 120}]
    assert (Quote.objects.count(), balance(member.wallet)) == (0, 0)


def test_points_are_adjusted_for_members_of_the_branch_with_a_reason(
    call: Any, member: Any, lake: Branch, token_for: Any
) -> None:
    body = {"member": member.public_id, "points": 30, "reason": "sorry"}
    done = call("/points/adjustments", body)
    assert (done.status_code, done.json()) == (201, {"member": member.public_id, "points": 30, "balance": 30})
    far = token_for(terminal=add_terminal(branch=lake, name="Lake till"))
    assert call("/points/adjustments", body, token=far).status_code == 403
    too_many = call("/points/adjustments", {**body, "points": -31})
    assert (too_many.status_code, too_many.json()["field"]) == (409, "points")
    assert call("/points/adjustments", {**body, "points": 0}).status_code == 422
    assert balance(member.wallet) == 30


def test_many_points_wait_for_an_approval(call: Any, member: Any, branch: Branch, owner: Staff, token_for: Any) -> None:
    agent = appoint(name="Agent", email="agent@tea.example", role="service", branch=branch, appointed_by=owner)
    with pytest.raises(Exception, match="may not do this"):
        token_for(agent, ["points.adjust", "sales.refund"])
    body = {"member": member.public_id, "points": 9_000, "reason": "prize"}
    answer = call("/points/adjustments", body, token=token_for(agent, ["points.adjust"]))
    assert (answer.status_code, answer.json()["act"], balance(member.wallet)) == (202, "points.adjust", 0)
