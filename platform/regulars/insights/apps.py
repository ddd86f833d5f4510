"""Registers the room `insights` with Django."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """The room `insights` of one business."""

    name = "regulars.insights"
    label = "insights"
    default_auto_field = "django.db.models.BigAutoField"
