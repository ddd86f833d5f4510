"""The project's own files, read once: what the tests of layout and words and `make capabilities` look through."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOTS = {
    "regulars": "platform/regulars",
    "tenants": "tenants",
    "billing": "billing",
    "cms": "cms",
    "plugins": "plugins",
}
"""Each of our packages and the folder it lies in."""

NOT_OURS = {".git", ".venv", "node_modules", "var", "dist", "build", "__pycache__"}
"""Folders that hold no file of ours, where no list of tracked files is to be had."""


@cache
def project_files() -> tuple[str, ...]:
    """Every file that is or would be committed, relative to the root; without git, every file not made by a tool."""
    asked = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0:
        listed = asked.stdout.split("\0")
    else:
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if not NOT_OURS & set(path.parts)]
    return tuple(sorted(name for name in set(listed) if name and (ROOT / name).is_file()))


def below(*folders: str, ends: str = "") -> Iterator[str]:
    """The files in some folders, by the end of their name."""
    for name in project_files():
        if name.startswith(tuple(f"{folder}/" for folder in folders)) and name.endswith(ends):
            yield name


def modules() -> list[str]:
    """Every Python module of the product, migrations aside."""
    return [name for name in below(*ROOTS.values(), ends=".py") if "/migrations/" not in name]


def templates() -> list[str]:
    """Every HTML and text template of the product."""
    return [name for name in below(*ROOTS.values()) if "/templates/" in name and not name.endswith((".po", ".py"))]


@cache
def text_of(name: str) -> str:
    """What is written in a file; empty for one that is no text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree_of(name: str) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(text_of(name), filename=name)


def package_of(name: str) -> str:
    """Which of our packages a file belongs to: `platform/regulars/sales/models.py` is in `regulars`."""
    return next(package for package, folder in ROOTS.items() if name.startswith(f"{folder}/"))
