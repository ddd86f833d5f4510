"""S1: workers and the database are killed in mid-posting; what was acknowledged is there, once, and the books balance.

The database is a child of this test. A worker posts by key and says so once the database has answered; one that was
killed begins anew with the last key it was heard of, as a client that had no answer does.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from regulars.config.embedded_postgres import Server, start
from regulars.insights.models import Day
from regulars.ledger.books import CHECKS
from regulars.ledger.models import Account, Hold, HoldPart, Lot, Posting, Transaction
from regulars.people.models import Wallet
from tests.crowd import SOURCES, sized
from tests.house import run_folder

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.1"), pytest.mark.django_db]
POSTINGS = sized(400, 10_000)
WORKER_KILLS = sized(6, 200)
SERVER_KILLS = sized(1, 20)
WORKERS = 4
WALLETS = 5
SURE = {"fsync": "on", "synchronous_commit": "on", "max_connections": "40"}
UNSURE = {
    **SURE,
    "synchronous_commit": "off",
    "wal_writer_delay": "10000",
    "wal_writer_flush_after": "1GB",
    "bgwriter_lru_maxpages": "0",
    "autovacuum": "off",
}
"""Nobody else brings the log to the disk either, neither who writes pages behind nor who tidies up."""
PATIENCE = 600.0

WORKER = """
import json, sys, time
import psycopg
url, first, beyond, step, wallets = sys.argv[1], *map(int, sys.argv[2:6])
number = first
while number < beyond:
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            while number < beyond:
                wallet, gift = number % wallets + 1, number % 3 > 0
                leg = {"wallet": wallet, "asset": "points", "amount": 7 if gift else -3, "house": "points.moved"}
                if not gift:
                    leg["take_back_of"] = 0
                server.execute("SELECT shop.ledger_post(%s::jsonb)", [json.dumps({
                    "public_id": f"txn_{number}", "key": f"posting-{number}", "request_hash": str(number),
                    "kind": "gift", "reason": "", "actor": "", "occurred_at": "2026-03-01T10:00:00+00:00",
                    "business_date": "2026-03-01", "legs": [leg]})])
                print(number, flush=True)
                number += step
    except psycopg.Error:
        time.sleep(0.05)
"""


@dataclass
class Worker:
    """A process that posts every `WORKERS`th key, begun anew when it ends early; `heard` are its acknowledged keys."""

    url: str
    first: int
    heard: list[int] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """Post until all is acknowledged."""
        while self.next_key() < POSTINGS:
            again = self.heard[-1] if self.heard else self.first
            command = [sys.executable, "-c", WORKER, self.url, *map(str, (again, POSTINGS, WORKERS, WALLETS))]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert self.process.stdout is not None
            for line in self.process.stdout:
                if line.endswith("\n"):
                    self.heard.append(int(line))
            self.process.wait()

    def next_key(self) -> int:
        return self.heard[-1] + WORKERS if self.heard else self.first


@pytest.fixture
def folder() -> Path:
    """A place that the server's user can reach."""
    return run_folder() / f"killed-{secrets.token_hex(4)}"


def lay_out(url: str) -> None:
    """A shop with nothing but wallets and a ledger."""
    with connection.schema_editor(collect_sql=True) as editor:
        for model in (Wallet, Account, Transaction, Lot, Posting, Hold, HoldPart, Day):
            editor.create_model(model)
    functions = [SOURCES / "insights" / "sql" / "note.sql", *sorted((SOURCES / "ledger" / "sql").glob("*.sql"))]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE SCHEMA shop")
        server.execute("SET search_path = shop")
        for statement in editor.collected_sql:
            server.execute(statement)
        for file in functions:
            server.execute(file.read_text().replace("{schema}", '"shop"'))
        server.execute("INSERT INTO people_wallet (public_id, opened_at) SELECT n, now() FROM generate_series(1, 5) n")


def kill_server(server: Server) -> None:
    """All of it at once, as a lost machine would."""
    parent = int((server.data_folder / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for process in (parent, *map(int, children)):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    server.stop()


@contextmanager
def posting(url: str) -> Iterator[list[Worker]]:
    """Workers under way; at the end of the block all have posted everything."""
    workers = [Worker(url, first) for first in range(WORKERS)]
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    yield workers
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a worker never came to its end"


def heard(workers: list[Worker]) -> int:
    return sum(len(set(worker.heard)) for worker in workers)


def storm(folder: Path) -> list[Worker]:
    """Post everything while workers and server are killed, evenly spread over the postings."""
    server = start(folder, settings=SURE)
    try:
        lay_out(server.url)
        moments = sorted(
            [(POSTINGS * (n + 1) // (WORKER_KILLS + 1), "worker") for n in range(WORKER_KILLS)]
            + [(POSTINGS * (n + 1) // (SERVER_KILLS + 1), "server") for n in range(SERVER_KILLS)]
        )
        chance, port = random.Random(1), server.port
        with posting(server.url) as workers:
            for moment, victim in moments:
                deadline = time.monotonic() + PATIENCE
                while heard(workers) < moment and time.monotonic() < deadline:
                    time.sleep(0.01)
                if victim == "server":
                    kill_server(server)
                    server = start(folder, port=port, settings=SURE)
                elif (process := chance.choice(workers).process) is not None:
                    process.kill()
        with psycopg.connect(server.url, options="-c search_path=shop") as books:
            check(books, workers)
    finally:
        server.stop()
    return workers


def check(books: psycopg.Connection[tuple[object, ...]], workers: list[Worker]) -> None:
    kept = [str(key) for (key,) in books.execute("SELECT key FROM ledger_transaction")]
    acknowledged = {f"posting-{number}" for worker in workers for number in worker.heard}
    assert acknowledged - set(kept) == set(), "acknowledged and lost"
    assert len(kept) == len(set(kept)) == POSTINGS
    moved = sum(7 if number % 3 else -3 for number in range(POSTINGS))
    assert books.execute("SELECT sum(balance) FROM ledger_account").fetchone() == (moved,)
    assert books.execute("SELECT count(*) FROM ledger_account WHERE balance < 0").fetchone() == (0,)
    for _table, words, question in CHECKS:
        assert books.execute(question, {"deep": []}).fetchall() == [], words


def test_what_was_acknowledged_is_there_once_however_often_all_is_killed(folder: Path) -> None:
    workers = storm(folder)
    assert 0 < heard(workers) <= POSTINGS
    print(
        f"S1: {POSTINGS} postings, {WORKER_KILLS} workers and {SERVER_KILLS} servers killed, {heard(workers)} "
        "acknowledged, 0 lost, 0 double, books balance"
    )


def test_without_waiting_for_the_disk_acknowledged_postings_are_lost(folder: Path) -> None:
    server = start(folder, settings=UNSURE)
    try:
        lay_out(server.url)
        with psycopg.connect(server.url, autocommit=True) as books:
            books.execute("CHECKPOINT")  # the tables are safe, the postings are not
        command = [sys.executable, "-c", WORKER, server.url, "0", "100000", "1", str(WALLETS)]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        said = [int(worker.stdout.readline()) for _ in range(100)]
        kill_server(server)
        worker.kill()
        said += [int(line) for line in worker.stdout if line.endswith("\n")]
        worker.wait()
        server = start(folder, settings=UNSURE)
        with psycopg.connect(server.url, options="-c search_path=shop") as books:
            kept = {str(key) for (key,) in books.execute("SELECT key FROM ledger_transaction")}
        assert {f"posting-{number}" for number in said} - kept
    finally:
        server.stop()
