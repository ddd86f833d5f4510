"""The API: who may call, what it answers, and how it says no in the caller's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regulars.plugins import switch

pytestmark = pytest.mark.clause("2.4")

ROUTE = "/api/v1/modules/specimen/promises"
Call = Callable[..., Any]


@pytest.fixture
def call(business: Any, branch: Any, client_for: Callable[..., Any]) -> Call:
    """`call(path, token=…, language=…)`: another system asks; by default with the token of a terminal."""
    from regulars.organisation.places.services import add_terminal

    _terminal, given = add_terminal(branch=branch, name="Till 1")

    def asking(path: str, *, token: str | None = given, language: str = "en", method: str = "get") -> Any:
        from tenants.context import business_context

        headers = {"authorization": f"Bearer {token}"} if token is not None else {}
        answer = getattr(client_for(business, language=language), method)(path, headers=headers)
        with business_context(business):
            return answer

    return asking


def test_a_terminal_reads_the_points_of_a_member(member: Any, call: Call) -> None:
    answer = call(f"/api/v1/members/{member.public_id}/points")
    assert (answer.status_code, answer.json()) == (200, {"member": member.public_id, "points": 0})


@pytest.mark.parametrize("token", [None, "", "nonsense", "x" * 5000])
def test_nobody_else_reads_them(member: Any, call: Call, token: str | None) -> None:
    answer = call(f"/api/v1/members/{member.public_id}/points", token=token)
    assert (answer.status_code, answer["content-type"]) == (401, "application/problem+json")
    assert answer["www-authenticate"] == "Bearer"
    assert answer.json()["title"] == "Who is calling is not known"


def test_a_terminal_that_was_taken_out_of_use_is_nobody(member: Any, call: Call) -> None:
    from regulars.organisation.models import Terminal

    Terminal.objects.update(is_active=False)
    assert call(f"/api/v1/members/{member.public_id}/points").status_code == 401


@pytest.mark.parametrize("public_id", ["mem_nobody", "1", "m" * 3000, "%00", "mem'--", "会员"])
def test_an_id_that_is_nobodys_is_not_found(business: Any, call: Call, public_id: str) -> None:
    answer = call(f"/api/v1/members/{public_id}/points")
    assert (answer.status_code, answer["content-type"]) == (404, "application/problem+json")


def test_a_refusal_is_in_the_callers_language(business: Any, call: Call) -> None:
    answer = call("/api/v1/members/mem_nobody/points", language="zh-hans")
    assert answer.json()["title"] == "未找到"


def test_an_unknown_address_is_a_problem_too(business: Any, call: Call) -> None:
    answer = call("/api/v1/nothing", token=None)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "Nothing answers at this address. Check it against the documentation.",
    )


@pytest.mark.capability(154)
def test_a_route_of_a_module_that_is_off_is_like_any_unknown_address(business: Any, call: Call) -> None:
    off, unknown = call(ROUTE), call("/api/v1/modules/nothing/promises")
    assert (off.status_code, off.json()) == (404, unknown.json())
    assert call(ROUTE, token=None).status_code == 404


@pytest.mark.capability(154)
def test_a_route_of_a_module_answers_while_it_is_on_and_closing(business: Any, call: Call) -> None:
    switch.switch_on(name="specimen", by="Lin Owner")
    assert (call(ROUTE).status_code, call(ROUTE).json()) == (200, {"promises": 0})
    assert call(ROUTE, token="nonsense").status_code == 401
    switch.close(name="specimen", by="Lin Owner")
    assert call(ROUTE).status_code == 200
    switch.switch_off(name="specimen", by="Lin Owner")
    assert call(ROUTE).status_code == 404


def test_a_fault_is_a_problem_that_gives_nothing_away(member: Any, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars.ledger import selectors

    def broken(*args: Any) -> int:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(selectors, "balance", broken)
    answer = call(f"/api/v1/members/{member.public_id}/points")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
