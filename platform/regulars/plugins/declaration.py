"""How a plugin declares itself: one class in its `apps.py`, and nothing to wire."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.apps import AppConfig, apps
from django.utils.functional import Promise


class PluginConfig(AppConfig):
    """What the house knows of a plugin before it does anything. `label` is its name in URLs, rows and commands.

    `verbose_name` and `summary` are its words on the shelf; `icon` a name of the shared sprite; `min_version` and
    `max_version` the versions of Regulars it works with, both included; `requires` the modules that must be on for it;
    `settings` a frozen dataclass of what a business may set, each field with a default; `permissions` the rights it
    adds, each a code and its words.
    """

    default_auto_field = "django.db.models.BigAutoField"

    summary: ClassVar[str | Promise] = ""
    icon: ClassVar[str] = "sparkles"
    min_version: ClassVar[str] = ""
    max_version: ClassVar[str] = ""
    requires: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[type | None] = None
    permissions: ClassVar[tuple[tuple[str, str | Promise], ...]] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = cls.__dict__.get("ready")
        if own is not None:
            setattr(cls, "ready", _refused_alone(own))  # noqa: B010 - a type checker refuses the assignment

    def import_models(self) -> None:
        """Load the plugin's models; one that fails has none, and the plugin is refused alone."""
        from regulars.plugins import loading

        try:
            super().import_models()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module does, the site stays up
            loading.refuse(self.label, loading.failed_to_load(error))
            apps.all_models[self.label].clear()
            self.models_module, self.models = None, apps.all_models[self.label]


def _refused_alone(ready: Callable[[Any], None]) -> Callable[[Any], None]:
    @wraps(ready)
    def guarded(config: PluginConfig) -> None:
        from regulars.plugins import loading

        if loading.is_refused(config.label):
            return
        try:
            ready(config)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module does, the site stays up
            loading.refuse(config.label, loading.failed_to_load(error))

    return guarded
