"""Finds the `approvals.py` of every room and module; one of a module that cannot be read is left out alone."""

from __future__ import annotations

from importlib import import_module

import structlog
from django.apps import apps
from django.utils.module_loading import module_has_submodule

from regulars.organisation.approvals import registry

OURS = "regulars."
log = structlog.get_logger(__name__)


def discover() -> None:
    """Import them all, once, at start."""
    for config in apps.get_app_configs():
        if not module_has_submodule(config.module, "approvals") or config.name == "regulars.organisation":
            continue
        if config.name.startswith(OURS):
            import_module(f"{config.name}.approvals")
            continue
        try:
            import_module(f"{config.name}.approvals")
        except Exception:
            log.exception("approvals_not_read", plugin=config.label)
            registry.forget(config.label)
