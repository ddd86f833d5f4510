"""The OpenAPI document of the core's routes: what the framework finds in the code, and what every route has besides.

`regulars openapi` writes it to `docs/api/openapi.json`; modules describe their own routes.
"""

from __future__ import annotations

from typing import Any

from django.utils import translation
from ninja import NinjaAPI
from ninja.operation import Operation

from regulars.api import keys, problems
from regulars.api.callers import MayCall
from regulars.api.scopes import MODULES

PREFIX = "/api/v1"
OF_MODULES = f"{PREFIX}/modules/"
REFUSALS = {
    400: "The request cannot be read, or a request that posts carries no key.",
    401: "Nobody is known by this token: it is wrong, was revoked, or its till or person is out of use.",
    403: "The token lacks the scope, its person the right, or the branch is closed.",
    404: "There is no such record, or it is another branch's.",
    409: "It contradicts how things stand: the price changed, points are spent, the key was used for another request.",
    422: "A value is not as it should be; `errors` or `field` names it.",
    429: "The token asked too often; `Retry-After` says when to try again.",
    503: "The database is out for a moment; send the request again, with the same key.",
}
OF_POSTS = frozenset({400, 409})
"""What only requests that post or bring a body are answered."""
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "What is wrong (RFC 9457), in the language that Accept-Language asks for.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string", "description": "The value at fault, where there is one."},
        "member": {"type": "string", "description": "Where a contact is a member's already: whose."},
        "coupon": {"type": "string", "description": "Where one coupon cannot be used: that one, as you named it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
NUMBER = {"schema": {"type": "integer", "minimum": 0}}
RATE = {
    "RateLimit-Limit": {"description": "Requests that the token may make in a minute.", **NUMBER},
    "RateLimit-Remaining": {"description": "How many of them are left.", **NUMBER},
    "RateLimit-Reset": {"description": "Seconds until the count begins anew.", **NUMBER},
}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "required": True, **NUMBER}}
REPLAYED = {
    keys.REPLAYED: {
        "description": "“true” where this is the first answer again.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "The language of words and problems: en or zh-hans.",
    "schema": {"type": "string", "enum": ["en", "zh-hans"]},
}
KEY = {
    "name": keys.HEADER,
    "in": "header",
    "required": True,
    "description": "A new key for each act; the same request under the same key acts once and gets the same answer.",
    "schema": {
        "type": "string",
        "minLength": keys.SHORTEST,
        "maxLength": keys.LONGEST,
        "pattern": f"^[!-~]{{{keys.SHORTEST},{keys.LONGEST}}}$",
    },
}


def document(api: NinjaAPI) -> dict[str, Any]:
    """The document, in English, whatever language is active."""
    with translation.override("en"):
        found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
        found["info"] = {
            "title": "Regulars till API",
            "version": api.version,
            "description": "For tills and other systems of one business; every business answers at its own address.",
        }
        found["servers"] = [{"url": "https://{business}", "variables": {"business": {"default": "shop.example"}}}]
        found["paths"] = {path: item for path, item in found["paths"].items() if not path.startswith(OF_MODULES)}
        operations = operations_of(api)
        for path, item in found["paths"].items():
            for method, described in item.items():
                _complete(described, operations[method.upper(), path])
        _keep_used_schemas(found)
    return found


def operations_of(api: NinjaAPI) -> dict[tuple[str, str], Operation]:
    """Every operation by method and path, those of modules included."""
    found: dict[tuple[str, str], Operation] = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                whole = "/".join(part.strip("/") for part in (PREFIX, prefix, path) if part.strip("/"))
                for method in operation.methods:
                    found[method, f"/{whole}"] = operation
    return found


def scope_of(operation: Operation) -> str:
    """The scope that an operation asks for; one that names none, as those of modules do, asks for the API's own."""
    caller = next(iter(operation.auth_callbacks), None)
    return caller.scope if isinstance(caller, MayCall) else MODULES


def _complete(described: dict[str, Any], operation: Operation) -> None:
    posts = any(keys.needs_key(method, operation.view_func) for method in operation.methods)
    scope = scope_of(operation)
    described["security"] = [{"token": []}]
    described["x-scope"] = scope
    described["description"] = f"{described.get('description', '')}\n\nScope: `{scope}`".strip()
    described.setdefault("parameters", []).extend([KEY, LANGUAGE] if posts else [LANGUAGE])
    answers = {str(status): answer for status, answer in described["responses"].items()}
    for answer in answers.values():
        answer["headers"] = {**RATE, **(REPLAYED if posts else {})}
    for status in REFUSALS:
        if status not in OF_POSTS or posts or "requestBody" in described:
            answers[str(status)] = {"$ref": f"#/components/responses/Refused{status}"}
    described["responses"] = dict(sorted(answers.items()))
    described["operationId"] = operation.view_func.__name__


def _refusal(status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {**RATE, **RETRY} if status == 429 else RETRY if status == 503 else {}
    return {
        "description": REFUSALS[status],
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        **({"headers": headers} if headers else {}),
    }


def _keep_used_schemas(found: dict[str, Any]) -> None:
    """Leave out the schemas that only modules use; name our own."""
    schemas: dict[str, Any] = {**found["components"]["schemas"], "Problem": PROBLEM}
    used = {"Problem"}
    waiting: list[Any] = [found["paths"]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            named = str(value.get("$ref", "")).rpartition("/")[2]
            if named in schemas and named not in used:
                used.add(named)
                waiting.append(schemas[named])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    found["components"] = {
        "responses": {f"Refused{status}": _refusal(status) for status in REFUSALS},
        "schemas": {name: schemas[name] for name in sorted(used)},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "The token of a till."}},
    }
