"""Registers the member-facing pages with Django."""

from django.apps import AppConfig


class CmsConfig(AppConfig):
    """Pages, blocks and presets of a business's site."""

    name = "cms"
    label = "cms"
    default_auto_field = "django.db.models.BigAutoField"
