"""Many workers at one queue send each message once, and offers written in the same instant count each other."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from regulars import clock
from regulars.hooks import MessageTemplate
from regulars.outreach import delivery, templates
from regulars.outreach.channels import Receipt
from regulars.outreach.models import Message
from regulars.outreach.services import Letter, send, send_to_many
from regulars.people.services import set_marketing_consent
from tenants.context import business_context
from tests.conftest import new_member
from tests.crowd import Crowd, sized, successes

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = [pytest.mark.storm, pytest.mark.clause("3.8"), pytest.mark.capability(109)]
WORKERS = 6
MESSAGES = sized(40, 400)
NOON = dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
OFFER = MessageTemplate(kind="offer", purpose="marketing", words={"en": ("Half price", "Today, {name}.")})


def test_many_workers_send_each_message_once(
    open_business: Callable[..., Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: Counter[str] = Counter()
    lock = threading.Lock()

    def count(message: Message) -> Receipt:
        with lock:
            sent[message.public_id] += 1
        return Receipt()

    monkeypatch.setattr(delivery, "hand_over", count)
    with Crowd(open_business(), WORKERS) as crowd:
        with business_context(crowd.business):
            member = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
            for number in range(MESSAGES):
                send(kind="welcome", member=member, variables={"address": "/"}, key=f"welcome:{number}")
        answers = crowd.at_once([lambda: delivery.deliver_waiting(limit=MESSAGES) for _ in range(WORKERS)])
        assert sum(successes(answers)) == MESSAGES
        assert (len(sent), set(sent.values())) == (MESSAGES, {1})
        with business_context(crowd.business):
            assert Message.objects.filter(channel="sms").exclude(state="sent").count() == 0


def test_of_many_offers_at_once_a_member_gets_two(
    open_business: Callable[..., Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "OWN", (*templates.OWN, OFFER))
    templates.templates.cache_clear()
    try:
        with Crowd(open_business(), WORKERS) as crowd:
            with business_context(crowd.business):
                member = new_member(contact=f"+8613{secrets.randbelow(10**9):09d}")
                set_marketing_consent(member=member, is_given=True, source="site")

            def offering(number: int) -> Callable[[], object]:
                def offer() -> object:
                    with clock.turned_to(NOON):
                        if number % 2:
                            return send(kind="offer", member=member, variables={}, key=f"offer:{number}")
                        return send_to_many(
                            kind="offer", letters=[Letter(member=member, variables={}, key=f"offer:{number}")]
                        )

                return offer

            answers = crowd.at_once([offering(number) for number in range(WORKERS)])
            assert len(successes(answers)) == WORKERS
            with business_context(crowd.business):
                assert Message.objects.filter(kind="offer", channel="inbox", state="sent").count() == 2
                held = Message.objects.filter(kind="offer", channel="inbox", state="held_back")
                assert set(held.values_list("detail", flat=True)) == {"weekly_cap"}
                assert held.count() == WORKERS - 2
    finally:
        templates.templates.cache_clear()
