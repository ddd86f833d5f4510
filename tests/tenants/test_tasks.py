"""Workers go where work is due and nowhere else, and a task without its business does not run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from celery import shared_task
from django.db import connection
from django.utils import timezone

from regulars import clock, hooks, plugins
from regulars.config.celery import app
from regulars.operations import selectors as operations
from regulars.operations import services as work
from regulars.operations.sealing.chains import TRAIL
from regulars.operations.sealing.sealer import seal
from tenants import services, tasks
from tenants.context import business_context, public_context, schema_context
from tenants.hooks import work_waiting
from tenants.models import Business, PoolSchema, WorkHint
from tenants.work import BusinessTask, NoBusinessForTask, PublicTask


@shared_task(name="tests.where")
def where() -> str:
    return f"{connection.schema_name} {timezone.get_current_timezone_name()}"


@shared_task(base=PublicTask, name="tests.where_public")
def where_public() -> str:
    return str(connection.schema_name)


def run(task: Any, schema_name: str | None, *args: Any) -> Any:
    """As a worker runs a message with this header."""
    return task.apply(args=args, headers={"_schema_name": schema_name}, throw=True).get()


@pytest.fixture(autouse=True)
def _at_rest(db: None) -> None:
    """Nothing is due anywhere: what opening the businesses left in their trails is sealed."""
    for business in Business.objects.all():
        with business_context(business):
            seal(TRAIL, now=clock.now())
    WorkHint.objects.all().delete()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.run_due, "apply_async", lambda **message: messages.append(message))
    return messages


# Where a task runs


@pytest.mark.clause("2.3")
def test_a_task_runs_in_the_business_of_its_header_and_in_its_zone(business: Business, gym: Business) -> None:
    assert run(where, gym.schema_name) == f"{gym.schema_name} Europe/London"
    assert connection.schema_name == business.schema_name


@pytest.mark.clause("2.3")
@pytest.mark.parametrize("header", [None, "", "public", "t_nobodyatall1"])
def test_a_task_without_a_business_refuses_to_run(db: None, header: str | None) -> None:
    with pytest.raises(NoBusinessForTask, match=r"tests\.where"):
        run(where, header)


def test_a_task_of_a_closed_business_refuses_to_run(gym: Business) -> None:
    services.close_business(business=gym, by="operator")
    with pytest.raises(NoBusinessForTask, match="closed"):
        run(where, gym.schema_name)


def test_a_task_that_is_called_runs_where_it_is_called(business: Business) -> None:
    assert where().startswith(business.schema_name)
    with public_context(), pytest.raises(NoBusinessForTask):
        where()


def test_a_public_task_runs_in_public_wherever_it_was_queued(business: Business) -> None:
    assert run(where_public, business.schema_name) == "public"
    assert connection.schema_name == business.schema_name


def test_every_task_says_whose_it_is() -> None:
    app.loader.import_default_modules()
    public = {
        name for name, task in app.tasks.items() if isinstance(task, PublicTask) and not name.startswith("tests.")
    }
    assert public == {"tenants.wake", "tenants.sweep", "tenants.keep_pool"}
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert all(isinstance(task, PublicTask | BusinessTask) for task in ours)


def test_what_beat_sends_are_public_tasks() -> None:
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert isinstance(app.tasks[entry["task"]], PublicTask)


# Hints


def hint(of: Business) -> dt.datetime | None:
    return WorkHint.objects.filter(schema_name=of.schema_name).values_list("due_at", flat=True).first()


def test_work_that_waits_leaves_a_hint_once_it_is_committed(
    business: Business, noon: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert plugins.first(hooks.work_waiting, due_at=noon) is True
        assert hint(business) is None
    assert hint(business) == noon


def test_a_hint_moves_only_to_an_earlier_instant(
    business: Business, noon: dt.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    for hours in (0, 3, -3, 1):
        with django_capture_on_commit_callbacks(execute=True):
            work_waiting(due_at=noon + dt.timedelta(hours=hours))
    assert hint(business) == noon - dt.timedelta(hours=3)


def test_nothing_waits_in_public(db: None, noon: dt.datetime) -> None:
    assert work_waiting(due_at=noon) is None
    assert not WorkHint.objects.exists()


def test_only_businesses_whose_work_is_due_are_woken(
    business: Business, gym: Business, noon: dt.datetime, sent: list[dict[str, Any]]
) -> None:
    WorkHint.objects.create(schema_name=business.schema_name, due_at=noon)
    WorkHint.objects.create(schema_name=gym.schema_name, due_at=noon + dt.timedelta(hours=1))
    with clock.turned_to(noon):
        assert tasks.wake() == 1
        assert tasks.wake() == 0
    assert [message["headers"]["_schema_name"] for message in sent] == [business.schema_name]
    assert hint(business) == noon + tasks.LEASE


def test_a_worker_that_dies_loses_nothing(business: Business, noon: dt.datetime, sent: list[dict[str, Any]]) -> None:
    WorkHint.objects.create(schema_name=business.schema_name, due_at=noon)
    with clock.turned_to(noon):
        tasks.wake()
    with clock.turned_to(noon + tasks.LEASE):
        assert tasks.wake() == 1


def test_a_hint_of_a_business_that_is_gone_or_closed_is_dropped(
    gym: Business, noon: dt.datetime, sent: list[dict[str, Any]]
) -> None:
    services.close_business(business=gym, by="operator")
    for schema_name in (gym.schema_name, "t_nobodyatall1"):
        WorkHint.objects.create(schema_name=schema_name, due_at=noon)
    with clock.turned_to(noon):
        assert tasks.wake() == 0
    assert (sent, WorkHint.objects.count()) == ([], 0)


def test_the_pool_waits_while_a_template_is_in_the_making(db: None, settings: Any) -> None:
    settings.WARM_POOL_SIZE = 1
    making = PoolSchema.objects.create(schema_name="t_inthemaking1", version="being made", made_at=clock.now())
    assert tasks.keep_pool() == 0
    making.delete()
    assert tasks.keep_pool() == 1


@pytest.mark.parametrize("hours", [None, 2])
def test_after_a_run_the_hint_says_when_work_is_due_next(
    business: Business, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch, hours: int | None
) -> None:
    due = None if hours is None else noon + dt.timedelta(hours=hours)
    monkeypatch.setattr(work, "run_due_work", lambda now: due)
    WorkHint.objects.create(schema_name=business.schema_name, due_at=noon)
    run(tasks.run_due, business.schema_name, noon.isoformat())
    assert hint(business) == due


def test_work_that_arrives_during_a_run_is_not_forgotten(
    business: Business, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, arrives = noon + tasks.LEASE, noon + dt.timedelta(seconds=1)
    WorkHint.objects.create(schema_name=business.schema_name, due_at=lease)
    monkeypatch.setattr(work, "run_due_work", lambda now: WorkHint.objects.update(due_at=arrives) and None)
    run(tasks.run_due, business.schema_name, lease.isoformat())
    assert hint(business) == arrives


def test_the_sweep_repairs_a_lost_hint_and_leaves_quiet_businesses_alone(
    business: Business, gym: Business, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "next_due", lambda now: noon if connection.schema_name == gym.schema_name else None)
    assert tasks.sweep() == 1
    assert (hint(business), hint(gym)) == (None, noon)


def test_the_sweep_goes_on_where_it_stopped(
    business: Business, gym: Business, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(operations, "next_due", lambda now: asked.append(str(connection.schema_name)))
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    for _ in range(2):
        tasks.sweep()
    assert sorted(asked) == sorted([business.schema_name, gym.schema_name])


# Answers of the house


def test_the_address_of_a_path_is_built_from_the_domain(business: Business, settings: Any) -> None:
    settings.PUBLIC_SCHEME, settings.PUBLIC_PORT = "https", "8443"
    assert plugins.first(hooks.site_address, path="/me/") == "https://teahouse.regulars.test:8443/me/"
    with schema_context(business.schema_name):
        assert plugins.first(hooks.site_address, path="/") == "https://teahouse.regulars.test:8443/"
    with public_context():
        assert plugins.first(hooks.site_address, path="/") is None


def test_days_of_the_trial_are_days_of_the_business(business: Business, noon: dt.datetime) -> None:
    business.trial_ends_at = noon + dt.timedelta(days=3)
    with business_context(business):
        with clock.turned_to(noon):
            assert plugins.first(hooks.trial_days_left) == 3
        with clock.turned_to(noon + dt.timedelta(days=40)):
            assert plugins.first(hooks.trial_days_left) == 0
