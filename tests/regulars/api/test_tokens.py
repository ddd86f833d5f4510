"""Tokens of other systems: made and revoked by the owner, shown once, and never worth more than their person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from regulars import clock
from regulars.api.models import Token
from regulars.api.scopes import SCOPES
from regulars.api.services import make_token, revoke_token
from regulars.errors import InvalidInput, NotAllowed
from regulars.operations.models import TrailEntry
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.organisation.places.services import open_branch, switch_terminal
from regulars.organisation.selectors import hash_of_token
from regulars.organisation.team.services import appoint, dismiss

pytestmark = pytest.mark.clause("5.7")
POINTS = "/members/{}/points"


def test_only_the_hash_of_a_token_is_kept_and_the_trail_never_sees_it(owner: Staff, till: Terminal) -> None:
    token, secret = make_token(terminal=till, staff=owner, name="Web shop", scopes=["sales.sell"], by=owner)
    assert secret.startswith("rgt_")
    assert Token.objects.get().token_hash == hash_of_token(secret)
    entry = TrailEntry.objects.get(act="token.made")
    assert (entry.actor, entry.subject) == (owner.public_id, token.public_id)
    assert secret not in str(entry.after)
    revoke_token(token=token, by=owner)
    revoke_token(token=token, by=owner)
    assert TrailEntry.objects.filter(act="token.revoked").count() == 1


@pytest.mark.clause("5.Bad input")
def test_a_revoked_token_is_nobody(call: Any, member: Any, owner: Staff, token_for: Callable[..., str]) -> None:
    secret, path = token_for(), POINTS.format(member.public_id)
    assert call(path, token=secret).status_code == 200
    revoke_token(token=Token.objects.get(token_hash=hash_of_token(secret)), by=owner)
    assert call(path, token=secret).status_code == 401


def test_a_token_ends_with_its_person_and_with_its_till(
    call: Any, member: Any, branch: Branch, owner: Staff, till: Terminal, token_for: Callable[..., str]
) -> None:
    clerk = appoint(name="Clerk", email="clerk@tea.example", role="cashier", branch=branch, appointed_by=owner)
    secret, path = token_for(clerk, ["members.read"]), POINTS.format(member.public_id)
    assert call(path, token=secret).status_code == 200
    dismiss(staff=clerk, by=owner)
    assert call(path, token=secret).status_code == 401
    switch_terminal(terminal=till, is_active=False, by=owner)
    assert call(path).status_code == 401


@pytest.mark.parametrize("scope", [scope.code for scope in SCOPES])
def test_a_token_without_a_scope_is_refused_where_it_is_asked_for(
    call: Any, member: Any, token_for: Callable[..., str], scope: str
) -> None:
    from regulars.plugins import switch

    switch.switch_on(name="specimen", by="Lin Owner")
    secret = token_for(None, [other.code for other in SCOPES if other.code != scope])
    asked: dict[str, tuple[str, Any]] = {
        "members.read": (POINTS.format(member.public_id), None),
        "members.join": ("/joining", None),
        "products.read": ("/products", None),
        "sales.sell": ("/quotes", {"lines": [{"unit_price": 100}]}),
        "sales.read": ("/sales", None),
        "sales.refund": ("/sales/sal_x/refunds", {"reason": "x"}),
        "approvals.read": ("/approvals/apv_x", None),
        "points.adjust": ("/points/adjustments", {"member": member.public_id, "points": 1, "reason": "x"}),
        "rewards.give": (f"/members/{member.public_id}/rewards", None),
        "events.report": ("/events", {"member": member.public_id, "code": "x"}),
        "modules": ("/modules/specimen/promises", None),
    }
    answer = call(asked[scope][0], asked[scope][1], token=secret)
    assert (answer.status_code, scope in answer.json()["detail"]) == (403, True)


def test_a_person_who_lost_a_right_takes_it_from_the_token(
    call: Any, member: Any, branch: Branch, owner: Staff, token_for: Callable[..., str]
) -> None:
    clerk = appoint(name="Clerk", email="clerk@tea.example", role="cashier", branch=branch, appointed_by=owner)
    secret, path = token_for(clerk, ["members.read"]), POINTS.format(member.public_id)
    Staff.objects.filter(pk=clerk.pk).update(role="accountant")
    assert call(path, token=secret).status_code == 403


def test_a_token_is_made_only_by_whoever_may_and_only_for_what_fits(
    branch: Branch, owner: Staff, till: Terminal, cashier: Staff
) -> None:
    def refused(**over: Any) -> str:
        asked = {"terminal": till, "staff": owner, "name": "Shop", "scopes": ["sales.sell"], "by": owner}
        with pytest.raises(InvalidInput) as refusal:
            make_token(**{**asked, **over})  # type: ignore[arg-type]
        return refusal.value.field

    with pytest.raises(NotAllowed):
        make_token(terminal=till, staff=cashier, name="Shop", scopes=["sales.sell"], by=cashier)
    lake = open_branch(name="West Lake", by=owner)
    elsewhere = appoint(name="Far", email="far@tea.example", role="cashier", branch=lake, appointed_by=owner)
    assert refused(scopes=[]) == "scopes"
    assert refused(scopes=["everything"]) == "scopes"
    assert refused(staff=cashier, scopes=["points.adjust"]) == "scopes"
    assert refused(staff=elsewhere) == "staff"
    assert refused(name="") == "name"
    assert refused(per_minute=0) == "per_minute"
    switch_terminal(terminal=till, is_active=False, by=owner)
    assert refused(terminal=Terminal.objects.get(pk=till.pk)) == "terminal"
    assert not Token.objects.exists()


def test_the_last_use_of_a_token_is_noted_once_a_minute(call: Any, member: Any) -> None:
    path = POINTS.format(member.public_id)
    with time_machine.travel(clock.now(), tick=False) as now:
        call(path)
        first = Token.objects.get().last_used_at
        assert first == clock.now()
        now.shift(30)
        call(path)
        assert Token.objects.get().last_used_at == first
        now.shift(31)
        call("/sales/sal_nobody")  # a refusal is a use too
        assert Token.objects.get().last_used_at == first + dt.timedelta(seconds=61)


def test_whoever_asks_too_often_is_told_when_to_come_back(call: Any, member: Any) -> None:
    path = POINTS.format(member.public_id)
    Token.objects.update(per_minute=2)
    with time_machine.travel(dt.datetime(2026, 11, 20, 4, 0, 15, tzinfo=dt.UTC), tick=False) as now:
        first, second, third = call(path), call(path), call(path)
        assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
        told = [(answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) for answer in (first, second, third)]
        assert told == [("2", "1"), ("2", "0"), ("2", "0")]
        assert (third["Retry-After"], third["RateLimit-Reset"]) == ("45", "45")
        assert "45 seconds" in third.json()["detail"]
        now.shift(45)
        assert call(path).status_code == 200


def test_a_token_has_its_own_count(call: Any, member: Any, token_for: Callable[..., str]) -> None:
    other = token_for()
    Token.objects.filter(token_hash=hash_of_token(other)).update(per_minute=1)
    path = POINTS.format(member.public_id)
    assert [call(path, token=other).status_code for _ in range(2)] == [200, 429]
    assert call(path).status_code == 200


def test_the_owner_makes_a_token_sees_it_once_and_revokes_it(
    business: Any, owner: Staff, till: Terminal, client_for: Callable[..., Any]
) -> None:
    from tenants.context import business_context

    browser = client_for(business, owner.user)
    asked = {
        "name": "Web shop",
        "terminal": till.public_id,
        "staff": owner.public_id,
        "scopes": ["sales.sell", "members.read"],
        "per_minute": "60",
    }
    shut = browser.post("/office/tokens/new/", {**asked, "scopes": []})
    assert shut.status_code == 422
    made = browser.post("/office/tokens/new/", asked)
    with business_context(business):
        token = Token.objects.get()
    said = made.content.decode()
    secret = said.partition(">rgt_")[2][:32]
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    assert token.token_hash == hash_of_token(f"rgt_{secret}")
    listed = browser.get("/office/tokens/").content.decode()
    assert "Web shop" in listed
    assert secret not in listed
    assert browser.post(f"/office/tokens/{token.public_id}/revoke/").status_code == 302
    assert browser.post("/office/tokens/tok_nothing/revoke/").status_code == 404
    with business_context(business):
        assert Token.objects.get().revoked_at is not None


def test_others_than_the_owner_do_not_come_to_the_tokens(
    business: Any, branch: Branch, owner: Staff, client_for: Callable[..., Any]
) -> None:
    manager = appoint(name="Mo", email="mo@tea.example", role="manager", appointed_by=owner)
    browser = client_for(business, manager.user)
    assert browser.get("/office/tokens/").status_code == 403
    assert browser.post("/office/tokens/new/", {}).status_code == 403
