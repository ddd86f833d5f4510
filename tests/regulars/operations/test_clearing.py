"""What nobody needs any longer is forgotten a little at a time, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from regulars import clock
from regulars.access.models import Session
from regulars.operations import outbox, services
from regulars.operations.clearing import FACTS_KEPT, clear_a_little, forget_facts
from regulars.operations.models import Delivery, DeliveryState, OutboxEvent
from regulars.sales.clearing import KEPT
from regulars.sales.models import Quote
from regulars.sales.quoting import LineRequest
from regulars.sales.services import confirm, quote
from tests.conftest import cache_clear
from tests.regulars.operations.test_outbox import fact

pytestmark = pytest.mark.clause("3.1")


@pytest.fixture
def heard(business) -> OutboxEvent:
    """A fact that its listener has heard, on a quiet outbox."""
    OutboxEvent.objects.all().delete()
    with transaction.atomic():
        outbox.announce(fact(1))
    services.deliver_facts(now=clock.now(), limit=50)
    event = OutboxEvent.objects.get()
    Delivery.objects.create(
        event=event, listener="somebody", state=DeliveryState.DONE, next_attempt_at=event.occurred_at
    )
    return event


def test_a_session_that_ran_out_is_forgotten_and_one_that_holds_is_not(business):
    now = clock.now()
    Session.objects.create(session_key="over", session_data="", expire_date=now - dt.timedelta(seconds=1))
    Session.objects.create(session_key="holds", session_data="", expire_date=now + dt.timedelta(seconds=1))
    assert clear_a_little(now=now, limit=100) == 1
    assert list(Session.objects.values_list("session_key", flat=True)) == ["holds"]


def test_a_price_that_nobody_took_up_is_forgotten_a_week_after_it_ran_out(branch, member):
    made = quote(branch=branch, member=member, lines=[LineRequest("Tea", 1_000)])
    sale = confirm(quote=made, key="kept-forever", cashier=None)
    end = made.expires_at + KEPT
    clear_a_little(now=end, limit=100)
    assert Quote.objects.filter(pk=made.pk).exists()
    cache_clear()
    clear_a_little(now=end + dt.timedelta(seconds=1), limit=100)
    assert not Quote.objects.filter(pk=made.pk).exists()
    sale.refresh_from_db()
    assert sale.explanation["steps"] is not None


def test_a_fact_that_all_have_heard_is_forgotten_after_its_time_with_its_deliveries(heard):
    later = clock.now() + FACTS_KEPT
    assert forget_facts(now=later - dt.timedelta(minutes=1), limit=100) == 0
    assert forget_facts(now=later + dt.timedelta(minutes=1), limit=100) == 1
    assert (OutboxEvent.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.parametrize("state", [DeliveryState.WAITING, DeliveryState.SET_ASIDE])
def test_a_fact_that_somebody_has_not_heard_stays(heard, state):
    Delivery.objects.update(state=state)
    assert forget_facts(now=clock.now() + 2 * FACTS_KEPT, limit=100) == 0
    assert OutboxEvent.objects.count() == 1


def test_it_is_done_at_most_once_an_hour_and_never_wakes_a_business(business):
    now = clock.now()
    over = {"session_data": "", "expire_date": now - dt.timedelta(days=1)}
    Session.objects.create(session_key="first", **over)
    due = services.run_due_work(now)
    Session.objects.create(session_key="second", **over)
    assert services.run_due_work(now) == due
    assert list(Session.objects.values_list("session_key", flat=True)) == ["second"]


def test_what_fails_in_one_room_holds_up_no_other(branch, monkeypatch):
    monkeypatch.setattr("regulars.access.services.forget_sessions", lambda **_: 1 // 0)
    made = quote(branch=branch, member=None, lines=[LineRequest("Tea", 1_000)])
    clear_a_little(now=made.expires_at + 2 * KEPT, limit=100)
    assert not Quote.objects.filter(pk=made.pk).exists()
