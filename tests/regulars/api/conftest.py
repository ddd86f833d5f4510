"""A till that calls the API: a token for the first branch, in the name of the owner, and `call` to send with it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from regulars.api.scopes import SCOPES
from regulars.api.services import make_token
from regulars.organisation.models import Branch, Staff, Terminal
from regulars.organisation.places.services import add_terminal

Call = Callable[..., Any]


@pytest.fixture
def till(branch: Branch) -> Terminal:
    """The till that other systems speak for."""
    return add_terminal(branch=branch, name="Till 1")


@pytest.fixture
def token_for(owner: Staff, till: Terminal) -> Callable[..., str]:
    """`token_for(staff=…, scopes=…, terminal=…)`: the secret of a new token; by default the owner's, for everything."""

    def made(staff: Staff | None = None, scopes: list[str] | None = None, terminal: Terminal | None = None) -> str:
        _token, secret = make_token(
            terminal=terminal or till,
            staff=staff or owner,
            name="Shop system",
            scopes=scopes or [scope.code for scope in SCOPES],
            by=owner,
        )
        return secret

    return made


@pytest.fixture
def call(business: Any, client_for: Callable[..., Any], token_for: Callable[..., str]) -> Call:
    """`call(path, body, key=…, token=…, language=…, method=…)`: another system asks, at `/api/v1` of the tea house.

    With a body it posts, under a key of its own unless one is given; `key=None` sends none.
    """
    everything = token_for()

    def asking(
        path: str,
        body: Any = None,
        *,
        token: str | None = everything,
        key: str | None = "",
        language: str = "en",
        method: str = "",
    ) -> Any:
        from tenants.context import business_context

        headers = {"authorization": f"Bearer {token}"} if token is not None else {}
        if key is not None:
            headers["idempotency-key"] = key or secrets.token_hex(8)
        browser = client_for(business, language=language)
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        ask = getattr(browser, method or ("get" if body is None else "post"))
        answer = ask(f"/api/v1{path}", headers=headers, **sent)
        with business_context(business):
            return answer

    return asking
