"""`make demo` as somebody meets it who has just cloned: one command, nothing installed, and nothing left behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.running import free_port, insists

pytestmark = [pytest.mark.journey, pytest.mark.clause("2.2")]
OURS = (
    "DATABASE_URL",
    "BROKER_URL",
    "CACHE_URL",
    "EMAIL_URL",
    "SMS_URL",
    "BASE_DOMAIN",
    "PUBLIC_PORT",
    "PYTHONPATH",
    "REGULARS_TEST_RUN",
    "VAR_FOLDER",
    "PORT",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONUNBUFFERED",
)
FIRST_START, SECOND_START = 180.0, 30.0
"""Seconds of patience on a busy machine; the figures themselves are measured by hand and in the bench."""


@dataclass
class Demo:
    """The demo in a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> Demo:
        """What `make demo` calls."""
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {"VAR_FOLDER": str(self.folder / "var"), "PORT": str(self.port)}
        with (self.folder / "screen").open("ab") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "regulars.config.demo"],
                env=environment,
                stdout=screen,
                stderr=screen,
                cwd=self.folder,
            )
        return self

    def get(self, path: str, slug: str = "shancha") -> int:
        """The status of an answer, 0 for none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": f"{slug}.localhost:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def portal_after(self, patience: float) -> float:
        """The seconds until a portal answers and the addresses are written down."""
        begun = time.monotonic()
        self.wait(lambda: self.get("/me/sign-in/") == 200 and self.facts() != {}, patience)
        return time.monotonic() - begun

    def facts(self) -> dict[str, Any]:
        """What the demo has written down."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return dict(json.loads((self.folder / "var" / "demo.json").read_text()))
        return {}

    def wait(self, is_so: Callable[[], bool], patience: float) -> None:
        """Wait until it is so; fails with the end of the log."""
        deadline = time.monotonic() + patience
        while not is_so():
            assert time.monotonic() < deadline, f"not within {patience:.0f} s:\n{self.said()[-4000:]}"
            time.sleep(0.2)

    def said(self) -> str:
        """Everything on the screen."""
        return (self.folder / "screen").read_text(errors="replace")

    def sold(self) -> int:
        """How many sales of the first business's year there are, as the log of the latest start says."""
        told = re.findall(r"(\d+) of \d+ sales", self.said().rpartition("Preparing the database")[2])
        return int(told[-1]) if told else 0

    def processes(self) -> list[str]:
        """Every process that belongs to it, found by its folder in what it was started with."""
        mark, found = str(self.folder).encode(), []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if place.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                told = place.joinpath("cmdline").read_bytes()
                if mark in told or mark in place.joinpath("environ").read_bytes():
                    found.append(f"{place.name} {told.replace(bytes(1), b' ').decode(errors='replace')[:120]}")
        return found


@pytest.fixture
def demo() -> Iterator[Demo]:
    """A demo that is not started yet; whatever happens it is ended."""
    if not Path("/proc/self/environ").exists():
        insists("/proc, where this test looks for processes")
    folder = Path(tempfile.mkdtemp(prefix="regulars-demo-"))
    folder.chmod(0o755)
    made = Demo(folder, free_port())
    try:
        yield made
    finally:
        with contextlib.suppress(AttributeError, ProcessLookupError):
            made.process.terminate()
            made.process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def test_the_demo_comes_up_ends_whole_and_loses_nothing(demo: Demo) -> None:
    first = demo.start().portal_after(FIRST_START)
    facts = demo.facts()
    assert facts["site"] == f"http://localhost:{demo.port}/"
    assert [business["portal"] for business in facts["businesses"]] == [
        f"http://shancha.localhost:{demo.port}/me/",
        f"http://northgym.localhost:{demo.port}/me/",
    ]
    assert demo.get("/readyz") == 200
    assert demo.get("/me/sign-in/", "northgym") == 200
    assert demo.get("/", "nobody") == 404
    demo.wait(lambda: demo.sold() > 0, 60)

    sold = demo.sold()
    demo.process.send_signal(signal.SIGKILL)
    demo.process.wait()
    demo.wait(lambda: demo.processes() == [], 20)

    second = demo.start().portal_after(SECOND_START)
    assert "Opening" not in demo.said().rpartition("Preparing the database")[2]
    assert demo.facts() == facts
    demo.wait(lambda: demo.sold() >= sold, 60)

    demo.process.terminate()
    assert demo.process.wait(60) == 0
    assert demo.processes() == []
    print(f"first start {first:.1f} s, second {second:.1f} s")


@pytest.mark.parametrize("port", ["eighty", "70000", "-1"])
def test_a_port_that_is_none_is_refused_in_one_line(demo: Demo, port: str) -> None:
    demo.port = port  # type: ignore[assignment]
    assert demo.start().process.wait(60) == 1
    lines = demo.said().splitlines()
    assert len(lines) == 1
    assert "PORT must be a number from 1 to 65535" in lines[0]
