"""The same way against servers as an operator has them: Debian's PostgreSQL and Redis, started here on free ports."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.running import House, Visitor, free_port, insists, running

pytestmark = pytest.mark.journey
PASSWORD = "kettle-on-the-third-shelf"


def programs() -> tuple[Path, Path]:
    """The folder of PostgreSQL's programs and Redis itself; skipped loudly, or failed where CI is set, without them."""
    servers = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = max(servers, key=lambda path: float(path.parent.name), default=None)
    broker = shutil.which("redis-server") or shutil.which("valkey-server")
    if newest is None or broker is None:
        insists("PostgreSQL and Redis of the system (packages postgresql and redis-server)")
        raise AssertionError
    return newest, Path(broker)


def somebody_else() -> str | None:
    """Whom PostgreSQL runs as: it refuses root."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


@contextmanager
def postgresql(programs: Path, folder: Path) -> Iterator[str]:
    """A cluster of its own; yields the address of its database."""
    user, data, port = somebody_else(), folder / "data", free_port()
    if user:
        shutil.chown(folder, user)
    common: dict[str, Any] = {"user": user, "cwd": folder} if user else {"cwd": folder}
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "regulars", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True,
        capture_output=True,
        **common,
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, **common)
    try:
        asked = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "regulars", "regulars"]
        subprocess.run(asked, check=True)
        yield f"postgres://regulars@127.0.0.1:{port}/regulars"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, **common)


@contextmanager
def broker(program: Path, folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing; yields its address without the number of a database."""
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    server = subprocess.Popen([program, "--port", str(port), *quiet], stdout=subprocess.DEVNULL)
    try:
        _answering(redis.Redis(port=port))
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _answering(client: redis.Redis) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@dataclass(frozen=True)
class Real:
    """A house on real servers."""

    house: House
    environment: dict[str, str]


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    """Web, worker and beat on PostgreSQL and Redis of the system, set up by the commands an operator types."""
    server, redis_server = programs()
    folder = Path(tempfile.mkdtemp(prefix="regulars-real-"))
    folder.chmod(0o755)
    try:
        with postgresql(server, folder) as database, broker(redis_server, tmp_path) as queue:
            environment = {
                "DATABASE_URL": database,
                "BROKER_URL": f"{queue}/0",
                "CACHE_URL": f"{queue.replace('redis', 'rediscache', 1)}/1",
                "VAR_FOLDER": str(tmp_path / "var"),
                "BASE_DOMAIN": "localhost",
            }
            command = [sys.executable, "-m", "regulars.config.command"]
            for words in SET_UP:
                subprocess.run(
                    [*command, *words],
                    check=True,
                    env={**os.environ, **environment},
                    cwd=tmp_path,
                    stdout=subprocess.DEVNULL,
                )
            with running(tmp_path, environment) as house:
                yield Real(house, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


SET_UP = (("migrate", "--shared"), ("build-template",))


@pytest.mark.clause("2.2")
def test_from_sign_up_to_points_on_real_servers(real: Real) -> None:
    house, slug = real.house, f"kettle-{secrets.token_hex(4)}"
    host, phone = f"{slug}.localhost", f"138{secrets.randbelow(10**8):08d}"
    ready = Visitor(house).get("localhost", "/readyz")
    assert ready.status == 200, ready.body

    owner = Visitor(house, "zh-hans").get("localhost", "/zh-hans/sign-up/")
    owner.post(
        "localhost",
        "/zh-hans/sign-up/",
        name="山茶茶馆",
        address=slug,
        trade="restaurant",
        country="CN",
        email=f"owner@{slug}.example",
        password=PASSWORD,
        agrees="on",
        key=owner.hidden("key"),
    )
    assert (owner.status, owner.host, owner.path) == (200, host, "/office/"), owner.body[:3000]
    assert "30" in owner.body

    member = Visitor(house, "zh-hans").get(host, "/me/join/")
    member.post(host, "/me/join/", contact=phone)
    assert member.path == "/me/join/code/"
    code = house.code_for(f"+86{phone}")
    member.post(
        host, "/me/join/code/", code=code, name="林梅", language="zh-hans", terms="on", version=member.hidden("version")
    )
    assert (member.status, member.path) == (200, "/me/"), member.body[:3000]

    owner.get(host, "/counter/")
    owner.post(host, "/counter/", text=phone)
    buyer = owner.hidden("member")
    owner.post(host, "/counter/", text="1288", member=buyer)
    owner.post(
        host,
        "/counter/pay/",
        quote=owner.hidden("quote"),
        mark=owner.hidden("mark"),
        key=owner.hidden("key"),
        member=buyer,
        description="消费",
        price="1288.00",
        quantity="1",
        payment_source="cash",
    )
    assert re.match(r"/counter/receipt/sal_\w+/", owner.path), owner.body[:3000]
    assert "¥1,288.00" in owner.body

    member.get(host, "/me/activity/")
    assert "+128" in member.body
    points_arrive(member, host)
    assert house.faults() == []
    without_its_broker_the_web_turns_red(real)


def points_arrive(member: Visitor, host: str) -> None:
    """The worker hears of the sale and writes to the member's inbox."""
    deadline = time.monotonic() + 20
    while "128" not in member.get(host, "/me/inbox/").body:
        assert time.monotonic() < deadline, "nobody told the member of the points"
        time.sleep(0.2)


def without_its_broker_the_web_turns_red(real: Real) -> None:
    """Red where a load balancer looks, and alive all the same."""
    redis.Redis.from_url(real.environment["BROKER_URL"]).shutdown(nosave=True)
    answer = Visitor(real.house).get("localhost", "/readyz")
    assert (answer.status, '"broker": "failed' in answer.body) == (503, True)
    assert Visitor(real.house).get("localhost", "/livez").status == 200
