"""Sales that wait at the same moment go together, each with its own answer; those of one wallet never do."""

from __future__ import annotations

import datetime as dt
import random
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from typing import Any

import pytest
from django.db import OperationalError

from regulars.errors import StaleQuote
from regulars.sales import together
from regulars.sales.together import post_together
from tenants.context import business_context
from tests.crowd import IS_FULL

pytestmark = [pytest.mark.clause("4.1"), pytest.mark.capability(167)]
PATIENCE = 10.0
Send = Callable[..., "Future[dict[str, Any] | None]"]


class Till:
    """The database's part: the first call waits until it may go on, then all are answered."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.may_go_on = threading.Event()
        self.fails: Exception | None = None

    def __call__(self, function: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert function == "sales_confirm_kept"
        self.calls.append([document["key"] for document in documents])
        if len(self.calls) == 1:
            assert self.may_go_on.wait(PATIENCE)
        elif self.fails:
            raise self.fails
        known = [place for place, document in enumerate(documents, start=1) if document["key"] != "unknown"]
        return [{"place": place, "sale": documents[place - 1]["key"]} for place in known]


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Till:
    """What stands in for the call."""
    made = Till()
    monkeypatch.setattr(together, "call", made)
    return made


@pytest.fixture
def send(business: Any, till: Till) -> Any:
    """`send("b", wallet=2)`: a sale from a thread of its own, in this business."""
    with ThreadPoolExecutor(12) as threads:

        def one(key: str, wallet: int | None) -> dict[str, Any] | None:
            with business_context(business):
                return post_together({"key": key}, wallet=wallet)

        def sent(key: str, wallet: int | None = None) -> Future[dict[str, Any] | None]:
            asked = threads.submit(one, key, wallet)
            time.sleep(0.05)  # in the order in which the test sends them
            return asked

        yield sent
        till.may_go_on.set()
    assert not any(line.is_served or line.waiting for line in together._lines.values()), "nobody is left waiting"
    together._lines.clear()


def answers(*asked: Future[dict[str, Any] | None]) -> list[Any]:
    """The sale that each was answered with, None for one that was left out."""
    found = [each.result(PATIENCE) for each in asked]
    return [answer["sale"] if answer else None for answer in found]


def test_who_comes_while_another_writes_goes_with_all_others_who_wait(till: Till, send: Send) -> None:
    asked = [send("a", 1), send("b", 2), send("c", 3), send("guest"), send("another guest")]
    till.may_go_on.set()
    assert answers(*asked) == ["a", "b", "c", "guest", "another guest"]
    assert till.calls == [["a"], ["b", "c", "guest", "another guest"]]


def test_sales_of_one_wallet_go_one_after_another_in_their_order(till: Till, send: Send) -> None:
    asked = [send("a", 1), send("b", 2), send("b again", 2), send("c", 3), send("b at last", 2)]
    till.may_go_on.set()
    assert answers(*asked) == ["a", "b", "b again", "c", "b at last"]
    assert till.calls == [["a"], ["b", "c"], ["b again"], ["b at last"]]


@pytest.fixture
def long_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is expected is waited for longer than any test lasts."""
    monkeypatch.setattr(together, "MOMENT", dt.timedelta(minutes=1))
    monkeypatch.setattr(together, "RECENT", dt.timedelta(minutes=1))


@pytest.mark.usefixtures("long_moment")
def test_those_who_were_there_just_now_are_given_a_moment_to_come_back(till: Till, send: Send) -> None:
    asked = [send("a", 1), send("b", 2), send("c", 3)]
    till.may_go_on.set()
    assert answers(asked[0]) == ["a"]
    asked.append(send("a again", 1))
    assert answers(*asked) == ["a", "b", "c", "a again"]
    again = [send("guest"), send("b again", 2)]
    assert till.calls == [["a"], ["b", "c", "a again"]]
    again.append(send("c again", 3))
    assert answers(*again) == ["guest", "b again", "c again"]
    assert till.calls == [["a"], ["b", "c", "a again"], ["guest", "b again", "c again"]]


def test_who_does_not_come_back_is_waited_for_no_longer_than_a_moment(till: Till, send: Send) -> None:
    asked = [send("a", 1), send("b", 2), send("c", 3)]
    till.may_go_on.set()
    assert answers(*asked) == ["a", "b", "c"]
    assert till.calls == [["a"], ["b", "c"]]
    assert answers(send("d", 4)) == ["d"]
    assert together._lines == {}, "one that came alone expects nobody"


@pytest.mark.usefixtures("long_moment")
def test_a_lone_sale_waits_for_nobody(till: Till, send: Send) -> None:
    till.may_go_on.set()
    for key in ("a", "b", "c"):
        assert answers(send(key, 1)) == [key]
    assert together._lines == {}


@pytest.mark.usefixtures("long_moment")
def test_nobody_waits_for_another_sale_of_the_same_wallet(till: Till, send: Send) -> None:
    asked = [send("a", 1), send("a again", 1), send("a at last", 1)]
    till.may_go_on.set()
    assert answers(*asked) == ["a", "a again", "a at last"]
    assert till.calls == [["a"], ["a again"], ["a at last"]]


def test_a_party_has_its_limit(till: Till, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    asked = [send(name, number) for number, name in enumerate("abcd", start=1)]
    till.may_go_on.set()
    assert answers(*asked) == ["a", "b", "c", "d"]
    assert till.calls == [["a"], ["b", "c"], ["d"]]


def test_one_that_is_left_out_hinders_nobody(till: Till, send: Send) -> None:
    asked = [send("a", 1), send("b", 2), send("unknown", 3), send("c", 4)]
    till.may_go_on.set()
    assert answers(*asked) == ["a", "b", None, "c"]


@pytest.mark.parametrize("error", [StaleQuote(), OperationalError("deadlock detected")])
def test_where_one_hinders_the_others_each_goes_its_own_way(till: Till, send: Send, error: Exception) -> None:
    till.fails = error
    asked = [send("a", 1), send("b", 2), send("c", 3)]
    till.may_go_on.set()
    assert answers(*asked) == ["a", None, None]


def test_a_writer_that_breaks_leaves_nobody_waiting(till: Till, send: Send) -> None:
    till.fails = ZeroDivisionError("a fault of ours")
    asked = [send("a", 1), send("b", 2), send("c", 3)]
    till.may_go_on.set()
    assert answers(asked[0], asked[2]) == ["a", None]
    with pytest.raises(ZeroDivisionError):
        asked[1].result(PATIENCE)


class Stumbling:
    """The lock of the lines, after which one thread is slow to do what comes next: the third that lets go of it."""

    def __init__(self) -> None:
        self.lock, self.let_go, self.may_go_on = threading.Lock(), 0, threading.Event()

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.let_go += 1
        is_slow = self.let_go == 3
        self.lock.release()
        if is_slow:
            assert self.may_go_on.wait(PATIENCE)


def test_who_is_called_to_write_before_it_stands_at_its_gate_writes_for_all(
    till: Till, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    stumbling = Stumbling()
    monkeypatch.setattr(together, "_lock", stumbling)
    first = send("a", 1)
    asked = [send("b, who is slow", 2), send("c", 3)]
    till.may_go_on.set()
    assert answers(first) == ["a"]
    stumbling.may_go_on.set()
    assert answers(*asked) == ["b, who is slow", "c"]
    assert till.calls == [["a"], ["b, who is slow", "c"]]


@pytest.mark.storm
def test_nobody_is_forgotten_however_often_the_threads_take_turns(
    business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tills that change at nearly every step of the code: each gets its own answer, and none waits for a next sale."""
    each, slowest, drawn = (10_000 if IS_FULL else 400), [0.0], random.Random(7)
    wallets = [None, 1, 2, 3, 4, 5, 6, 7]

    def answered(_function: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if drawn.random() > 0.98:
            raise StaleQuote
        return [{"place": place, "sale": document["key"]} for place, document in enumerate(documents, start=1)]

    def sell(till: int) -> int:
        left_out = 0
        with business_context(business):
            for number in range(each):
                begun, key = time.monotonic(), f"{till}-{number}"
                answer = post_together({"key": key}, wallet=drawn.choice(wallets))
                slowest[0] = max(slowest[0], time.monotonic() - begun)
                assert answer is None or answer["sale"] == key
                left_out += answer is None
        return left_out

    monkeypatch.setattr(together, "call", answered)
    monkeypatch.setattr(together, "wake_after_commit", lambda: None)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as threads:
            left_out = sum(future.result(300) for future in [threads.submit(sell, till) for till in range(8)])
    finally:
        sys.setswitchinterval(before)
    assert left_out < 8 * each * 0.2
    assert slowest[0] < PATIENCE
    assert not any(line.is_served or line.waiting for line in together._lines.values())


def test_businesses_do_not_wait_for_each_other(till: Till, send: Send, business: Any) -> None:
    asked, other = send("a", 1), copy(business)
    other.schema_name = "t_of_another_one"
    with business_context(other):
        answer = post_together({"key": "b"}, wallet=1)
    assert answer == {"place": 1, "sale": "b"}
    till.may_go_on.set()
    assert answers(asked) == ["a"]
    assert till.calls == [["a"], ["b"]]
