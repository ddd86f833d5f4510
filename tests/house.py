"""What the tests stand on, made before Django reads its settings: a real PostgreSQL and the installed specimen plugin.

Loaded by `-p tests.house`. The first process starts an embedded server (unless `DATABASE_URL` names one) and its
workers inherit the address. Each worker copies one prepared database, in which the template of a business was built
once and two businesses stand open.
"""

from __future__ import annotations

import atexit
import importlib
import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUN = "REGULARS_TEST_RUN"


def _prepare() -> None:
    """Start the server and lay out the folders of this run, in the first process only."""
    if RUN in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="regulars-tests-"))
    folder.chmod(0o755)
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    os.environ[RUN] = f"{folder}:{uuid.uuid4().hex[:8]}"
    os.environ.setdefault("VAR_FOLDER", str(folder / "var"))
    os.environ.setdefault("BASE_DOMAIN", "regulars.test")
    os.environ.setdefault("BROKER_URL", "memory://")
    os.environ.setdefault("WAKE_AT_MOST_EVERY", "0")
    os.environ.setdefault("EMAIL_URL", "memorymail://")
    if "DATABASE_URL" not in os.environ:
        _start_server(folder)


def _start_server(folder: Path) -> None:
    from regulars.config.embedded_postgres import start

    server = start(
        folder / "postgres",
        settings={"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"},
    )
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = server.url


def _install_specimen() -> None:
    if (ROOT / "tests" / "specimen" / "installing.py").is_file():
        importlib.import_module("tests.specimen.installing").install()


def run_folder() -> Path:
    """The folder of this test run, shared by its workers."""
    return Path(os.environ[RUN].rpartition(":")[0])


def run_name() -> str:
    """A short name of this test run, for databases of its own."""
    return os.environ[RUN].rpartition(":")[2]


_prepare()
_install_specimen()


def pytest_configure(config: Any) -> None:
    """Compile the translations, so that Chinese pages are Chinese; leave out what costs time and shows nothing."""
    from regulars.config.translations import compile_all

    _make_light()
    if not hasattr(config, "workerinput"):
        compile_all()


def _make_light() -> None:
    """Static files are looked up when asked for, not listed anew for each client; a password is hashed in one pass.

    Processes of their own, as the journeys have them, keep the full strength.
    """
    from django.conf import settings

    from regulars.access.passwords import PasswordHasher

    settings.WHITENOISE_AUTOREFRESH = True
    PasswordHasher.time_cost, PasswordHasher.memory_cost = 1, 64


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """End with a line for each storm that was weathered, as it says so itself (`S13 ledger: …`)."""
    said = sorted(
        line
        for report in terminalreporter.stats.get("passed", [])
        for name, text in report.sections
        if name == "Captured stdout call"
        for line in text.splitlines()
        if re.match(r"S\d+\b", line)
    )
    if said:
        terminalreporter.section("storms")
        for line in said:
            terminalreporter.write_line(line)
