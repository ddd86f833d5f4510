"""How a plugin declares itself: one class in its `apps.py`, and nothing to wire."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Literal

from django.apps import AppConfig, apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Place = Literal["backoffice", "counter", "portal", "site", "messages"]
"""Where a module adds something that people see."""

Words = str | Promise


class PluginConfig(AppConfig):
    """What the house knows of a plugin before it does anything. `label` is its name in URLs, rows and commands.

    `verbose_name` and `summary` are its words on the shelf; `icon` a name of the shared sprite; `min_version` and
    `max_version` the versions of Regulars it works with, both included; `requires` the modules that must be on for it;
    `settings` a frozen dataclass of what a business may set, each field with a default (see `plugins.setting`);
    `permissions` the rights it adds, each a code, its words and which of the roles that every business has hold it
    besides the owner.

    The rest is told on the shelf before an owner decides: `picture` an SVG among the plugin's static files; `price` in
    words; `adds` what it adds and where; `stores` which data it keeps, in words, beside the tables that are found;
    `when_closing` and `when_off` what then becomes of members and of what they own.
    """

    default_auto_field = "django.db.models.BigAutoField"

    summary: ClassVar[Words] = ""
    icon: ClassVar[str] = "sparkles"
    picture: ClassVar[str] = ""
    price: ClassVar[Words] = _("Included")
    adds: ClassVar[tuple[tuple[Place, Words], ...]] = ()
    stores: ClassVar[tuple[Words, ...]] = ()
    when_closing: ClassVar[tuple[Words, ...]] = ()
    when_off: ClassVar[tuple[Words, ...]] = ()
    min_version: ClassVar[str] = ""
    max_version: ClassVar[str] = ""
    requires: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[type | None] = None
    permissions: ClassVar[tuple[tuple[str, Words, tuple[str, ...]], ...]] = ()

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
