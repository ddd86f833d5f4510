"""A busy till calls the workers at most so often, and never for the last time too early."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars import clock
from tenants import waking

pytestmark = pytest.mark.clause("4.3")


@pytest.fixture
def told(monkeypatch, settings):
    """Which businesses were told of, in order; at most every 60 ms."""
    settings.WAKE_AT_MOST_EVERY = 60
    names: list[str] = []
    monkeypatch.setattr(waking, "tell", lambda schema_name, due_at: names.append(schema_name))
    monkeypatch.setattr(waking, "_told", {})
    monkeypatch.setattr(waking, "_owed", set())
    monkeypatch.setattr(waking, "_payers", [])
    return names


def settled() -> None:
    for thread in [*waking._payers]:
        thread.join(10)


def test_many_acts_at_once_are_two_words_the_last_after_all_of_them(told):
    for _ in range(50):
        waking.wake("t_tea", clock.now())
    assert told == ["t_tea"]
    settled()
    assert told == ["t_tea", "t_tea"]


def test_one_business_does_not_keep_another_waiting(told):
    for name in ("t_tea", "t_gym", "t_tea"):
        waking.wake(name, clock.now())
    assert told == ["t_tea", "t_gym"]
    settled()
    assert told == ["t_tea", "t_gym", "t_tea"]


def test_one_thread_gives_all_that_is_owed_and_ends_when_nothing_is(told):
    for _ in range(3):
        for name in ("t_tea", "t_gym"):
            waking.wake(name, clock.now())
    (payer,) = waking._payers
    settled()
    assert sorted(told) == ["t_gym"] * 2 + ["t_tea"] * 2
    assert (payer.is_alive(), waking._payers) == (False, [])


def test_what_is_due_later_is_noted_at_once(told):
    later = clock.now() + dt.timedelta(hours=1)
    for _ in range(3):
        waking.wake("t_tea", later)
    assert told == ["t_tea"] * 3


def test_a_pause_of_nothing_tells_every_time(told, settings):
    settings.WAKE_AT_MOST_EVERY = 0
    for _ in range(3):
        waking.wake("t_tea", clock.now())
    assert told == ["t_tea"] * 3
