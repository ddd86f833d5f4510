"""Registers the room `access` with Django."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The room `access` of one business."""

    name = "regulars.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
