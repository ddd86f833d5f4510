"""Starts the whole product: database, two demo businesses, web, worker and beat, and their made history.

The portals are up first; a year of history fills in behind them. Everything lies in `var/` and survives a restart.
`DATABASE_URL`, `BROKER_URL` and the other settings replace each part by a real server.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from regulars.config.embedded_postgres import EmbeddedPostgresError, Server, start
from regulars.config.processes import Log, Process, ProcessesError, Supervisor, wait_until_ready

ROOT = Path(__file__).resolve().parents[4]
VAR = Path(os.environ.get("VAR_FOLDER", ROOT / "var")).resolve()


def main() -> int:
    """Run until interrupted; 0 after an orderly stop, 1 with one clear line when it cannot start."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    for folder in (VAR, VAR / "static"):
        folder.mkdir(parents=True, exist_ok=True)
    log = Log(file=VAR / "demo.log")
    try:
        port = _port()
    except OSError as error:
        log.write("demo", str(error))
        return 1
    server = None
    if "DATABASE_URL" not in os.environ:
        try:
            server = start(VAR / "postgres", say=lambda line: log.write("demo", line))
        except EmbeddedPostgresError as error:
            log.write("demo", str(error))
            return 1
        os.environ["DATABASE_URL"] = server.url
    try:
        return _serve(log, port)
    finally:
        _stop(server)


def _end(*_: object) -> None:
    """Asked to end while it is still starting: all that runs already is stopped in order."""
    raise SystemExit(0)


def _stop(server: Server | None) -> None:
    if server is not None:
        server.stop()


def _port() -> int:
    """`PORT`, or 8000, or a free one when 8000 is taken. Raises `OSError` in words when `PORT` cannot be used."""
    wished = os.environ.get("PORT", "")
    if wished and not (wished.isascii() and wished.isdigit() and 0 < int(wished) < 65536):
        raise OSError(f"PORT must be a number from 1 to 65535, not {wished!r}: make demo PORT=8080")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wished or 8000)))
        except OSError as refused:
            if wished:
                why = "is taken" if refused.errno == errno.EADDRINUSE else f"cannot be used ({refused.strerror})"
                raise OSError(f"Port {wished} {why}. Choose another: make demo PORT=8080") from None
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(port: int) -> dict[str, str]:
    return {
        "VAR_FOLDER": str(VAR),
        "BASE_DOMAIN": os.environ.get("BASE_DOMAIN", "localhost"),
        "PUBLIC_PORT": os.environ.get("PUBLIC_PORT", str(port)),
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def _serve(log: Log, port: int) -> int:
    os.environ.update(_environment(port))
    from regulars.config.demo.businesses import open_demo_businesses, write_down

    log.write("demo", "Preparing the database …")
    opened = open_demo_businesses(say=lambda line: log.write("demo", line))
    with Supervisor(log) as supervisor:
        for process in _processes(port):
            supervisor.start(process)
        try:
            wait_until_ready(
                f"http://127.0.0.1:{port}/me/sign-in/",
                host=f"{opened[0].slug}.localhost",
                is_hopeless=lambda: supervisor.is_stopping,
            )
        except ProcessesError as error:
            log.write("demo", str(error))
            return 1
        for line in write_down(opened, port=port, file=VAR / "demo.json"):
            log.write("demo", line)
        supervisor.start(_history())
        return supervisor.run()


def _processes(port: int) -> list[Process]:
    python = sys.executable
    celery = [python, "-m", "celery", "-q", "-A", "regulars.config.celery"]
    environment: dict[str, Any] = {**os.environ}
    return [
        Process(
            "web",
            [
                python,
                "-m",
                "gunicorn",
                "regulars.config.wsgi:application",
                "-c",
                "python:regulars.config.gunicorn",
                "-b",
                f"127.0.0.1:{port}",
            ],
            environment=environment,
            folder=VAR,
        ),
        Process(
            "worker",
            [
                *celery,
                "worker",
                "--pool",
                "threads",
                "--concurrency",
                "2",
                "--loglevel",
                "WARNING",
                "--without-mingle",
                "--without-gossip",
            ],
            environment=environment,
            folder=VAR,
        ),
        Process(
            "beat",
            [*celery, "beat", "--loglevel", "WARNING"],
            environment=environment,
            folder=VAR,
        ),
    ]


def _history() -> Process:
    return Process(
        "history",
        [sys.executable, "-m", "regulars.config.demo.history"],
        environment={**os.environ},
        folder=VAR,
        ends_by_itself=True,
    )


if __name__ == "__main__":
    sys.exit(main())
