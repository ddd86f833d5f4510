"""Registers the room `operations` with Django."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The room `operations` of one business."""

    name = "regulars.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"
