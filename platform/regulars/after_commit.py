"""Nothing leaves before commit: the one way to do something once an act is really done.

`once` names what need not be done twice in one transaction, however many acts ask for it. A part of the transaction
that is rolled back takes its wishes with it, and another part may ask again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from django.db import connections, transaction


class _Wish:
    """Something to do after commit. Only the connection's own list keeps it alive, so a rollback forgets it."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act
        self.is_done = False

    def __call__(self) -> None:
        self.is_done = True
        self.act()


def after_commit(act: Callable[[], object], *, once: str = "") -> None:
    """Do `act` when the present transaction has committed, at once where there is none; `once` names it.

    An act that fails then is logged and makes nothing undone: what was committed stands, and says so.
    """
    wish = _Wish(act)
    if once:
        known = _wishes().get(_key(once))
        if known is not None and not known.is_done:
            return
        _wishes()[_key(once)] = wish
    transaction.on_commit(wish, robust=True)


def is_wished(once: str) -> bool:
    """Whether the present transaction holds an act of this name in a part that was not rolled back."""
    return _wishes().get(_key(once)) is not None


def _key(once: str) -> tuple[str, str]:
    return (getattr(connections["default"], "schema_name", None) or "", once)


def _wishes() -> WeakValueDictionary[tuple[str, str], _Wish]:
    connection: Any = connections["default"]
    found: WeakValueDictionary[tuple[str, str], _Wish] | None = connection.__dict__.get("_wishes")
    if found is None:
        found = connection.__dict__["_wishes"] = WeakValueDictionary()
    return found
