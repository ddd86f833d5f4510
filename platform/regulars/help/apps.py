"""Registers the room `help` with Django."""

from django.apps import AppConfig


class HelpConfig(AppConfig):
    """The room `help` of one business; it has no tables."""

    name = "regulars.help"
    label = "help"
    default_auto_field = "django.db.models.BigAutoField"
