"""Nouns of messages: an offer, members who agreed to offers, day and night, a provider of texts that can misbehave."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from regulars import clock
from regulars.hooks import MessageTemplate
from regulars.outreach import gateways, templates

if TYPE_CHECKING:
    from regulars.organisation.models import Branch, Staff
    from regulars.people.models import Member
    from tenants.models import Business

OFFER = MessageTemplate(
    kind="offer",
    purpose="marketing",
    words={"en": ("Half price", "Half price today, {name}."), "zh-hans": ("半价", "{name}，今日半价。")},
)
REMINDER = MessageTemplate(
    kind="reminder",
    purpose="service",
    words={"en": ("Soon", "Your points expire soon."), "zh-hans": ("提醒", "你的积分即将过期。")},
)


@pytest.fixture(autouse=True)
def _more_templates(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An offer and a reminder that nobody waits for stand beside the messages of the house."""
    monkeypatch.setattr(templates, "OWN", (*templates.OWN, OFFER, REMINDER))
    templates.templates.cache_clear()
    yield
    templates.templates.cache_clear()


@pytest.fixture
def day(business: Business) -> Iterator[dt.datetime]:
    """Noon in Shanghai on 15 June 2026."""
    instant = dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
    with clock.turned_to(instant):
        yield instant


@pytest.fixture
def night(business: Business) -> Iterator[dt.datetime]:
    """Half past ten at night in Shanghai on 15 June 2026."""
    instant = dt.datetime(2026, 6, 15, 14, 30, tzinfo=dt.UTC)
    with clock.turned_to(instant):
        yield instant


@pytest.fixture
def agreeing(member: Member) -> Member:
    """Li Hua, who agreed to offers by every channel and has a phone."""
    from regulars.people.services import set_marketing_consent

    set_marketing_consent(member=member, is_given=True, source="site")
    return member


@pytest.fixture
def reader(branch: Branch) -> Member:
    """Ann, who agreed to offers and has an e-mail alone."""
    from regulars.people.services import set_marketing_consent
    from tests.conftest import new_member

    ann = new_member(contact="ann@example.com", name="Ann", branch=branch)
    set_marketing_consent(member=ann, is_given=True, source="site")
    return ann


@pytest.fixture
def desk(business: Business, owner: Staff, client_for: Callable[..., Client]) -> Client:
    """The owner's browser in the back office, in English."""
    return client_for(business, owner.user)


class Provider:
    """A small Twilio: keeps what it took, and misbehaves as it is told to."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.answers: list[tuple[int, dict[str, Any] | str, dict[str, str]]] = []
        self.late_seconds = 0.0
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server = server
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                fields = {name: values[0] for name, values in sent.items()}
                provider.asked.append((self.path, fields, self.headers["Authorization"]))
                if provider.answers:
                    self.reply(*provider.answers.pop(0))
                    return
                taken = {
                    "sid": f"SM{len(provider.taken):032d}",
                    "to": fields["To"],
                    "body": fields["Body"],
                    "num_segments": "1",
                    "status": "queued",
                    "date_created": format_datetime(clock_now()),
                }
                provider.taken.append(taken)
                time.sleep(provider.late_seconds)
                self.reply(201, taken, {})

            def do_GET(self) -> None:
                asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                mine = [message for message in provider.taken if message["to"] == asked["To"]]
                self.reply(200, {"messages": mine}, {})

            def reply(self, status: int, body: dict[str, Any] | str, headers: dict[str, str]) -> None:
                said = (body if isinstance(body, str) else json.dumps(body)).encode()
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)
                except OSError:
                    pass  # whoever asked did not wait

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


def clock_now() -> dt.datetime:
    """The provider's own clock, which no test turns."""
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider of texts on this machine, which texts go to; it is waited for a fifth of a second."""
    provider = Provider()
    settings.SMS_URL = f"twilio://AC123:secret@+15550001?endpoint={provider.address}"
    monkeypatch.setattr(gateways, "ANSWER_SECONDS", 0.2)
    gateways.sms_gateway.cache_clear()
    yield provider
    gateways.sms_gateway.cache_clear()
    provider.server.shutdown()
    provider.server.server_close()
