"""System checks of plugins: whoever was refused is named at every start, as a warning that stops nothing."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from regulars.plugins import loading


@register()
def refused_plugins(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """One warning for each plugin that was left out, with the reason in words."""
    return [
        Warning(
            f"The plugin “{each.name}” was refused. {each.reason}",
            hint="The rest of the site is up.",
            id="regulars.W001",
        )
        for each in loading.refused()
    ]
