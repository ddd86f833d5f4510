"""Keeps one process, so that it never outlives the process that asked for it.

A process ended by ``kill -9`` cannot tidy up, so somebody else must. A keeper is a small interpreter that stands
between the two: it starts the command, reads a pipe whose only writer is its parent, and when that pipe closes, for
whatever reason, it ends the command step by step. The embedded database and the supervisor start their processes this
way. A keeper needs the standard library only and runs this very file as a script, without the environment's packages.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PARENT_DEATH_SIGNAL = 1
"""Linux's ``PR_SET_PDEATHSIG``."""

GLANCE = 0.5
"""Seconds between two looks at who the parent is, for pipes that a forked sibling holds open."""


class Step(NamedTuple):
    """One step of ending a process: a signal, and how many seconds it has to obey."""

    number: signal.Signals
    seconds: float


def keep(
    command: Sequence[str],
    *,
    steps: Sequence[Step],
    last_breath: signal.Signals,
    environment: Mapping[str, str],
    folder: Path,
    output: int,
    user: int | None = None,
    group: int | None = None,
    held: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start ``command`` under a keeper and return the keeper.

    Closing the keeper's ``stdin`` ends the command by ``steps``, then by SIGKILL to its whole process group; SIGTERM
    to the keeper goes on to the next step at once. The keeper ends with the command's exit code (128 + n for signal n).
    ``last_breath`` is what the command gets, on Linux, should the keeper itself be killed. ``output`` is a descriptor
    or ``subprocess.PIPE`` for both streams. ``user`` and ``group`` are the ids the command runs under; the keeper stays
    what its parent is. ``held`` are descriptors (a locked file) that stay open exactly as long as the keeper lives.

    Raises OSError when the keeper itself cannot be started; a command that cannot be started ends it with 126 or 127.
    """
    call = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), "--parent", str(os.getpid())]
    call += ["--last-breath", str(int(last_breath))]
    for step in steps:
        call += ["--step", f"{int(step.number)}:{step.seconds}"]
    if user is not None and group is not None:
        call += ["--user", str(user), "--group", str(group)]
    return subprocess.Popen(
        [*call, "--", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
        pass_fds=held,
    )


def let_go(keeper: subprocess.Popen[bytes]) -> None:
    """Ask a keeper to end its command; does not wait for it."""
    if keeper.stdin is not None and not keeper.stdin.closed:
        keeper.stdin.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Keep one process for as long as the parent lives.")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--last-breath", type=int, required=True)
    parser.add_argument("--step", action="append", default=[], type=_step)
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _step(text: str) -> Step:
    number, _, seconds = text.partition(":")
    return Step(signal.Signals(int(number)), float(seconds))


def _die_with_keeper(last_breath: int) -> Callable[[], None] | None:
    """What the child does between fork and exec; after the change of user, which would clear it."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    keeper = os.getpid()

    def bind() -> None:
        library.prctl(PARENT_DEATH_SIGNAL, last_breath)
        if os.getppid() != keeper:
            os._exit(1)

    return bind


def _listen() -> int:
    """Turn signals into bytes on a descriptor, so that one ``select`` waits for everything.

    SIGINT and SIGHUP get a handler that does nothing instead of being ignored: ignoring is inherited by the command.
    """
    heard, told = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(told, False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    return heard


def _start(asked: argparse.Namespace) -> subprocess.Popen[bytes]:
    switched = asked.user is not None
    return subprocess.Popen(
        asked.command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        user=asked.user,
        group=asked.group,
        extra_groups=[] if switched else None,
        preexec_fn=_die_with_keeper(asked.last_breath),
    )


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _watch(child: subprocess.Popen[bytes], *, parent: int, steps: list[Step], heard: int) -> int:
    """Wait until the child has ended, ending it once the parent lets go; returns its exit code."""
    deadline: float | None = None
    while child.poll() is None:
        sources = [heard] if deadline is not None else [heard, 0]
        ready, _, _ = select.select(sources, [], [], GLANCE)
        signals = os.read(heard, 512) if heard in ready else b""
        let_go_of = 0 in ready and os.read(0, 512) == b""
        if child.poll() is not None:
            break
        overdue = deadline is not None and time.monotonic() >= deadline
        orphaned = deadline is None and os.getppid() != parent
        if let_go_of or orphaned or overdue or signal.SIGTERM in signals:
            if steps:
                step = steps.pop(0)
                child.send_signal(step.number)
                deadline = time.monotonic() + step.seconds
            else:
                _kill_group(child.pid)
                deadline = time.monotonic() + GLANCE
    code = child.wait()
    _kill_group(child.pid)
    return code if code >= 0 else 128 - code


def main() -> int:
    """Run as a script by ``keep``."""
    asked = _arguments()
    heard = _listen()
    try:
        child = _start(asked)
    except OSError as refused:
        print(f"{asked.command[0]} cannot be started: {refused.strerror}", file=sys.stderr, flush=True)
        return 127 if isinstance(refused, FileNotFoundError) else 126
    return _watch(child, parent=asked.parent, steps=asked.step, heard=heard)


if __name__ == "__main__":
    sys.exit(main())
