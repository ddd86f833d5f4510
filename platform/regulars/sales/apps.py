"""Registers the room `sales` with Django."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """The room `sales` of one business."""

    name = "regulars.sales"
    label = "sales"
    default_auto_field = "django.db.models.BigAutoField"
