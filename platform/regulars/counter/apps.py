"""Registers the room `counter` with Django."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    """The room `counter` of one business."""

    name = "regulars.counter"
    label = "counter"
    default_auto_field = "django.db.models.BigAutoField"
