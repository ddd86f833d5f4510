"""The example of the documents is run, word for word, against a server that listens; and the network may break."""

from __future__ import annotations

import importlib.util
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

from regulars.api.services import make_token
from regulars.organisation.models import Branch, Staff
from regulars.organisation.places.services import add_terminal
from regulars.sales.models import Refund, Sale
from tenants.context import business_context
from tests.conftest import new_member

pytestmark = [pytest.mark.clause("5.7"), pytest.mark.capability(147), pytest.mark.capability(148)]
DOCS = Path(__file__).parents[3] / "docs"
PHONE = "+8613800138000"


class Silent(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_words: Any) -> None:
        """Nothing."""


@pytest.fixture
def address(open_business: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    """A business of its own, behind a server that really listens, with the address its members use."""
    business = open_business()
    application = get_wsgi_application()

    def answering(environ: Any, start: Any) -> Any:
        try:
            return [b"".join(application(environ, start))]
        finally:
            connection.close()

    server = make_server("127.0.0.1", 0, answering, handler_class=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: found("127.0.0.1" if str(host).endswith(".test") else host, *more, **named),
    )
    yield business, f"http://{business.slug}.regulars.test:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`docs/api/client.py`, as whoever copies it imports it."""
    spec = importlib.util.spec_from_file_location("client", DOCS / "api" / "client.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "client", module)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    return module


@pytest.fixture
def token(address: tuple[Any, str]) -> str:
    """What the owner made for this till; a member with a phone is there, too."""
    with business_context(address[0]):
        owner, branch = Staff.objects.get(), Branch.objects.order_by("id")[0]
        new_member(contact=PHONE, branch=branch)
        _token, secret = make_token(
            terminal=add_terminal(branch=branch, name="Till 1"),
            staff=owner,
            name="Shop system",
            scopes=["members.read", "sales.sell", "sales.refund"],
            by=owner,
        )
    return secret


def test_the_example_of_the_documents_sells_and_refunds(
    address: tuple[Any, str], client: Any, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    business, base = address
    [example] = re.findall(r"```python\n(.*?)```", (DOCS / "api.md").read_text(encoding="utf-8"), re.DOTALL)
    exec(example, {"address": base, "token": token, "phone": PHONE})
    said = capsys.readouterr().out
    with business_context(business):
        sale, refund = Sale.objects.get(), Refund.objects.get()
        assert [(part.source, part.amount) for part in sale.payments.order_by("pk")] == [
            ("cash", 5_000),
            ("card", sale.total - 5_000),
        ]
        assert (refund.amount, refund.reason) == (800, "one cup was broken")
    assert sale.number in said
    assert said.strip().splitlines()[-1].startswith("4")  # the second sale of one quote was refused


def test_a_broken_network_never_sells_twice(
    address: tuple[Any, str], client: Any, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    business, base = address
    till = client.Till(base, token)
    quote = till.post("/quotes", {"lines": [{"unit_price": 5_000}]})["quote"]
    opened, tries = client.urllib.request.urlopen, []

    def losing(request: Any, **named: Any) -> Any:
        answer = opened(request, **named)
        tries.append(request.get_header("Idempotency-key"))
        if len(tries) < 3:
            answer.close()
            raise ConnectionResetError("the answer was lost")
        return answer

    monkeypatch.setattr(client.urllib.request, "urlopen", losing)
    sold = till.post("/sales", {"quote": quote})
    assert (len(tries), len(set(tries))) == (3, 1)
    with business_context(business):
        assert Sale.objects.get().public_id == sold["sale"]
