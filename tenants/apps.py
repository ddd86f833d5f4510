"""Registers the businesses with Django and closes the gaps through which one could see another."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Many businesses on one installation."""

    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Switch the guards on: querysets, objects and content types stay in the business they came from."""
        from tenants import checks, isolation, selectors  # noqa: F401 - importing the checks registers them

        isolation.guard()
        selectors.watch_domains()
