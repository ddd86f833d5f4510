"""Runs a whole Regulars as one: its real processes, one log, one way to stop.

``make demo`` shows the product as it is run, with web, worker and beat as processes of their own. Somebody who tries it
sees one window: a log that says who speaks, a child that is started again when it dies, and nothing left behind when
the window closes, however it closes. Each child stands under a keeper, which ends it when this process is gone.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, TextIO
from urllib.parse import urlsplit

from regulars.config.keeper import Step, keep, let_go

COLOURS = (36, 33, 35, 32, 34, 31)
"""Terminal colours of the names, in the order in which names first speak."""

BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds to wait before a child that died is started again; the last one repeats."""

SETTLED = 30.0
"""Seconds after which a child that dies is thought to have died for a new reason: its count begins again."""

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class ProcessesError(Exception):
    """The processes cannot be run; the message is one line that says why."""


class NotReady(ProcessesError):
    """What was waited for did not answer well in time."""


@dataclass(frozen=True)
class Process:
    """One child: the name it has in the log, its command, and what it gets beside this process's environment.

    One that `ends_by_itself` is not started again once it ended well.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()
    ends_by_itself: bool = False


class Log:
    """One readable log of many voices: the time, who speaks, what is said; to a screen and, plainly, to a file."""

    def __init__(
        self, *, screen: TextIO | None = None, file: Path | None = None, stamp: Callable[[str], str] = time.strftime
    ) -> None:
        self._screen: TextIO | None = screen or sys.stdout
        self._is_coloured = self._screen.isatty() and not os.environ.get("NO_COLOR")
        self._stamp = stamp
        self._names: list[str] = []
        self._turn = threading.Lock()
        self._file: TextIO | None = None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = file.open("a", encoding="utf-8")

    def introduce(self, *names: str) -> None:
        """Make room for names before they speak, so that the lines stand in columns from the start."""
        with self._turn:
            self._names += [name for name in names if name not in self._names]

    def write(self, name: str, text: str) -> None:
        """Write what ``name`` says, one log line for each line of it. A screen or file that is gone is let go."""
        self.introduce(name)
        with self._turn:
            width = max(map(len, self._names))
            now = self._stamp("%H:%M:%S")
            colour = COLOURS[self._names.index(name) % len(COLOURS)]
            for line in text.splitlines() or [""]:
                plain = f"{now} {name:<{width}} | {line}"
                coloured = f"{now} \033[{colour}m{name:<{width}} |\033[0m {line}"
                self._screen = _written(self._screen, coloured if self._is_coloured else plain)
                self._file = _written(self._file, plain)


def _written(stream: TextIO | None, line: str) -> TextIO | None:
    """Write a line; None when the stream takes no more (its reader left, its disk is full)."""
    if stream is None:
        return None
    try:
        stream.write(line + "\n")
        stream.flush()
    except (OSError, ValueError):
        return None
    return stream


class _Child:
    """One process through all its starts; lives in a thread of its own."""

    def __init__(self, process: Process, supervisor: Supervisor) -> None:
        self.process = process
        self.code: int | None = None
        self._supervisor = supervisor
        self._is_let_go = threading.Event()
        self._starting = threading.Lock()
        self._keeper: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._live, name=process.name, daemon=True)

    def start(self) -> None:
        self._launch()
        self._thread.start()

    def let_go(self) -> None:
        with self._starting:
            self._is_let_go.set()
            if self._keeper is not None:
                let_go(self._keeper)

    def hurry(self) -> None:
        """Go on to the next step of ending it."""
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.terminate()

    def has_ended(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _launch(self) -> bool:
        """Start the process under a keeper; False when it was let go of meanwhile."""
        grace = self._supervisor.grace
        with self._starting:
            if self._is_let_go.is_set():
                return False
            self._keeper = keep(
                self.process.command,
                steps=[Step(signal.SIGTERM, grace)],
                last_breath=signal.SIGKILL,
                environment={**os.environ, "PYTHONUNBUFFERED": "1", **self.process.environment},
                folder=self.process.folder,
                output=subprocess.PIPE,
            )
        return True

    def _relaunch(self) -> bool:
        try:
            return self._launch()
        except OSError as refused:
            self._say(f"The process cannot be started again: {refused}")
            self._supervisor.give_up(1)
            return False

    def _live(self) -> None:
        deaths = 0
        while True:
            begun = time.monotonic()
            self.code = self._listen()
            if self._is_let_go.is_set() or self._supervisor.is_stopping:
                return
            if self.process.ends_by_itself and self.code == 0:
                return
            deaths = 1 if time.monotonic() - begun > SETTLED else deaths + 1
            if deaths >= self._supervisor.attempts:
                self._say(f"{_ending(self.code)} for the {_ordinal(deaths)} time in a row: giving up.")
                self._supervisor.give_up(self.code)
                return
            pause = self._supervisor.backoff[min(deaths, len(self._supervisor.backoff)) - 1]
            self._say(f"{_ending(self.code)}; it is started again in {pause:g} s.")
            if self._is_let_go.wait(pause) or not self._relaunch():
                return

    def _listen(self) -> int:
        """Log what the process says until it has ended; returns its exit code.

        A process of its own that it leaves behind may hold its voice open: that is not waited for.
        """
        keeper = self._keeper
        if keeper is None or keeper.stdout is None:
            return 0
        reader = threading.Thread(target=self._read, args=(keeper.stdout,), daemon=True)
        reader.start()
        code = keeper.wait()
        reader.join(1.0)
        return code

    def _read(self, output: IO[bytes]) -> None:
        with output:
            for line in output:
                text = line.decode(errors="replace").rstrip("\r\n")
                self._supervisor.log.write(self.process.name, text.rpartition("\r")[2])

    def _say(self, text: str) -> None:
        self._supervisor.log.write(self.process.name, text)


def _ending(code: int) -> str:
    if code > 128 and code - 128 in set(signal.Signals):
        return f"The process was ended by {signal.Signals(code - 128).name}"
    return f"The process ended with code {code}"


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def _is_hangup_ignored() -> bool:
    """Whether somebody started this under ``nohup``."""
    return signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


class Supervisor:
    """Keeps processes running until it is told to stop, then stops them in reverse order.

    ``grace`` is the seconds a child has between SIGTERM and SIGKILL, ``backoff`` the seconds before each new start,
    ``attempts`` the deaths in a row after which all is given up.
    """

    def __init__(self, log: Log, *, grace: float = 10.0, backoff: Sequence[float] = BACKOFF, attempts: int = 6) -> None:
        self.log = log
        self.grace = grace
        self.backoff = backoff
        self.attempts = attempts
        self._children: list[_Child] = []
        self._is_asked_to_stop = threading.Event()
        self._reason = 0
        self._result: int | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked it to stop, or a child was given up; long work beside it should look at this."""
        return self._is_asked_to_stop.is_set()

    def start(self, process: Process) -> None:
        """Start a process and watch over it from now on.

        Raises ProcessesError when there is no keeper to be had (no folder, no more processes allowed).
        """
        self.log.introduce(process.name)
        child = _Child(process, self)
        try:
            child.start()
        except OSError as refused:
            raise ProcessesError(f"{process.name} cannot be started: {refused}") from refused
        self._children.append(child)

    def run(self) -> int:
        """Wait until SIGTERM, SIGINT, SIGHUP or ``request_stop``, then stop; only in the main thread.

        A second signal cuts the grace short. Returns 0 when all ended in time after being asked to, 1 when a child had
        to be killed, and the child's own code when one died too often.
        """
        obeyed = [number for number in STOP_SIGNALS if number != signal.SIGHUP or not _is_hangup_ignored()]
        before = {number: signal.signal(number, self._heard) for number in obeyed}
        try:
            while not self._is_asked_to_stop.wait(1.0):
                pass
            return self.stop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def request_stop(self) -> None:
        """Ask ``run`` to come to its end; from any thread."""
        self._is_asked_to_stop.set()

    def give_up(self, code: int) -> None:
        """Stop because of a child that does not stay alive."""
        self._reason = self._reason or code or 1
        self._is_asked_to_stop.set()

    def stop(self) -> int:
        """Stop the children, last started first; returns what ``run`` returns."""
        self._is_asked_to_stop.set()
        if self._result is not None:
            return self._result
        code = self._reason
        for child in reversed(self._children):
            child.let_go()
            if not child.has_ended(self.grace + 5.0):
                child.hurry()
                child.has_ended(5.0)
            if child.code == 128 + signal.SIGKILL:
                self.log.write(child.process.name, "The process did not end in time and was killed.")
                code = code or 1
        self._result = code
        return code

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._is_asked_to_stop.is_set():
            for child in self._children:
                child.hurry()
        self._is_asked_to_stop.set()

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def wait_until_ready(
    url: str,
    *,
    host: str | None = None,
    patience: float = 60.0,
    pause: float = 0.1,
    is_hopeless: Callable[[], bool] = lambda: False,
) -> float:
    """Ask ``url`` until it answers with 2xx or 3xx; returns the seconds that took.

    ``host`` goes into the Host header, because a business's own address need not resolve here. ``patience`` and
    ``pause`` are in seconds; ``is_hopeless`` ends the wait early, for instance ``lambda: supervisor.is_stopping``.

    Raises NotReady with the last answer, and ProcessesError for an address that is none.
    """
    asked = urlsplit(url)
    if asked.scheme != "http" or not asked.hostname:
        raise ProcessesError(f"{url!r} is no http address")
    path = (asked.path or "/") + (f"?{asked.query}" if asked.query else "")
    begun = time.monotonic()
    answer = "nothing was asked"
    while not is_hopeless() and (elapsed := time.monotonic() - begun) < patience:
        connection = http.client.HTTPConnection(asked.hostname, asked.port, timeout=max(patience - elapsed, 0.1))
        try:
            connection.request("GET", path, headers={"Host": host} if host else {})
            status = connection.getresponse().status
            if 200 <= status < 400:
                return time.monotonic() - begun
            answer = f"it answered {status}"
        except (OSError, http.client.HTTPException) as refused:
            answer = str(refused) or type(refused).__name__
        finally:
            connection.close()
        time.sleep(pause)
    raise NotReady(f"{url} was not ready after {time.monotonic() - begun:.0f} s: {answer}.")
