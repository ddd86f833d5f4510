"""Tasks of plugins: one that comes due where its module is off is refused, not run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from celery import shared_task
from celery.exceptions import Ignore

from regulars.plugins import loading
from regulars.plugins.gate import ModuleIsOff, answers

log = structlog.get_logger(__name__)


def plugin_task(function: Callable[..., Any]) -> Any:
    """A Celery task of the plugin in whose package it stands, behind the gate.

    It runs where the module is on or closing. Elsewhere a worker drops it with a line in the log, and a direct call
    raises `ModuleIsOff`. Queue it with `delay_on_commit`, so that nothing leaves before commit.
    """

    @shared_task(bind=True, name=f"{function.__module__}.{function.__name__}")
    @wraps(function)
    def gated(task: Any, *args: Any, **named: Any) -> Any:
        plugin = _owner(function.__module__)
        if answers(plugin):
            return function(*args, **named)
        log.warning("task_refused", plugin=plugin, task=task.name)
        raise ModuleIsOff if task.request.called_directly else Ignore()

    return gated


def _owner(module: str) -> str:
    """The plugin in whose package a module lies; empty for none, which is off everywhere."""
    owners = [config for config in loading.installed().values() if module.startswith(f"{config.name}.")]
    return max(owners, key=lambda config: len(config.name)).label if owners else ""
