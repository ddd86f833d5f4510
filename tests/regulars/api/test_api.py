"""The API: who may call, what it answers, and how it says no in the caller's language."""

from __future__ import annotations

from typing import Any

import pytest

from regulars.plugins import switch

pytestmark = pytest.mark.clause("2.4")

ROUTE = "/modules/specimen/promises"


def test_a_terminal_reads_the_points_of_a_member(member: Any, call: Any) -> None:
    answer = call(f"/members/{member.public_id}/points")
    assert (answer.status_code, answer.json()) == (200, {"member": member.public_id, "points": 0, "spendable": 0})


@pytest.mark.parametrize("token", [None, "", "nonsense", "x" * 5000])
def test_nobody_else_reads_them(member: Any, call: Any, token: str | None) -> None:
    answer = call(f"/members/{member.public_id}/points", token=token)
    assert (answer.status_code, answer["content-type"]) == (401, "application/problem+json")
    assert answer["www-authenticate"] == "Bearer"
    assert answer.json()["title"] == "Who is calling is not known"


def test_a_terminal_that_was_taken_out_of_use_is_nobody(member: Any, call: Any) -> None:
    from regulars.organisation.models import Terminal

    Terminal.objects.update(is_active=False)
    assert call(f"/members/{member.public_id}/points").status_code == 401


@pytest.mark.parametrize("public_id", ["mem_nobody", "1", "m" * 3000, "%00", "mem'--", "会员"])
def test_an_id_that_is_nobodys_is_not_found(business: Any, call: Any, public_id: str) -> None:
    answer = call(f"/members/{public_id}/points")
    assert (answer.status_code, answer["content-type"]) == (404, "application/problem+json")


def test_a_refusal_is_in_the_callers_language(business: Any, call: Any) -> None:
    answer = call("/members/mem_nobody/points", language="zh-hans")
    assert answer.json()["title"] == "未找到"


def test_an_unknown_address_is_a_problem_too(business: Any, call: Any) -> None:
    answer = call("/nothing", token=None)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "Nothing answers at this address. Check it against the documentation.",
    )


@pytest.mark.capability(154)
def test_a_route_of_a_module_that_is_off_is_like_any_unknown_address(business: Any, call: Any) -> None:
    off, unknown = call(ROUTE), call("/modules/nothing/promises")
    assert (off.status_code, off.json()) == (404, unknown.json())
    assert call(ROUTE, token=None).status_code == 404


@pytest.mark.capability(154)
def test_a_route_of_a_module_answers_while_it_is_on_and_closing(business: Any, call: Any) -> None:
    switch.switch_on(name="specimen", by="Lin Owner")
    assert (call(ROUTE).status_code, call(ROUTE).json()) == (200, {"promises": 0})
    assert call(ROUTE, token="nonsense").status_code == 401
    switch.close(name="specimen", by="Lin Owner")
    assert call(ROUTE).status_code == 200
    switch.switch_off(name="specimen", by="Lin Owner")
    assert call(ROUTE).status_code == 404


def test_a_fault_is_a_problem_that_gives_nothing_away(member: Any, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars.ledger import selectors

    def broken(*args: Any) -> int:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(selectors, "balance", broken)
    answer = call(f"/members/{member.public_id}/points")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()


@pytest.mark.clause("5.7")
@pytest.mark.parametrize("where", ["who calls", "the question", "the act"])
def test_a_database_that_is_out_is_said_with_when_to_come_back(
    member: Any, call: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from django.db import OperationalError

    from regulars.api import callers, keys
    from regulars.ledger import selectors

    def away(*args: Any, **named: Any) -> Any:
        raise OperationalError("connection to server failed")

    target = {
        "who calls": (callers, "token_by_secret"),
        "the question": (selectors, "balance"),
        "the act": (keys, "_claim"),
    }
    monkeypatch.setattr(*target[where], away)
    body = {"member": member.public_id, "points": 1, "reason": "x"} if where == "the act" else None
    answer = call("/points/adjustments" if body else f"/members/{member.public_id}/points", body)
    assert (answer.status_code, answer["content-type"], answer["Retry-After"]) == (503, "application/problem+json", "5")
    assert answer.json()["detail"].startswith("Nothing was done.")


@pytest.mark.clause("5.7")
def test_a_fault_is_no_outage(member: Any, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from regulars.ledger import selectors

    class Deadlock(Exception):
        sqlstate = "40P01"

    def broken(*args: Any, **named: Any) -> Any:
        raise OperationalError("deadlock detected") from Deadlock()

    monkeypatch.setattr(selectors, "balance", broken)
    assert call(f"/members/{member.public_id}/points").status_code == 500
