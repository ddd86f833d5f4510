"""Every kind of transaction that some code posts has words, for staff and for members, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from django.utils import translation

from regulars.ledger.kinds import KINDS, words_of_kind
from regulars.operations.trail.acts import kinds_of_rooms
from regulars.portal.history import REASONS, title_of
from tests.sources import ROOT, modules, tree_of

pytestmark = pytest.mark.clause("4.7")
POSTING = {"post", "transaction_document", "capture"}
IN_SQL = re.compile(r"""'expiry:' \|\| name, '', '([a-z._]+)'""")
TWO_SIDED = {"points.gift"}
"""Said to members by whether it came or went."""


def constants(tree: ast.Module) -> dict[str, str]:
    """What the names of a module that are written in capitals stand for."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def said(node: ast.expr, named: dict[str, str]) -> Iterator[str]:
    """The kinds that an argument can be; none for one that the caller was given."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in named:
        yield named[node.id]
    elif isinstance(node, ast.JoinedStr):
        parts = [
            list(said(part.value if isinstance(part, ast.FormattedValue) else part, named)) for part in node.values
        ]
        if all(parts):
            yield "".join(part[0] for part in parts)


def posted() -> dict[str, str]:
    """Every kind that code posts, with a place."""
    found = {}
    for name in modules():
        if name.startswith("tests/"):
            continue
        tree = tree_of(name)
        named = constants(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in POSTING:
                kinds = (
                    kind for keyword in node.keywords if keyword.arg == "kind" for kind in said(keyword.value, named)
                )
                found.update(dict.fromkeys(kinds, f"{name}:{node.lineno}"))
    for file in sorted((ROOT / "platform" / "regulars" / "ledger" / "sql").glob("*.sql")):
        found.update(dict.fromkeys(IN_SQL.findall(file.read_text()), file.name))
    return found


def test_the_kinds_are_found_in_the_code() -> None:
    assert {
        "sale.refund",
        "expiry",
        "expiry.reversed",
        "debt.paid",
        "redemption",
        "award",
        "adjustment.reversed",
    } <= set(posted())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_has_words_for_staff_and_for_members(language: str) -> None:
    with translation.override(language):
        known = {*REASONS, *TWO_SIDED, *kinds_of_rooms()}
        silent = [f"{place}: {kind}" for kind, place in posted().items() if kind != "sale" and not words_of_kind(kind)]
        unsaid = [f"{place}: {kind}" for kind, place in posted().items() if kind not in known]
        assert (silent, unsaid) == ([], [])
        for kind in {*KINDS, *kinds_of_rooms()}:
            for words in (words_of_kind(kind), title_of(kind, 5), title_of(kind, -5)):
                assert bool(re.search("[一-鿿]", words)) == (language == "zh-hans"), words


def test_what_was_undone_says_of_what() -> None:
    assert words_of_kind("points.gift.reversed") == "Gift between members, undone"
    assert words_of_kind("award.partly_reversed") == "Points by a rule, undone in part"
    assert words_of_kind("a.module.own.kind") == ""
