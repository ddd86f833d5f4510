"""A whole Regulars in motion: web, worker and beat as real processes against one database, with a log to read.

Journeys walk through it as people do. Codes that would reach a phone stand in the log, because SMS and mail go to the
console there.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from regulars.config.processes import Log, Process, Supervisor, wait_until_ready

CODE = re.compile(r"SMS \[(?P<schema>\w+)\] to (?P<number>\+\d+): .*?(?P<code>\d{6})")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def insists(missing: str) -> None:
    """What a test needs and this machine lacks: skipped with a loud reason, an error where CI is set."""
    import pytest

    if os.environ.get("CI"):
        pytest.fail(f"CI must have {missing}", pytrace=False)
    pytest.skip(f"NOT RUN, this machine has no {missing}")


@dataclass(frozen=True)
class House:
    """A running installation on `port`; `log` is the file in which all its processes speak."""

    port: int
    log: Path

    @property
    def site(self) -> str:
        """The public site, as a browser finds it."""
        return f"http://localhost:{self.port}"

    def of(self, slug: str) -> str:
        """A business's own host, as a browser finds it."""
        return f"http://{slug}.localhost:{self.port}"

    def code_for(self, number: str, *, patience: float = 20.0) -> str:
        """The newest code that was sent to a phone (E.164), as soon as the worker has sent it."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = [match["code"] for match in CODE.finditer(self.log.read_text()) if match["number"] == number]
            if found:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"no code for {number} within {patience:.0f} s; the log ends:\n{self.said()[-3000:]}")

    def said(self) -> str:
        """Everything the processes said."""
        return self.log.read_text()

    @property
    def files(self) -> Path:
        """Where it keeps what people upload."""
        return self.log.parent / "var" / "media"

    def faults(self) -> list[str]:
        """Lines of the log that speak of an error nobody meant."""
        return [line for line in self.said().splitlines() if "Traceback" in line or "[error" in line]


@contextmanager
def running(folder: Path, environment: Mapping[str, str]) -> Iterator[House]:
    """Run web, worker and beat in a folder with these settings over the tests' own, until the block ends."""
    port, log = free_port(), folder / "house.log"
    settings = {
        **os.environ,
        "VAR_FOLDER": str(folder / "var"),
        "BASE_DOMAIN": "localhost",
        "PUBLIC_PORT": str(port),
        "BROKER_URL": f"filesystem://{folder / 'broker'}",
        "EMAIL_URL": "consolemail://",
        "SMS_URL": "console://",
        "SIGN_UPS_PER_HOUR": "1000",
        "WARM_POOL_SIZE": "1",
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
        **environment,
    }
    (folder / "var").mkdir(parents=True, exist_ok=True)
    log.touch()
    celery = [sys.executable, "-m", "celery", "-A", "regulars.config.celery"]
    web = [sys.executable, "-m", "gunicorn", "regulars.config.wsgi:application"]
    processes = [
        Process("web", [*web, "-c", "python:regulars.config.gunicorn", "-b", f"127.0.0.1:{port}"], settings, folder),
        Process("worker", [*celery, "worker", "--pool", "threads", "--concurrency", "2", *QUIET], settings, folder),
        Process("beat", [*celery, "beat", "--loglevel", "WARNING"], settings, folder),
    ]
    with (folder / "screen").open("w") as screen, Supervisor(Log(screen=screen, file=log)) as supervisor:
        for process in processes:
            supervisor.start(process)
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", patience=120, is_hopeless=lambda: supervisor.is_stopping)
        yield House(port, log)


QUIET = ("--loglevel", "WARNING", "--without-mingle", "--without-gossip")


class Visitor:
    """A browser without a screen: keeps cookies per host, follows redirects, sends forms with their tokens."""

    def __init__(self, house: House, language: str = "en") -> None:
        self.house = house
        self.language = language
        self.cookies: dict[str, dict[str, str]] = {}
        self.host = ""
        self.path = ""
        self.status = 0
        self.body = ""

    def get(self, host: str, path: str) -> Visitor:
        """Open an address and follow where it leads."""
        return self._ask("GET", host, path)

    def post(self, host: str, path: str, **fields: str) -> Visitor:
        """Send a form as the page that was opened last would, with its hidden fields."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.body)
        values = {"csrfmiddlewaretoken": token[1] if token else "", **fields}
        return self._ask("POST", host, path, urlencode(values))

    def hidden(self, name: str) -> str:
        """The value of a field of the page that was opened last."""
        found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', self.body)
        assert found, f"no field {name} at {self.path}:\n{self.body[:2000]}"
        return found[1]

    def _ask(self, method: str, host: str, path: str, body: str | None = None, *, hops: int = 6) -> Visitor:
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=60)
        kept = self.cookies.setdefault(host, {})
        headers = {"Host": f"{host}:{self.house.port}", "Accept-Language": self.language}
        if kept:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{headers['Host']}"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        self.host, self.path, self.status = host, path, answer.status
        self.body = answer.read().decode(errors="replace")
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, rest = cookie.partition("=")
            assert "domain=" not in rest.lower(), f"{name} is not host-only"
            kept[name] = rest.partition(";")[0]
        if answer.status in {301, 302, 303} and hops:
            where = answer.headers["Location"]
            to_host, to_path = host, where
            if match := re.fullmatch(r"https?://([^/:]+)(?::\d+)?(/.*)?", where):
                to_host, to_path = match[1], match[2] or "/"
            return self._ask("GET", to_host, to_path, hops=hops - 1)
        return self
