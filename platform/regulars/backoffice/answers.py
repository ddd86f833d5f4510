"""How an app answers Wagtail's hooks, with its types kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from wagtail import hooks

Function = TypeVar("Function", bound=Callable[..., Any])


def answers(hook: str, *, order: int = 0) -> Callable[[Function], Function]:
    """Mark a function as an answer to a hook of Wagtail; higher `order` answers later."""

    def registered(function: Function) -> Function:
        hooks.register(hook, function, order=order)
        return function

    return registered
