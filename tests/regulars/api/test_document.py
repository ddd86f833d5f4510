"""The description of the API is the one in force, and what it promises is kept: no fault, no other answer."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis import GenerationMode, checks
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks as openapi

from regulars.api import keys, problems
from regulars.api.document import REFUSALS, operations_of, scope_of
from regulars.api.scopes import BY_CODE, MODULES
from regulars.api.urls import api
from regulars.config.openapi import FILE, written
from regulars.errors import NotFound
from regulars.loyalty.rewards.services import redeem
from regulars.loyalty.rewards.shelving import save_reward
from regulars.people.selectors import member_by_public_id
from tests.crowd import sized

pytestmark = [pytest.mark.clause("5.7"), pytest.mark.clause("5.Shows")]
COMMITTED = json.loads(FILE.read_text(encoding="utf-8"))
ROUTES = [(method, path) for path, item in COMMITTED["paths"].items() for method in item]
SCHEMA = schemathesis.openapi.from_dict(COMMITTED)
OPERATIONS = {operation.ok().label: operation.ok() for operation in SCHEMA.get_all_operations()}
REQUEST = {"method", "url", "headers", "data", "json", "params", "cookies"}
EXAMPLES = sized(5, 200)
PROMISED = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]


def test_the_committed_description_is_the_one_in_force() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "run `make openapi` and commit docs/api/openapi.json"


def test_every_route_asks_for_a_scope_that_there_is() -> None:
    scopes = {scope_of(operation) for operation in operations_of(api).values()}
    assert scopes == set(BY_CODE)
    ours = {described["x-scope"] for item in COMMITTED["paths"].values() for described in item.values()}
    assert ours == set(BY_CODE) - {MODULES}


def test_every_route_that_posts_asks_for_a_key_and_none_that_only_answers_does() -> None:
    for (method, path), operation in operations_of(api).items():
        if path not in COMMITTED["paths"]:
            continue
        named = [each["name"] for each in COMMITTED["paths"][path][method.lower()]["parameters"]]
        assert (keys.HEADER in named) == keys.needs_key(method, operation.view_func), path


def test_every_route_has_a_name_of_its_own() -> None:
    names = [COMMITTED["paths"][path][method]["operationId"] for method, path in ROUTES]
    assert sorted(set(names)) == sorted(names)


def test_every_refusal_is_described_for_every_route() -> None:
    for method, path in ROUTES:
        described = COMMITTED["paths"][path][method]
        missing = {str(status) for status in REFUSALS} - set(described["responses"])
        assert missing <= ({"400", "409"} if method == "get" else set()), path
        assert described["description"], path
        assert described["summary"], path


@pytest.fixture
def known(business: Any, branch: Any, member: Any, owner: Any, call: Any) -> dict[str, str]:
    """Ids of records that are there, by what addresses and bodies call them."""
    from regulars.ledger.services import adjust

    adjust(wallet=member.wallet, asset="points", amount=500, key=secrets.token_hex(8), reason="Tea", actor="test")
    reward = save_reward(kind="goods", words={"en": "Tea"}, details={}, points=1)
    code = redeem(member=member_by_public_id(member.public_id), reward=reward, key=secrets.token_hex(8)).code
    basket = {"member": member.public_id, "lines": [{"unit_price": 5_000}]}
    first, open_one = (call("/quotes", basket).json()["quote"] for _ in range(2))
    return {
        "member": member.public_id,
        "members": member.public_id,
        "reward": reward.public_id,
        "code": code,
        "quote": open_one,
        "quotes": open_one,
        "sales": call("/sales", {"quote": first}).json()["sale"],
    }


def _with_known(case: Any, known: dict[str, str]) -> None:
    """Let a made-up request speak of records that are there."""
    kind = case.path.removeprefix("/api/v1/").partition("/")[0]
    for name in case.path_parameters:
        found = known.get(name) or known.get(kind)
        if found:
            case.path_parameters[name] = found
    if isinstance(case.body, dict):
        case.body.update({name: known[name] for name in ("member", "reward", "quote") if name in case.body})


def _sent(case: Any, browser: Any, token: str) -> Response:
    """The answer to a made-up request, sent within the test's own transaction."""
    asked = case.as_transport_kwargs(base_url="http://teahouse.regulars.test")
    made = requests.Request(**{k: v for k, v in asked.items() if k in REQUEST}).prepare()
    headers = {**made.headers, "Authorization": f"Bearer {token}", "Host": "teahouse.regulars.test"}
    body = made.body.encode() if isinstance(made.body, str) else made.body or b""
    content_type = headers.pop("Content-Type", "application/json")
    headers.pop("Content-Length", None)
    got = browser.generic(made.method, made.path_url, body, content_type=content_type, headers=headers)
    told = {name.lower(): [value] for name, value in got.items()}
    return Response(got.status_code, told, got.content, made, elapsed=0.0, verify=False)


LASTING = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def sending(
    business: Any, known: dict[str, str], client_for: Callable[..., Any], token_for: Callable[..., str]
) -> Callable[[str, GenerationMode], set[int]]:
    """`sending(label, mode)`: made-up requests to one operation, each answer held to the description; the statuses."""
    browser, token = client_for(business), token_for()

    def trying(label: str, mode: GenerationMode) -> set[int]:
        met: set[int] = set()

        @LASTING
        @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), speaks_of_known=some.booleans())
        def one_by_one(case: Any, speaks_of_known: bool) -> None:
            if speaks_of_known:
                _with_known(case, known)
            answer = _sent(case, browser, token)
            met.add(answer.status_code)
            case.validate_response(answer, checks=PROMISED)

        one_by_one()
        return met

    return trying


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_is_a_fault_or_gets_an_answer_that_is_not_described(sending: Any, label: str) -> None:
    met = sending(label, GenerationMode.POSITIVE) | sending(label, GenerationMode.NEGATIVE)
    assert met - {401, 429}, "nothing was let in"


def test_a_fault_and_an_answer_that_is_not_described_are_found(sending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars.loyalty.rewards import selectors

    label = "GET /api/v1/members/{public_id}/rewards"
    sending(label, GenerationMode.POSITIVE)
    monkeypatch.setattr(selectors, "shelf", lambda member: 1 / 0)
    with pytest.raises(BaseExceptionGroup, match="Server error"):
        sending(label, GenerationMode.POSITIVE)
    monkeypatch.setitem(problems.STATUS, NotFound, 418)
    with pytest.raises(BaseExceptionGroup, match="Undocumented status code"):
        sending("GET /api/v1/sales/{public_id}", GenerationMode.POSITIVE)


def test_nobody_asks_without_a_token(call: Any) -> None:
    for method, path in ROUTES:
        answer = call(_address(path), {} if method == "post" else None, token=None, method=method)
        assert (answer.status_code, answer["content-type"]) == (401, "application/problem+json"), path


def test_another_method_is_refused_in_words_that_name_the_right_ones(call: Any) -> None:
    for path, item in COMMITTED["paths"].items():
        answer = call(_address(path), {}, method="delete")
        assert (answer.status_code, answer["content-type"]) == (405, "application/problem+json"), path
        assert {method.strip().lower() for method in answer["Allow"].split(",")} == set(item), path


def _address(path: str) -> str:
    return path.removeprefix("/api/v1").replace("{public_id}", "x").replace("{code}", "x")
