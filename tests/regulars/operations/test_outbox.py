"""The outbox: facts leave only after commit, reach each listener on its own, and none is lost."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from regulars import clock, events, plugins
from regulars.after_commit import is_wished
from regulars.operations import outbox, selectors, services
from regulars.operations.models import Delivery, OutboxEvent
from regulars.outreach.models import Message
from regulars.plugins import gate, loading, switch

pytestmark = pytest.mark.clause("2.4")

NOON = dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
Tell = Callable[[str, events.Event], None]


def fact(number: int = 0) -> events.SaleRefunded:
    """A fact that only the specimen listens to."""
    return events.SaleRefunded(
        event_id=f"evt_{number:016d}",
        occurred_at=NOON,
        sale="sal_1",
        refund=f"ref_{number}",
        member=None,
        amount=100,
        refunded_total=100,
        points_taken_back=0,
    )


def announced(number: int = 0) -> None:
    """One more fact waits in the outbox."""
    with transaction.atomic():
        outbox.announce(fact(number))


def announced_and_rolled_back(number: int) -> None:
    """A fact of an act that did not come about."""
    with transaction.atomic():
        outbox.announce(fact(number))
        transaction.set_rollback(True)


def heard() -> list[str]:
    """What the specimen has heard, oldest first."""
    from specimen.models import Note

    return list(Note.objects.filter(kind="sale_refunded").order_by("pk").values_list("about", flat=True))


def deliveries() -> dict[str, str]:
    """The state of each listener's delivery of the newest fact."""
    event = OutboxEvent.objects.filter(name="sale_refunded").latest("pk")
    return dict(event.deliveries.values_list("listener", "state"))


@pytest.fixture
def specimen_listens(business: Any) -> None:
    """The specimen is on, and what was announced on the way is behind us."""
    switch.switch_on(name="specimen", by="Lin Owner")
    OutboxEvent.objects.all().delete()


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, BaseException], None]:
    """`breaking(listener, error)`: from now on that listener raises."""
    real: Tell = plugins.tell

    def broken(listener: str, error: BaseException) -> None:
        def tell(name: str, event: events.Event) -> None:
            if name == listener:
                raise error
            real(name, event)

        monkeypatch.setattr(plugins, "tell", tell)

    return broken


@pytest.fixture
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time the workers were told."""
    found: list[str] = []
    monkeypatch.setattr(outbox, "_wake", lambda: found.append("woken"))
    return found


# Writing --------------------------------------------------------------------------------------------------------------


def test_a_fact_is_announced_only_inside_the_transaction_of_its_act(open_business: Callable[..., Any]) -> None:
    from tenants.context import business_context

    with business_context(open_business()):
        before = OutboxEvent.objects.count()
        with pytest.raises(RuntimeError, match="outside the transaction"):
            outbox.announce(fact())
        assert OutboxEvent.objects.count() == before


def test_workers_are_told_once_and_only_after_commit(open_business: Callable[..., Any], wakes: list[str]) -> None:
    from tenants.context import business_context

    with business_context(open_business()):
        with transaction.atomic():
            outbox.announce(fact(1))
            outbox.announce(fact(2))
            assert wakes == []
        assert wakes == ["woken"]
        announced(3)
        assert wakes == ["woken", "woken"]


def test_an_act_that_is_rolled_back_announces_nothing(open_business: Callable[..., Any], wakes: list[str]) -> None:
    from tenants.context import business_context

    with business_context(open_business()):
        before = OutboxEvent.objects.count()
        announced_and_rolled_back(1)
        assert (OutboxEvent.objects.count(), wakes) == (before, [])


def test_a_part_that_is_rolled_back_does_not_silence_the_rest(
    open_business: Callable[..., Any], wakes: list[str]
) -> None:
    from tenants.context import business_context

    with business_context(open_business()), transaction.atomic():
        announced_and_rolled_back(1)
        outbox.announce(fact(2))
    assert wakes == ["woken"]


# Handing out ----------------------------------------------------------------------------------------------------------


def test_a_fact_reaches_the_house_and_every_module_that_is_on(specimen_listens: None, member: Any) -> None:
    from specimen.models import Note

    services.run_due_work(clock.now())
    event = OutboxEvent.objects.get(name="member_joined")
    assert dict(event.deliveries.values_list("listener", "state")) == {
        "loyalty": "done",
        "outreach": "done",
        "specimen": "done",
    }
    assert Note.objects.get(kind="member_joined").member == member.public_id
    assert Message.objects.filter(member=member, kind="welcome").exists()


def test_a_module_that_is_off_hears_nothing(business: Any, member: Any) -> None:
    services.run_due_work(clock.now())
    assert not Delivery.objects.filter(listener="specimen").exists()


def test_a_module_that_was_switched_off_meanwhile_is_told_nothing(specimen_listens: None) -> None:
    announced()
    services.hand_out(now=NOON)
    switch.close(name="specimen", by="Lin Owner")
    switch.switch_off(name="specimen", by="Lin Owner")
    services.run_due_work(NOON)
    assert (heard(), deliveries()["specimen"]) == ([], "done")


def test_facts_are_told_in_the_order_in_which_they_happened(specimen_listens: None) -> None:
    for number in range(5):
        announced(number)
    services.run_due_work(NOON)
    assert heard() == [fact(number).event_id for number in range(5)]


def test_a_fact_that_is_delivered_twice_is_remembered_once(specimen_listens: None) -> None:
    announced()
    services.run_due_work(NOON)
    Delivery.objects.update(state="waiting")
    services.run_due_work(NOON + dt.timedelta(hours=2))
    assert heard() == [fact().event_id]


def test_what_a_refused_module_misses_waits_for_it(specimen_listens: None, monkeypatch: pytest.MonkeyPatch) -> None:
    announced()
    with monkeypatch.context() as broken:
        broken.setitem(loading._refused, "specimen", loading.RefusedPlugin("specimen", "It broke."))
        broken.setattr(gate, "_implementers", lambda hook: [])
        services.run_due_work(NOON)
    assert (heard(), deliveries()["specimen"]) == ([], "waiting")
    services.run_due_work(NOON + dt.timedelta(seconds=10))
    assert (heard(), deliveries()["specimen"]) == ([fact().event_id], "done")


# When a listener fails ------------------------------------------------------------------------------------------------


def test_a_listener_that_fails_holds_nobody_up(
    specimen_listens: None, member: Any, breaking: Callable[[str, BaseException], None]
) -> None:
    breaking("specimen", ValueError("no ink"))
    services.run_due_work(clock.now())
    event = OutboxEvent.objects.get(name="member_joined")
    assert dict(event.deliveries.values_list("listener", "state")) == {
        "loyalty": "done",
        "outreach": "done",
        "specimen": "waiting",
    }
    assert event.deliveries.get(listener="specimen").error == "ValueError: no ink"


def test_a_listener_that_fails_is_tried_five_times_and_set_aside(
    specimen_listens: None, breaking: Callable[[str, BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    announced()
    with monkeypatch.context():
        breaking("specimen", ValueError("no ink"))
        now, pauses = NOON, []
        while (due := services.run_due_work(now)) is not None:
            assert services.deliver_one(now=now) is False
            pauses.append(int((due - now).total_seconds()))
            now = due
    assert pauses == [10, 60, 600, 3600]
    (delivery,) = selectors.set_aside().filter(listener="specimen")
    assert (delivery.attempts, delivery.error) == (5, "ValueError: no ink")


def test_what_was_set_aside_can_be_tried_again(specimen_listens: None) -> None:
    announced()
    services.hand_out(now=NOON)
    Delivery.objects.filter(listener="specimen").update(state="set_aside", attempts=5)
    assert services.retry_set_aside(now=NOON, listener="outreach") == 0
    assert services.retry_set_aside(now=NOON, listener="specimen") == 1
    assert is_wished("work_waiting")
    services.run_due_work(NOON)
    assert heard() == [fact().event_id]


def test_a_broken_statement_of_a_listener_spoils_nothing_else(
    specimen_listens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from specimen.services import remember

    def breaks_halfway(listener: str, event: events.Event) -> None:
        remember(kind="half")
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM specimen_note")

    announced()
    monkeypatch.setattr(plugins, "tell", breaks_halfway)
    services.run_due_work(NOON)
    from specimen.models import Note

    assert not Note.objects.filter(kind="half").exists()
    assert deliveries()["specimen"] == "waiting"


def test_a_worker_that_dies_while_telling_loses_nothing(
    specimen_listens: None, breaking: Callable[[str, BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    announced()
    real = plugins.tell
    breaking("specimen", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        services.run_due_work(NOON)
    assert (heard(), deliveries()["specimen"]) == ([], "waiting")
    monkeypatch.setattr(plugins, "tell", real)
    services.run_due_work(NOON + dt.timedelta(seconds=10))
    assert heard() == [fact().event_id]


def test_a_fact_that_kills_every_worker_is_set_aside(specimen_listens: None) -> None:
    announced()
    services.hand_out(now=NOON)
    Delivery.objects.filter(listener="specimen").update(attempts=services.ATTEMPTS)
    services.run_due_work(NOON)
    assert (heard(), deliveries()["specimen"]) == ([], "set_aside")


# Rounds ---------------------------------------------------------------------------------------------------------------


def test_a_round_is_bounded_and_says_that_more_is_due(specimen_listens: None) -> None:
    for number in range(4):
        announced(number)
    due = services.run_due_work(NOON, limit=3)
    assert due is not None
    assert due <= NOON
    while (due := services.run_due_work(NOON, limit=3)) is not None and due <= NOON:
        pass
    assert len(heard()) == 4


def test_a_round_that_lasts_ends_early_so_that_a_job_has_its_turn_and_nothing_is_lost(
    specimen_listens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SECONDS", 0.0)
    for number in range(4):
        announced(number)
    rounds = 1
    while (due := services.run_due_work(NOON)) is not None and due <= NOON:
        rounds += 1
        assert len(heard()) <= rounds
    assert (len(heard()), len(set(heard()))) == (4, 4)
    assert rounds >= 4


def test_nothing_waiting_means_nothing_is_due(business: Any) -> None:
    OutboxEvent.objects.all().delete()
    Message.objects.all().delete()
    assert services.run_due_work(NOON) is None


@pytest.mark.storm
def test_many_workers_tell_each_fact_once(open_business: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants.context import business_context

    business, told, lock = open_business(), Counter[str](), threading.Lock()

    def tell(listener: str, event: events.Event) -> None:
        with lock:
            told[f"{listener} {event.event_id}"] += 1

    monkeypatch.setattr(plugins, "tell", tell)
    with business_context(business):
        switch.switch_on(name="specimen", by="Olga Owner")
        for number in range(30):
            announced(number)
        expected = {
            f"{name} {each.public_id}" for each in OutboxEvent.objects.all() for name in plugins.listeners(each.name)
        }

    def work() -> None:
        try:
            with business_context(business):
                services.run_due_work(clock.now())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    with business_context(business):
        assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
    assert told == dict.fromkeys(expected, 1)
