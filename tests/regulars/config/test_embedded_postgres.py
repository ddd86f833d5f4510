"""The embedded server, really started: as root and as an ordinary user, twice, and after every bad end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import psycopg
import pytest

from regulars.config import embedded_postgres
from regulars.config.embedded_postgres import (
    DiskFull,
    FolderForeign,
    FolderHeld,
    FolderNotWritable,
    NoBinaries,
    PortTaken,
    Server,
    StartFailed,
    start,
)

CODE = Path(embedded_postgres.__file__).parent
QUICK = {"fsync": "off"}
NOBODY = pwd.getpwnam("nobody").pw_uid
IS_ROOT = os.geteuid() == 0

KEEP_RUNNING = """
import sys, time
from pathlib import Path
from regulars.config.embedded_postgres import start
data, binaries = map(Path, sys.argv[1:])
server = start(data, settings={"fsync": "off"}, binaries=binaries)
print(server.url, server.port, server.data_folder, (server.data_folder / "postmaster.pid").read_text().split()[0])
sys.stdout.flush()
time.sleep(60)
"""


class Started(NamedTuple):
    """A server that another process started."""

    parent: subprocess.Popen[str]
    url: str
    port: int
    data: Path
    postmaster: int


@pytest.fixture(scope="module")
def ground() -> Iterator[Path]:
    """A folder that every user may pass through, unlike pytest's own under root."""
    umask = os.umask(0o022)
    folder = Path(tempfile.mkdtemp(prefix="regulars-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
    os.umask(umask)


@pytest.fixture(scope="module")
def made(ground: Path) -> Server:
    """A server that was started once on its folder and stopped: its cluster is there for the next start."""
    with start(ground / "made" / "postgres", settings=QUICK, fallback=ground) as server:
        psycopg.connect(server.url, autocommit=True).execute("CREATE TABLE guest AS SELECT 'Mei' AS name")
    return server


@pytest.fixture
def elsewhere(ground: Path, request: pytest.FixtureRequest) -> Path:
    """An empty folder of this test's own."""
    folder = ground / str(request.node.name)
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def guests(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT name FROM guest").fetchall()


def is_gone(process: int) -> bool:
    """Ended, or ended and not yet reaped where nobody reaps orphans."""
    return about(process, "State")[:1] in ("", "Z")


def about(process: int, what: str) -> str:
    """One line of what the system knows of a process: ``State``, ``Uid``, ``PPid``; empty when it is gone."""
    if sys.platform.startswith("linux"):
        try:
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
        except OSError:
            return ""
        return next(line.split()[1] for line in lines if line.startswith(what + ":"))
    column = {"State": "stat=", "Uid": "uid=", "PPid": "ppid="}[what]
    return subprocess.run(["ps", "-o", column, "-p", str(process)], capture_output=True, text=True).stdout.strip()


def soon(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def interpreter_of_others() -> str:
    """An interpreter that another user may run; root's own environment often lies where only root can go."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            check = [candidate, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(check, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/").returncode == 0:
                return candidate
        except OSError:
            continue
    raise AssertionError("no Python 3.11 here that an ordinary user may run")


def start_in_another_process(data: Path, binaries: Path, *, as_nobody: bool = False, code: Path = CODE) -> Started:
    parent = begin_in_another_process(data, binaries, as_nobody=as_nobody, code=code)
    assert parent.stdout is not None
    url, port, folder, postmaster = parent.stdout.readline().split()
    return Started(parent, url, int(port), Path(folder), int(postmaster))


def begin_in_another_process(
    data: Path, binaries: Path, *, as_nobody: bool = False, code: Path = CODE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [interpreter_of_others() if as_nobody else sys.executable, "-c", KEEP_RUNNING, str(data), str(binaries)],
        env={"PYTHONPATH": str(code.parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        user=NOBODY if as_nobody else None,
        group=NOBODY if as_nobody else None,
        extra_groups=[] if as_nobody else None,
    )


def kill(started: Started) -> None:
    started.parent.kill()
    started.parent.communicate()


@pytest.mark.clause("2.2")
def test_the_data_survives_a_restart(made: Server) -> None:
    for _ in range(2):
        with start(made.data_folder, settings=QUICK) as server:
            assert guests(server.url) == [("Mei",)]
        assert not server.is_running


@pytest.mark.clause("2.2")
def test_the_server_runs_as_another_user_for_root_and_as_oneself_otherwise(made: Server) -> None:
    with start(made.data_folder, settings=QUICK) as server:
        process = int((server.data_folder / "postmaster.pid").read_text().split()[0])
        runs_as = int(about(process, "Uid"))
    assert runs_as == (NOBODY if IS_ROOT else os.geteuid())


@pytest.mark.clause("2.2")
def test_an_ordinary_user_starts_it_in_a_folder_of_his_own(made: Server, elsewhere: Path) -> None:
    code = elsewhere / "code" / "regulars" / "config"
    shutil.copytree(CODE, code, ignore=shutil.ignore_patterns("__pycache__"))
    (elsewhere / "var").mkdir()
    if IS_ROOT:
        os.chown(elsewhere / "var", NOBODY, NOBODY)
    data = elsewhere / "var" / "postgres"
    started = start_in_another_process(data, made.binaries, as_nobody=IS_ROOT, code=code)
    with psycopg.connect(started.url) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("regulars", "regulars")
    assert started.data == data
    assert stat.S_IMODE((elsewhere / "var" / "postgres.password").stat().st_mode) == 0o600
    kill(started)
    assert soon(lambda: is_gone(started.postmaster))


@pytest.mark.clause("2.2")
def test_it_listens_on_loopback_tcp_only_and_keeps_what_was_committed(made: Server) -> None:
    with start(made.data_folder) as server, psycopg.connect(server.url) as connection:
        names = ("listen_addresses", "unix_socket_directories", "fsync", "synchronous_commit", "server_encoding")
        found = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    assert found == [("127.0.0.1",), ("",), ("on",), ("on",), ("UTF8",)]


def test_settings_can_be_given_but_not_the_address(made: Server) -> None:
    given = {"fsync": "off", "work_mem": "9MB", "listen_addresses": "*"}
    with start(made.data_folder, settings=given) as server, psycopg.connect(server.url) as connection:
        names = ("fsync", "work_mem", "listen_addresses")
        found = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    assert found == [("off",), ("9MB",), ("127.0.0.1",)]
    with pytest.raises(ValueError, match="is no name of a PostgreSQL setting"):
        start(made.data_folder, settings={"-D": "/"})


def test_nobody_enters_without_the_password(made: Server) -> None:
    with start(made.data_folder, settings=QUICK) as server:
        for password in ("", "guess"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(f"postgres://regulars:{password}@127.0.0.1:{server.port}/regulars")
    assert stat.S_IMODE(made.data_folder.with_name("postgres.password").stat().st_mode) == 0o600


def test_a_lost_password_is_replaced(made: Server) -> None:
    made.data_folder.with_name("postgres.password").unlink()
    with start(made.data_folder, settings=QUICK) as server:
        assert server.url != made.url
        assert guests(server.url) == [("Mei",)]


@pytest.mark.clause("2.2")
def test_a_parent_killed_leaves_no_server_and_the_next_start_has_the_data(made: Server) -> None:
    started = start_in_another_process(made.data_folder, made.binaries)
    kill(started)
    with start(made.data_folder, settings=QUICK) as server:
        assert is_gone(started.postmaster)
        assert guests(server.url) == [("Mei",)]


def test_a_start_killed_while_it_made_the_cluster_is_made_good_by_the_next(made: Server, elsewhere: Path) -> None:
    data = elsewhere / "postgres"
    parent = begin_in_another_process(data, made.binaries)
    assert soon(lambda: (elsewhere / "postgres.new" / "data").exists())
    parent.kill()
    parent.communicate()
    assert not data.exists()
    with start(data, settings=QUICK) as server:
        assert psycopg.connect(server.url).execute("SELECT current_database()").fetchone() == ("regulars",)
    assert sorted(path.name for path in elsewhere.iterdir()) == [
        "postgres",
        "postgres.lock",
        "postgres.log",
        "postgres.password",
    ]


@pytest.mark.clause("2.2")
def test_parent_and_keeper_killed_together_leave_no_server(made: Server) -> None:
    started = start_in_another_process(made.data_folder, made.binaries)
    os.kill(int(about(started.postmaster, "PPid")), signal.SIGKILL)
    kill(started)
    with start(made.data_folder, settings=QUICK) as server:
        assert is_gone(started.postmaster)
        assert guests(server.url) == [("Mei",)]


@pytest.mark.clause("2.2")
def test_a_server_left_over_is_stopped_at_the_next_start(made: Server) -> None:
    owner = made.data_folder.stat()
    command = [str(made.binaries / "postgres"), "-D", str(made.data_folder), "-p", str(free_port())]
    left_over = subprocess.Popen(
        [*command, "-c", "unix_socket_directories=", "-c", "fsync=off"],
        user=owner.st_uid if IS_ROOT else None,
        group=owner.st_gid if IS_ROOT else None,
        extra_groups=[] if IS_ROOT else None,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    note = made.data_folder / "postmaster.pid"
    assert soon(lambda: note.exists() and "ready" in note.read_text())
    said: list[str] = []
    with start(made.data_folder, settings=QUICK, say=said.append) as server:
        assert left_over.wait(1) == 0
        assert guests(server.url) == [("Mei",)]
    assert said == [f"A server left over from an earlier run (process {left_over.pid}) is being stopped."]


def test_a_stale_note_whose_number_is_another_process_now_does_not_stand_in_the_way(made: Server) -> None:
    note = made.data_folder / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{made.data_folder}\n1\n5432\n\n127.0.0.1\n       1         1\nready   \n")
    with start(made.data_folder, settings=QUICK) as server:
        assert guests(server.url) == [("Mei",)]


@pytest.mark.clause("2.2")
def test_a_second_start_on_a_held_folder_is_refused_and_names_the_holder(made: Server) -> None:
    with start(made.data_folder, settings=QUICK) as server:
        with pytest.raises(FolderHeld) as refused:
            start(made.data_folder, settings=QUICK)
        assert str(refused.value) == (
            f"The data folder {made.data_folder} is in use by process {os.getpid()}; stop it first."
        )
        assert guests(server.url) == [("Mei",)]


@pytest.mark.clause("2.2")
def test_what_the_servers_user_cannot_reach_is_kept_where_he_can(made: Server, elsewhere: Path) -> None:
    closed, fallback = elsewhere / "closed", elsewhere / "fallback"
    closed.mkdir(mode=0o700)
    fallback.mkdir()
    package = made.binaries.parents[1]
    for source in (package, package.with_name(package.name + ".libs")):
        (closed / source.name).symlink_to(source)
    binaries = closed / made.binaries.relative_to(package.parent)
    said: list[str] = []
    with start(closed / "data", settings=QUICK, binaries=binaries, fallback=fallback, say=said.append) as server:
        assert psycopg.connect(server.url).execute("SELECT 1").fetchone() == (1,)
    within = fallback if IS_ROOT else closed
    assert server.data_folder.is_relative_to(within)
    assert server.binaries.is_relative_to(within)
    assert len(said) == (2 if IS_ROOT else 0)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_folder_with_something_else_in_it_is_left_alone(elsewhere: Path) -> None:
    (elsewhere / "data").mkdir()
    (elsewhere / "data" / "letter.txt").write_text("dear")
    with pytest.raises(FolderForeign, match="holds something else than PostgreSQL's data"):
        start(elsewhere / "data")
    assert [path.name for path in (elsewhere / "data").iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_named(elsewhere: Path) -> None:
    (elsewhere / "file").touch()
    with pytest.raises(FolderNotWritable, match="file cannot be made"):
        start(elsewhere / "file" / "data")


def test_a_full_disk_is_named_before_anything_is_written(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 1024**2))
    with pytest.raises(DiskFull, match=r"a new database needs 100 MB, .* has 5 MB"):
        start(elsewhere / "data")
    assert not (elsewhere / "data").exists()


def test_programs_for_another_machine_are_named(elsewhere: Path) -> None:
    binaries = elsewhere / "bin"
    binaries.mkdir()
    with pytest.raises(NoBinaries, match="do not run on this machine: No such file or directory"):
        start(elsewhere / "data", binaries=binaries)
    (binaries / "postgres").write_bytes(b"\x7fELF of some other machine")
    (binaries / "postgres").chmod(0o755)
    with pytest.raises(NoBinaries, match="do not run on this machine: Exec format error"):
        start(elsewhere / "data", binaries=binaries)


def test_a_taken_port_is_named(made: Server) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is in use"):
            start(made.data_folder, port=port, settings=QUICK)
    with start(made.data_folder, port=port, settings=QUICK) as server:
        assert server.port == port


def test_what_the_server_itself_complains_of_is_passed_on(made: Server) -> None:
    with pytest.raises(StartFailed, match='unrecognized configuration parameter "work_memory"'):
        start(made.data_folder, settings={"work_memory": "1"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
