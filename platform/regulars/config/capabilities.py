"""What the tests show: `make capabilities` reads the marks they bear, without running any of them.

A test that shows a capability of `docs/capabilities.md` bears `@pytest.mark.capability(63)`; one that shows a clause of
the specification bears `@pytest.mark.clause("2.5")`. A mark may stand on a test, on its class or, as `pytestmark`, on
its whole module.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LIST = ROOT / "docs" / "capabilities.md"
MARKS = ("capability", "clause")


@dataclass(frozen=True)
class Mark:
    """One mark on one test: its kind, the number or clause it names, and where."""

    kind: str
    name: str
    test: str


@dataclass
class Shown:
    """Which tests show what."""

    capabilities: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    clauses: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[Mark] = field(default_factory=list)


def listed() -> dict[int, str]:
    """The capabilities by number, as `docs/capabilities.md` names them in both languages."""
    rows = re.findall(r"^\| (\d+) \| ([^|]*) \| ([^|]*) \|", LIST.read_text(encoding="utf-8"), re.MULTILINE)
    return {int(number): f"{english.strip()} · {chinese.strip()}" for number, english, chinese in rows}


def read_marks(folder: Path = ROOT / "tests") -> Shown:
    """Every mark below a folder; marks that name no capability of the list are set apart."""
    shown, known = Shown(), listed()
    for path in sorted(folder.rglob("test_*.py")):
        for mark in _marks_of(path):
            if mark.kind == "clause":
                shown.clauses[mark.name].append(mark.test)
            elif mark.name.isdecimal() and int(mark.name) in known:
                shown.capabilities[int(mark.name)].append(mark.test)
            else:
                shown.unknown.append(mark)
    return shown


def _marks_of(path: Path) -> Iterator[Mark]:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    yield from _below(tree.body, f"{where}", _pytestmark(tree.body))


def _below(body: list[ast.stmt], where: str, inherited: list[ast.expr]) -> Iterator[Mark]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            marks = [*inherited, *node.decorator_list, *_pytestmark(node.body)]
            yield from _below(node.body, f"{where}::{node.name}", marks)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for kind, name in dict.fromkeys(_named([*inherited, *node.decorator_list])):
                yield Mark(kind, name, f"{where}::{node.name}")


def _pytestmark(body: list[ast.stmt]) -> list[ast.expr]:
    for node in body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["pytestmark"]:
            return list(node.value.elts) if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
    return []


def _named(marks: list[ast.expr]) -> Iterator[tuple[str, str]]:
    for mark in marks:
        if not isinstance(mark, ast.Call):
            continue
        _, _, kind = ast.unparse(mark.func).rpartition("pytest.mark.")
        if kind in MARKS:
            for argument in mark.args:
                yield kind, str(argument.value) if isinstance(argument, ast.Constant) else ast.unparse(argument)


def _in_order(clause: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", clause)]


def report(shown: Shown, names: dict[int, str]) -> list[str]:
    """The lines that `make capabilities` prints; the last is `shown = N of 167`."""
    lines = ["Capabilities"]
    for number in sorted(shown.capabilities):
        lines += [f"{number:>5}  {names[number]}", *(f"         {test}" for test in shown.capabilities[number])]
    lines += ["", "Clauses"]
    for clause in sorted(shown.clauses, key=_in_order):
        lines.append(f"{clause:>5}  {len(shown.clauses[clause])} tests")
        lines += [f"         {test}" for test in shown.clauses[clause]]
    lines += ["", *(f"{mark.test} bears {mark.kind} {mark.name}, which is not on the list" for mark in shown.unknown)]
    lines.append(f"shown = {len(shown.capabilities)} of {len(names)}")
    return lines


def main() -> int:
    """Print what is shown; 1 when a test names a capability that is not on the list."""
    shown = read_marks()
    print("\n".join(report(shown, listed())))
    return 1 if shown.unknown else 0


if __name__ == "__main__":
    sys.exit(main())
