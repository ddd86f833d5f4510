"""S11: whatever is switched, nested, rolled back, raised or closed, the database looks where the wrapper says."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.postgresql_backend import base as stock

from tenants.backend.base import DatabaseWrapper, NoBusinessChosen
from tenants.context import business_context, carried, enter, leave, public_context, schema_context
from tests.crowd import sized

if TYPE_CHECKING:
    from tenants.models import Business

pytestmark = pytest.mark.storm
STEPS = sized(1500, 100_000)
DEEPEST = 6


class Refused(Exception):
    """Raised on purpose in the middle of a block."""


def path_of_the_server() -> str:
    """Where this connection looks, asked of the server itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        return str(cursor.fetchone()[0]).replace('"', "").replace(" ", "")


@dataclass
class Wanderer:
    """Takes random steps and, after each, compares the server's path with where it ought to be."""

    businesses: list[Business]
    chance: random.Random
    where: str | None = None
    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    heard: list[tuple[str | None, str]] = field(default_factory=list)

    def wander(self, steps: int) -> Wanderer:
        """Take so many steps, from nowhere."""
        leave()
        while steps > 0:
            steps -= self._walk(min(steps, 40), depth=0)
        return self

    def check(self, step: str) -> None:
        """The path is the wrapper's, and the wrapper is where this walk has put it."""
        self.checked += 1
        if self.where is None:
            try:
                path_of_the_server()
            except NoBusinessChosen:
                return
            self.wrong.append(f"after {step}: answered from nowhere")
            return
        wanted, found = f"{self.where},extensions", path_of_the_server()
        told = ",".join(connection._get_cursor_search_paths())  # type: ignore[attr-defined]
        if not wanted == found == told:
            self.wrong.append(f"after {step}: in {self.where}, the wrapper says {told}, the server {found}")

    def _walk(self, steps: int, depth: int) -> int:
        taken = 0
        while taken < steps:
            step = self.chance.choice(STEPS_BY_NAME if depth < DEEPEST else FLAT)
            inner = self.chance.randrange(1, 6)
            taken += 1 + (getattr(self, step)(inner, depth) or 0)
            self.check(step)
        return taken

    # steps that stay

    def enter_a_business(self, _inner: int, _depth: int) -> None:
        business = self.chance.choice(self.businesses)
        enter(business)
        self.where = business.schema_name

    def go_public(self, _inner: int, _depth: int) -> None:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        self.where = "public"

    def go_nowhere(self, _inner: int, _depth: int) -> None:
        leave()
        self.where = None

    def close(self, _inner: int, _depth: int) -> None:
        if not connection.in_atomic_block:
            connection.close()

    def ask_wrongly(self, _inner: int, _depth: int) -> None:
        if self.where is None or connection.in_atomic_block:
            return
        with pytest.raises(Exception, match="no_such_table"), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")

    def wait_for_commit(self, _inner: int, _depth: int) -> None:
        if self.where is None:
            return
        asked = self.where
        transaction.on_commit(lambda: self.heard.append((asked, path_of_the_server())))

    def switch_and_set_by_hand(self, _inner: int, _depth: int) -> None:
        business = self.chance.choice(self.businesses)
        with schema_context(business.schema_name):
            assert path_of_the_server() == f"{business.schema_name},extensions"

    def be_another_thread(self, _inner: int, _depth: int) -> None:
        wrong: list[str] = []
        there = self.where

        def fresh() -> None:
            try:
                path_of_the_server()
                wrong.append("a new thread was somewhere")
            except NoBusinessChosen:
                pass
            finally:
                connection.close()

        def taken_along() -> None:
            try:
                if path_of_the_server() != f"{there},extensions":
                    wrong.append("a carried function lost its business")
            finally:
                connection.close()

        threads = [threading.Thread(target=fresh)]
        if there is not None:
            threads.append(threading.Thread(target=carried(taken_along)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.wrong += wrong

    # steps that nest

    def visit(self, inner: int, depth: int) -> int:
        before = self.where
        business = self.chance.choice(self.businesses)
        with ExitStack() as stack:
            is_public = self.chance.random() < 0.3
            stack.enter_context(public_context() if is_public else business_context(business))
            self.where = "public" if is_public else business.schema_name
            self.check("arriving")
            taken = self._walk(inner, depth + 1)
        self.where = before
        return taken

    def visit_in_vain(self, inner: int, depth: int) -> int:
        before, taken = self.where, 0
        business = self.chance.choice(self.businesses)
        try:
            with business_context(business):
                self.where = business.schema_name
                taken = self._walk(inner, depth + 1)
                raise Refused
        except Refused:
            self.where = before
        return taken

    def act(self, inner: int, depth: int) -> int:
        return self._atomic(inner, depth, fails=False)

    def act_in_vain(self, inner: int, depth: int) -> int:
        return self._atomic(inner, depth, fails=True)

    def _atomic(self, inner: int, depth: int, *, fails: bool) -> int:
        """A block, a savepoint when nested, which may switch and may fail: the place stays, what was written goes."""
        if self.where is None:
            return 0
        taken = 0
        try:
            with transaction.atomic():
                taken = self._walk(inner, depth + 1)
                if self.where is None:
                    self.go_public(0, 0)
                if fails:
                    if self.chance.random() < 0.5:
                        self._spoil()
                    raise Refused
        except Refused:
            pass
        return taken

    def _spoil(self) -> None:
        """Let the server itself refuse a statement in the block."""
        with pytest.raises(Exception, match="zero"), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")


FLAT = [
    "enter_a_business",
    "enter_a_business",
    "go_public",
    "go_nowhere",
    "close",
    "ask_wrongly",
    "wait_for_commit",
    "wait_for_commit",
    "switch_and_set_by_hand",
    "be_another_thread",
]
STEPS_BY_NAME = [*FLAT, "visit", "visit", "visit_in_vain", "act", "act", "act_in_vain", "act_in_vain"]


@pytest.fixture
def pool(django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections to the server are handed on from one to the next, as in service and unlike in the other tests."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 0, "max_size": 3}}
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    yield
    connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture
def two_businesses(pool: None, django_db_blocker: Any) -> Iterator[list[Business]]:
    """The two that stand ready; nothing is written, so nothing has to be rolled back."""
    from tenants.models import Business

    with django_db_blocker.unblock():
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        yield list(Business.objects.order_by("pk"))[:2]
        connection.close()


@pytest.mark.clause("2.3")
def test_the_path_is_the_wrappers_after_every_step(two_businesses: list[Business]) -> None:
    seed = random.randrange(10**9)
    walk = Wanderer(two_businesses, random.Random(seed)).wander(STEPS)
    assert walk.wrong == [], f"seed {seed}"
    assert walk.checked > STEPS / 2
    assert walk.heard
    assert {asked for asked, found in walk.heard if found != f"{asked},extensions"} == set(), f"seed {seed}"


def test_a_wrapper_that_forgets_rolled_back_savepoints_is_found_out(
    two_businesses: list[Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    django = stock.original_backend.DatabaseWrapper
    monkeypatch.setattr(DatabaseWrapper, "savepoint_rollback", django.savepoint_rollback)
    walk = Wanderer(two_businesses, random.Random(11)).wander(800)
    assert any("the server" in line for line in walk.wrong)


def test_a_wrapper_whose_callbacks_run_wherever_it_is_then_is_found_out(
    two_businesses: list[Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "on_commit", stock.DatabaseWrapper.on_commit)
    walk = Wanderer(two_businesses, random.Random(11)).wander(800)
    assert {asked for asked, found in walk.heard if found != f"{asked},extensions"} != set()


def test_a_thread_that_starts_in_public_is_found_out(
    two_businesses: list[Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseWrapper, "leave", lambda self: self.set_schema_to_public())
    walk = Wanderer(two_businesses, random.Random(11)).wander(200)
    assert "a new thread was somewhere" in walk.wrong


def test_a_wrapper_that_believes_in_a_path_set_within_a_transaction_is_found_out(
    two_businesses: list[Business], monkeypatch: pytest.MonkeyPatch
) -> None:
    def credulous(self: DatabaseWrapper, cursor: Any = None) -> None:
        paths = self._get_cursor_search_paths() if self.schema_name and not self._setting_search_path else None
        if paths is not None and getattr(self.connection, "path_it_has", None) == paths:
            self.search_path_set_schemas = paths
            return
        stock.DatabaseWrapper._handle_search_path(self, cursor)
        if paths is not None:
            self.connection.path_it_has = paths

    monkeypatch.setattr(DatabaseWrapper, "_handle_search_path", credulous)
    walk = Wanderer(two_businesses, random.Random(11)).wander(800)
    assert any("the server" in line for line in walk.wrong)


def test_a_connection_that_has_the_path_is_not_told_it_again(two_businesses: list[Business]) -> None:
    one, other = two_businesses
    told = [_told(one), _told(one), _told(other), _told(other)]
    assert told == [True, False, True, False]


def _told(business: Business) -> bool:
    """Whether the server is told the path when a request of this business asks its first question."""
    with business_context(business), CaptureQueriesContext(connection) as asked:
        path_of_the_server()
    connection.close()
    return any("search_path = " in query["sql"] for query in asked)
