"""A small client for the till API of Regulars: the standard library, one file, nothing to install.

Each act gets a key of its own. When the network breaks, or the service asks for patience, the same request goes out
again under the same key, so that it counts once whatever arrived.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

PATIENT_WITH = {429, 503}
TRIES = 4
PAUSE = 2.0
"""Seconds to wait where the service does not say how many."""


class Refused(Exception):
    """The service said no: `status`, what is wrong in words, and the field at fault."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem
        self.field = problem.get("field", "")


class Till:
    """One till of one business: `address` is the business's own, `token` what its owner made for this till."""

    def __init__(self, address: str, token: str, *, language: str = "en") -> None:
        self.base = f"{address.rstrip('/')}/api/v1"
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Accept-Language": language,
            "Content-Type": "application/json",
        }

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask; nothing is changed."""
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self._sent("GET", f"{path}{asked}", None, self.headers)

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> dict[str, Any]:
        """Act, once: give the `key` of an earlier try to try that very act again."""
        return self._sent("POST", path, body, {**self.headers, "Idempotency-Key": key or uuid.uuid4().hex})

    def _sent(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        for again in range(TRIES):
            request = urllib.request.Request(f"{self.base}{path}", data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                if error.code not in PATIENT_WITH or again == TRIES - 1:
                    raise Refused(error.code, json.load(error)) from error
                wait = float(error.headers.get("Retry-After") or PAUSE)
            except OSError:  # the network; the request may have arrived, and its key makes that harmless
                if again == TRIES - 1:
                    raise
                wait = PAUSE
            time.sleep(wait)
        raise AssertionError("not reached")
