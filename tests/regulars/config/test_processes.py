"""The supervisor, with real children: their order, their deaths, and that none of them is left behind."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from regulars.config import processes
from regulars.config.processes import Log, NotReady, Process, ProcessesError, Supervisor, wait_until_ready

CODE = Path(processes.__file__).parents[2]

OBEDIENT = "trap 'echo $0 bye; exit 0' TERM; echo $$; while :; do sleep 0.02; done"
"""A child that says its number, and good-bye when it is told to stop."""

STUBBORN = "trap '' TERM; sleep 60 & echo $$; echo $!; while :; do sleep 0.02; done"
"""A child that does not stop when told to, with a child of its own."""

SUPERVISE = """
import sys
from pathlib import Path
from regulars.config.processes import Log, Process, Supervisor
with Supervisor(Log(file=Path(sys.argv[1])), grace=float(sys.argv[2])) as supervisor:
    for word in sys.argv[3:]:
        name, _, script = word.partition("=")
        supervisor.start(Process(name, ["/bin/sh", "-c", script, name]))
    sys.exit(supervisor.run())
"""


class Terminal(io.StringIO):
    """A screen with colours."""

    def isatty(self) -> bool:
        return True


def noon(pattern: str) -> str:
    assert pattern == "%H:%M:%S"
    return "12:00:00"


def supervise(file: Path, *children: str, grace: float = 5.0) -> subprocess.Popen[str]:
    """Start a supervisor as a process of its own; returns once every child has spoken."""
    running = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(file), str(grace), *children],
        env={**os.environ, "PYTHONPATH": str(CODE), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    names = [child.partition("=")[0] for child in children]
    assert soon(lambda: all(numbers(file, name) for name in names))
    return running


def numbers(file: Path, name: str) -> list[int]:
    """The process numbers that a child has written to the log."""
    log = file.read_text() if file.exists() else ""
    return [int(number) for number in re.findall(rf"^\S+ {name} +\| (\d+)$", log, flags=re.MULTILINE)]


def is_gone(process: int) -> bool:
    """Ended, or ended and not yet reaped where nobody reaps orphans."""
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return shown.stdout.strip()[:1] in ("", "Z")


def soon(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def shop_address() -> Iterator[str]:
    """A server on which only the shop's host is ready, and only from the third question on."""
    asked: list[str] = []

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            is_ready = self.headers["Host"] == "tea.example" and len(asked) > 2
            self.send_response(200 if is_ready else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield f"http://127.0.0.1:{server.server_port}/readyz"
    server.shutdown()
    server.server_close()


@pytest.mark.clause("2.2")
def test_a_supervisor_killed_leaves_no_child_and_no_childs_child(tmp_path: Path) -> None:
    running = supervise(tmp_path / "log", f"web={OBEDIENT}", f"worker={STUBBORN}", grace=0.3)
    assert soon(lambda: len(numbers(tmp_path / "log", "worker")) == 2)
    children = [*numbers(tmp_path / "log", "web"), *numbers(tmp_path / "log", "worker")]
    running.kill()
    running.communicate()
    assert soon(lambda: all(map(is_gone, children)), 3.0)


@pytest.mark.clause("2.2")
def test_a_keeper_killed_takes_its_child_along_and_both_are_replaced(tmp_path: Path) -> None:
    running = supervise(tmp_path / "log", "web=echo $$; echo $PPID; exec sleep 60")
    assert soon(lambda: len(numbers(tmp_path / "log", "web")) == 2)
    child, keeper = numbers(tmp_path / "log", "web")
    os.kill(keeper, 9)
    assert soon(lambda: len(numbers(tmp_path / "log", "web")) == 4)
    assert is_gone(child)
    running.terminate()
    running.communicate()


@pytest.mark.clause("2.2")
@pytest.mark.parametrize("number", [15, 2, 1])
def test_told_to_stop_it_stops_its_children_last_started_first(tmp_path: Path, number: int) -> None:
    running = supervise(tmp_path / "log", f"web={OBEDIENT}", f"worker={OBEDIENT}", f"beat={OBEDIENT}")
    running.send_signal(number)
    shown, _ = running.communicate()
    assert re.findall(r"(\w+) bye", shown) == ["beat", "worker", "web"]
    assert running.returncode == 0


def test_a_child_that_does_not_stop_in_time_is_killed_and_told_of(tmp_path: Path) -> None:
    running = supervise(tmp_path / "log", f"web={OBEDIENT}", f"worker={STUBBORN}", grace=0.2)
    running.terminate()
    shown, _ = running.communicate()
    assert re.findall(r"\| (\D.*)", shown) == ["The process did not end in time and was killed.", "web bye"]
    assert running.returncode == 1
    assert all(map(is_gone, numbers(tmp_path / "log", "worker")))


def test_a_second_signal_cuts_the_grace_short(tmp_path: Path) -> None:
    running = supervise(tmp_path / "log", f"web={STUBBORN}", grace=60.0)
    running.terminate()
    time.sleep(0.2)
    running.terminate()
    running.communicate(timeout=5)
    assert running.returncode == 1


@pytest.mark.clause("2.2")
def test_a_child_that_dies_is_started_again_and_told_of(tmp_path: Path) -> None:
    screen = io.StringIO()
    lives = tmp_path / "lives"
    script = (
        f"echo life >> {lives}; case $(wc -l < {lives}) in *1) exit 3;; *2) kill -9 $$;; esac; echo up; exec sleep 60"
    )
    with Supervisor(Log(screen=screen, stamp=noon), backoff=(0.01, 0.02)) as supervisor:
        supervisor.start(Process("web", ["/bin/sh", "-c", script]))
        assert soon(lambda: "up" in screen.getvalue())
    assert screen.getvalue().splitlines() == [
        "12:00:00 web | The process ended with code 3; it is started again in 0.01 s.",
        "12:00:00 web | The process was ended by SIGKILL; it is started again in 0.02 s.",
        "12:00:00 web | up",
    ]


def test_a_child_that_does_not_stay_alive_is_given_up_with_its_code(tmp_path: Path) -> None:
    screen = io.StringIO()
    supervisor = Supervisor(Log(screen=screen, stamp=noon), backoff=(0.01,), attempts=2)
    supervisor.start(Process("web", ["/bin/sh", "-c", "exit 7"]))
    assert supervisor.run() == 7
    assert screen.getvalue().splitlines()[-1] == (
        "12:00:00 web | The process ended with code 7 for the 2nd time in a row: giving up."
    )


def test_a_program_that_is_not_there_is_named() -> None:
    screen = io.StringIO()
    supervisor = Supervisor(Log(screen=screen, stamp=noon), attempts=1)
    supervisor.start(Process("web", ["/no/such/program"]))
    assert supervisor.run() == 127
    assert screen.getvalue().startswith(
        "12:00:00 web | /no/such/program cannot be started: No such file or directory\n"
    )
    with pytest.raises(ProcessesError, match="beat cannot be started"):
        supervisor.start(Process("beat", ["/bin/true"], folder=Path("/no/such/folder")))


def test_children_get_their_environment_and_folder(tmp_path: Path) -> None:
    screen = io.StringIO()
    script = "echo $SHOP in $(pwd); exec sleep 60"
    with Supervisor(Log(screen=screen, stamp=noon)) as supervisor:
        supervisor.start(Process("web", ["/bin/sh", "-c", script], environment={"SHOP": "茶馆"}, folder=tmp_path))
        assert soon(lambda: screen.getvalue() == f"12:00:00 web | 茶馆 in {tmp_path}\n")


def test_the_log_stands_in_columns_and_is_plain_in_its_file(tmp_path: Path) -> None:
    terminal, plain = Terminal(), io.StringIO()
    for screen in (terminal, plain):
        log = Log(screen=screen, file=tmp_path / "var" / f"{type(screen).__name__}.log", stamp=noon)
        log.introduce("web", "worker")
        log.write("web", "listening")
        log.write("worker", "ready\nto work")
    expected = "12:00:00 web    | listening\n12:00:00 worker | ready\n12:00:00 worker | to work\n"
    assert plain.getvalue() == expected
    assert (tmp_path / "var" / "Terminal.log").read_text() == expected
    assert terminal.getvalue().splitlines()[0] == "12:00:00 \033[36mweb    |\033[0m listening"
    assert terminal.getvalue().splitlines()[1] == "12:00:00 \033[33mworker |\033[0m ready"


def test_a_screen_that_is_gone_does_not_stop_the_file(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as screen:
        log = Log(screen=screen, file=tmp_path / "log", stamp=noon)
        os.close(reading)
        log.write("web", "nobody looks")
        log.write("web", "still here")
        assert (tmp_path / "log").read_text() == "12:00:00 web | nobody looks\n12:00:00 web | still here\n"
        with contextlib.suppress(BrokenPipeError):
            screen.close()


def test_waiting_asks_for_the_host_until_it_is_ready(shop_address: str) -> None:
    assert 0.02 < wait_until_ready(shop_address, host="tea.example", pause=0.01) < 5.0


def test_waiting_ends_with_the_last_answer(shop_address: str) -> None:
    with pytest.raises(NotReady, match=r"was not ready after 0 s: it answered 503"):
        wait_until_ready(shop_address, host="gym.example", patience=0.1, pause=0.01)
    with pytest.raises(NotReady, match="nothing was asked"):
        wait_until_ready(shop_address, host="tea.example", is_hopeless=lambda: True)
    with pytest.raises(ProcessesError, match="'ftp://x' is no http address"):
        wait_until_ready("ftp://x")
