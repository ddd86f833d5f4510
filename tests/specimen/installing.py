"""Builds the specimen as a wheel and installs it, as a stranger's module comes: before Django reads its settings.

`install()` is called by the plugin that pytest loads first. The wheel is built once for each state of the sources and
kept in the folder of temporary files; where it is installed goes on the path of this process and of those it starts.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import invalidate_caches
from pathlib import Path

SOURCE = Path(__file__).resolve().parent


def install() -> Path:
    """Install the specimen where this process can import it; returns the folder it lies in."""
    folder = _installed()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        invalidate_caches()
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(folder) not in inherited:
        os.environ["PYTHONPATH"] = os.pathsep.join([*filter(None, inherited), str(folder)])
    return folder


def _sources() -> list[Path]:
    found = [SOURCE / "pyproject.toml", *(SOURCE / "src").rglob("*")]
    return sorted(path for path in found if path.is_file() and path.suffix in {".py", ".toml", ".po", ".html"})


def _installed() -> Path:
    state = hashlib.sha256(sys.version.encode())
    for path in _sources():
        state.update(path.relative_to(SOURCE).as_posix().encode() + b"\0" + path.read_bytes())
    shelf = Path(tempfile.gettempdir()) / f"regulars-specimen-{os.getuid()}"
    shelf.mkdir(mode=0o700, exist_ok=True)
    folder = shelf / state.hexdigest()[:16]
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _build_and_install(folder)
    return folder


def _build_and_install(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        source = Path(work) / "source"
        for path in _sources():
            copy = source / path.relative_to(SOURCE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        _compile_words(source)
        _run("build", "--wheel", "--no-isolation", "--outdir", work, str(source))
        (wheel,) = Path(work).glob("*.whl")
        target = Path(work) / "installed"
        _run(
            "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile", "--target", str(target), str(wheel)
        )
        target.rename(folder)


def _compile_words(source: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for words in source.rglob("*.po"):
        with words.open("rb") as file, words.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(file, locale="zh_Hans"))


def _run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"python -m {' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
