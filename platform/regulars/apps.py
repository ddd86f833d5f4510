"""Registers the core itself with Django: its shared templates, static files and translations."""

from django.apps import AppConfig


class RegularsConfig(AppConfig):
    """The core package; it has no tables, its rooms do."""

    name = "regulars"
    label = "regulars"

    def ready(self) -> None:
        """Load the plugins, now that there are models, and name those that were refused."""
        from regulars.plugins import checks, loading  # noqa: F401

        loading.load()
