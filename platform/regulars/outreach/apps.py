"""Registers the room `outreach` with Django."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    """The room `outreach` of one business."""

    name = "regulars.outreach"
    label = "outreach"
    default_auto_field = "django.db.models.BigAutoField"
