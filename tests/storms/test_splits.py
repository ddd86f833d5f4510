"""S16: money is split into parts a million times, and the parts are always the whole; no float comes near it."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable

import pytest

from regulars.money import portion, share
from tests.crowd import sized
from tests.sources import modules, tree_of

pytestmark = [pytest.mark.storm, pytest.mark.clause("4.1")]
SPLITS = sized(20_000, 1_000_000)
MONEY_CODE = (
    "platform/regulars/ledger/",
    "platform/regulars/sales/",
    "platform/regulars/loyalty/",
    "platform/regulars/money.py",
)


def in_parts(whole: int, weights: list[int], one: Callable[[int, int, int], int]) -> list[int]:
    """What each refund takes back, computed on the cumulative amount."""
    parts, done, taken = [], 0, 0
    for weight in weights:
        done += weight
        now = one(whole, done, sum(weights))
        parts.append(now - taken)
        taken = now
    return parts


def test_the_parts_of_any_split_are_the_whole() -> None:
    chance = random.Random(16)
    for number in range(SPLITS):
        whole = chance.choice([chance.randrange(1, 1000), chance.randrange(1, 10**12)])
        weights = [chance.randrange(1, 10**6) for _ in range(chance.randrange(1, 8))]
        parts = in_parts(whole, weights, portion) if number % 2 else share(whole, weights)
        assert sum(parts) == whole
        assert all(type(part) is int and part >= 0 for part in parts)
    print(f"S16: {SPLITS} splits, parts = whole in all")


def test_computed_by_itself_each_part_would_lose_some() -> None:
    """The negative control: what is not computed on the cumulative amount does not add up."""
    weights = [1, 1, 1]
    alone = [portion(100, weight, sum(weights)) for weight in weights]
    assert sum(alone) == 99


def floats_in(tree: ast.AST) -> list[int]:
    """The lines on which a float is written or divided into being."""
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    )


def test_no_float_comes_near_money() -> None:
    found = {
        name: lines
        for name in modules()
        if name.startswith(MONEY_CODE) and "/migrations/" not in name and (lines := floats_in(tree_of(name)))
    }
    assert found == {}


def test_a_float_would_be_found() -> None:
    """The negative control."""
    assert floats_in(ast.parse("a = 0.5\nb = a / 2\nb /= 2\nc = float(b)")) == [1, 2, 3, 4]
